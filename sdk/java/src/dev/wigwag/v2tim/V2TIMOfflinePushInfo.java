package dev.wigwag.v2tim;

import dev.wigwag.internal.JsonObject;
import dev.wigwag.internal.Texts;

/** Push settings. They are kept as they are for the server's push adapters; an empty one says nothing. */
public class V2TIMOfflinePushInfo {
    private String title = "";
    private String desc = "";
    private byte[] ext = {};
    private boolean disablePush;
    private String iOSSound = "";
    private boolean ignoreIOSBadge;
    private String androidSound = "";
    private String androidOPPOChannelID = "";
    private String androidFCMChannelID = "";
    private String androidXiaoMiChannelID = "";
    private String androidVIVOCategory = "";
    private String androidHuaWeiCategory = "";
    private String androidOPPOCategory = "";
    private String harmonyCategory = "";

    public String getTitle() {
        return title;
    }

    public void setTitle(String text) {
        title = text;
    }

    public String getDesc() {
        return desc;
    }

    public void setDesc(String text) {
        desc = text;
    }

    public byte[] getExt() {
        return ext;
    }

    /** The app's own; UTF-8, because the server keeps texts. */
    public void setExt(byte[] bytes) {
        ext = bytes;
    }

    public boolean isDisablePush() {
        return disablePush;
    }

    public void disablePush(boolean on) {
        disablePush = on;
    }

    public String getIOSSound() {
        return iOSSound;
    }

    public void setIOSSound(String text) {
        iOSSound = text;
    }

    public boolean isIgnoreIOSBadge() {
        return ignoreIOSBadge;
    }

    public void setIgnoreIOSBadge(boolean on) {
        ignoreIOSBadge = on;
    }

    public String getAndroidSound() {
        return androidSound;
    }

    public void setAndroidSound(String text) {
        androidSound = text;
    }

    public String getAndroidOPPOChannelID() {
        return androidOPPOChannelID;
    }

    public void setAndroidOPPOChannelID(String text) {
        androidOPPOChannelID = text;
    }

    public String getAndroidFCMChannelID() {
        return androidFCMChannelID;
    }

    public void setAndroidFCMChannelID(String text) {
        androidFCMChannelID = text;
    }

    public String getAndroidXiaoMiChannelID() {
        return androidXiaoMiChannelID;
    }

    public void setAndroidXiaoMiChannelID(String text) {
        androidXiaoMiChannelID = text;
    }

    public String getAndroidVIVOCategory() {
        return androidVIVOCategory;
    }

    public void setAndroidVIVOCategory(String text) {
        androidVIVOCategory = text;
    }

    public String getAndroidHuaWeiCategory() {
        return androidHuaWeiCategory;
    }

    public void setAndroidHuaWeiCategory(String text) {
        androidHuaWeiCategory = text;
    }

    public String getAndroidOPPOCategory() {
        return androidOPPOCategory;
    }

    public void setAndroidOPPOCategory(String text) {
        androidOPPOCategory = text;
    }

    public String getHarmonyCategory() {
        return harmonyCategory;
    }

    public void setHarmonyCategory(String text) {
        harmonyCategory = text;
    }

    /** Empty when nothing is set; what is not UTF-8 is thrown. */
    String json() {
        JsonObject json = new JsonObject();
        json.textIfAny("title", title);
        json.textIfAny("desc", desc);
        json.textIfAny("ext", Texts.strictly("ext", ext));
        json.flag("disablePush", disablePush);
        json.textIfAny("iOSSound", iOSSound);
        json.flag("ignoreIOSBadge", ignoreIOSBadge);
        json.textIfAny("androidSound", androidSound);
        json.textIfAny("androidOPPOChannelID", androidOPPOChannelID);
        json.textIfAny("androidFCMChannelID", androidFCMChannelID);
        json.textIfAny("androidXiaoMiChannelID", androidXiaoMiChannelID);
        json.textIfAny("androidVIVOCategory", androidVIVOCategory);
        json.textIfAny("androidHuaWeiCategory", androidHuaWeiCategory);
        json.textIfAny("androidOPPOCategory", androidOPPOCategory);
        json.textIfAny("harmonyCategory", harmonyCategory);
        return json.isEmpty() ? "" : json.done();
    }

    /** Of one that may be null. */
    static String jsonOf(V2TIMOfflinePushInfo info) {
        return info == null ? "" : info.json();
    }
}
