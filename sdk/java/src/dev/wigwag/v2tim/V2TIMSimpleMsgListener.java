package dev.wigwag.v2tim;

/** Told of text and custom messages that are not signaling. */
public abstract class V2TIMSimpleMsgListener {
    public void onRecvC2CTextMessage(String msgID, V2TIMUserInfo sender, String text) {}

    public void onRecvC2CCustomMessage(String msgID, V2TIMUserInfo sender, byte[] customData) {}

    public void onRecvGroupTextMessage(String msgID, String groupID, V2TIMGroupMemberInfo sender, String text) {}

    public void onRecvGroupCustomMessage(String msgID, String groupID, V2TIMGroupMemberInfo sender, byte[] customData) {}
}
