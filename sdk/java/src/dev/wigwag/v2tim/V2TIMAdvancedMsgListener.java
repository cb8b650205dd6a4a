package dev.wigwag.v2tim;

import java.util.List;

/** Told of every message, signaling included. */
public abstract class V2TIMAdvancedMsgListener {
    /** A message came. Every signaling action that leaves a message is one of them, one's own included. */
    public void onRecvNewMessage(V2TIMMessage msg) {}

    /** A user has read what one sent them. */
    public void onRecvC2CReadReceipt(List<V2TIMMessageReceipt> receiptList) {}

    /** A message was taken back. */
    public void onRecvMessageRevoked(String msgID) {}
}
