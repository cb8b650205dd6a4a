package dev.wigwag.v2tim;

/** How to call somebody. Besides Tencent's. */
public final class CallOptions {
    private String mediaType = "video";
    private String roomID = "";
    private String data = "";
    private int timeout = 30;
    private boolean onlineUserOnly;
    private V2TIMOfflinePushInfo offlinePushInfo;

    public String getMediaType() {
        return mediaType;
    }

    /** "audio", "video" or a word of the app's. Default: "video". */
    public void setMediaType(String word) {
        mediaType = word;
    }

    public String getRoomID() {
        return roomID;
    }

    /** The room of a running call, to ring more people into it, or a name of the app's for a new one. Default: a new room. */
    public void setRoomID(String name) {
        roomID = name;
    }

    public String getData() {
        return data;
    }

    /** The app's own, for those who ring. */
    public void setData(String payload) {
        data = payload;
    }

    public int getTimeout() {
        return timeout;
    }

    /** Seconds; 0 = without an end. Default: 30. */
    public void setTimeout(int seconds) {
        timeout = seconds;
    }

    public boolean isOnlineUserOnly() {
        return onlineUserOnly;
    }

    /** Leaves no message, and reaches only users who are online. */
    public void setOnlineUserOnly(boolean only) {
        onlineUserOnly = only;
    }

    public V2TIMOfflinePushInfo getOfflinePushInfo() {
        return offlinePushInfo;
    }

    /** For the server's push adapters; null is none. */
    public void setOfflinePushInfo(V2TIMOfflinePushInfo info) {
        offlinePushInfo = info;
    }
}
