import dev.wigwag.v2tim.*;
import java.util.ArrayList;
import java.util.List;

/** An app's code as it is written for Tencent's SDK, with other imports: it compiles, and each name is there. It asks nothing of a server. */
final class Declarations {
    private Declarations() {}

    private static final V2TIMSignalingListener LISTENER = new V2TIMSignalingListener() {
        @Override
        public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {}

        @Override
        public void onInviteeAccepted(String inviteID, String invitee, String data) {}

        @Override
        public void onInviteeRejected(String inviteID, String invitee, String data) {}

        @Override
        public void onInvitationCancelled(String inviteID, String inviter, String data) {}

        @Override
        public void onInvitationTimeout(String inviteID, List<String> inviteeList) {}

        @Override
        public void onInvitationModified(String inviteID, String data) {}
    };

    private static final V2TIMCallback CALLBACK = new V2TIMCallback() {
        @Override
        public void onSuccess() {}

        @Override
        public void onError(int code, String desc) {}
    };

    private static void signaling() {
        V2TIMSignalingManager manager = V2TIMManager.getSignalingManager();
        manager.addSignalingListener(LISTENER);
        V2TIMOfflinePushInfo push = new V2TIMOfflinePushInfo();
        push.setTitle("title");
        push.setDesc("desc");
        push.setExt(new byte[0]);
        push.disablePush(false);
        push.setIOSSound("sound");
        push.setIgnoreIOSBadge(true);
        push.setAndroidOPPOChannelID("tuikit");
        String one = manager.invite("bob", "data", false, push, 30, CALLBACK);
        List<String> invitees = new ArrayList<>();
        String some = manager.inviteInGroup("group", invitees, "data", true, 0, CALLBACK);
        Checks.check(one == null && some == null);
        manager.cancel("id", "data", CALLBACK);
        manager.accept("id", "data", CALLBACK);
        manager.reject("id", "data", CALLBACK);
        manager.modifyInvitation("id", "data", CALLBACK);
        V2TIMSignalingInfo info = manager.getSignalingInfo(V2TIMManager.getMessageManager().createTextMessage("no signaling"));
        Checks.check(info == null);
        info = new V2TIMSignalingInfo();
        info.setInviteID("id");
        info.setGroupID("group");
        info.setInviter("alice");
        info.setInviteeList(invitees);
        info.setData("data");
        info.setTimeout(30);
        info.setActionType(V2TIMSignalingInfo.SIGNALING_ACTION_TYPE_INVITE);
        manager.addInvitedSignaling(info, CALLBACK);
        manager.removeSignalingListener(LISTENER);
    }

    private static void theRest() {
        V2TIMManager manager = V2TIMManager.getInstance();
        V2TIMSDKListener listener = new V2TIMSDKListener() {};
        manager.addIMSDKListener(listener);
        manager.removeIMSDKListener(listener);
        V2TIMSDKConfig config = new V2TIMSDKConfig();
        config.setLogLevel(V2TIMSDKConfig.V2TIM_LOG_NONE);
        Checks.check(!manager.initSDK(null, 1400000000, config));
        Checks.check(manager.getLoginUser() == null && manager.getLoginStatus() == V2TIMManager.V2TIM_STATUS_LOGOUT);
        Checks.check(manager.getServerTime() == 0 && manager.getVersion().contains("."));
        V2TIMAdvancedMsgListener advanced = new V2TIMAdvancedMsgListener() {};
        V2TIMMessageManager messages = V2TIMManager.getMessageManager();
        messages.addAdvancedMsgListener(advanced);
        messages.removeAdvancedMsgListener(advanced);
        V2TIMMessage custom = messages.createCustomMessage("data".getBytes(), "description", "extension".getBytes());
        Checks.check(custom.getElemType() == V2TIMMessage.V2TIM_ELEM_TYPE_CUSTOM && custom.getCustomElem().getData().length == 4);
        Checks.check(custom.getGroupID() == null && custom.getUserID() == null && custom.getTextElem() == null);
        V2TIMSimpleMsgListener simple = new V2TIMSimpleMsgListener() {};
        manager.addSimpleMsgListener(simple);
        manager.removeSimpleMsgListener(simple);
        manager.sendGroupTextMessage("text", "group", V2TIMMessage.V2TIM_PRIORITY_HIGH, null);
        manager.joinGroup("group", "message", null);
        manager.quitGroup("group", null);
        manager.unInitSDK();
    }

    public static void main(String[] words) {
        signaling();
        theRest();
        System.out.println("every method is declared");
    }
}
