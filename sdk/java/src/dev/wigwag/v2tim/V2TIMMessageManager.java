package dev.wigwag.v2tim;

import java.util.List;

/** Messages: made, sent, read. */
public abstract class V2TIMMessageManager {
    /** Adds a listener; null, and the same again, change nothing. It stays from login to login. */
    public abstract void addAdvancedMsgListener(V2TIMAdvancedMsgListener listener);

    /** Removes a listener. No call begins afterwards; one that has begun on another thread may still run. */
    public abstract void removeAdvancedMsgListener(V2TIMAdvancedMsgListener listener);

    /** A message to be sent. */
    public abstract V2TIMMessage createTextMessage(String text);

    /** A message to be sent, of the app's own bytes; UTF-8, because the server keeps texts. */
    public abstract V2TIMMessage createCustomMessage(byte[] data);

    /** The same with a description and more bytes. */
    public abstract V2TIMMessage createCustomMessage(byte[] data, String description, byte[] extension);

    /**
     * Sends a message that was made before, to either a user or a group. One that failed can be sent again; it arrives once.
     *
     * @param receiver a userID; null or empty for a group
     * @param groupID null or empty for a user
     * @param offlinePushInfo kept as it is for the server's push adapters; may be null
     * @return the message's name; null when a parameter is wrong or nobody is signed in
     */
    public abstract String sendMessage(V2TIMMessage message, String receiver, String groupID, int priority, boolean onlineUserOnly,
            V2TIMOfflinePushInfo offlinePushInfo, V2TIMSendCallback<V2TIMMessage> callback);

    /**
     * Reads one-to-one messages, newest first.
     *
     * @param count 1 to 100; perhaps fewer come
     * @param lastMsg null for the newest; else those before it
     */
    public abstract void getC2CHistoryMessageList(String userID, int count, V2TIMMessage lastMsg,
            V2TIMValueCallback<List<V2TIMMessage>> callback);

    /** Reads a group's messages in the same way. */
    public abstract void getGroupHistoryMessageList(String groupID, int count, V2TIMMessage lastMsg,
            V2TIMValueCallback<List<V2TIMMessage>> callback);

    /** Takes one's own message back, within the server's window. */
    public abstract void revokeMessage(V2TIMMessage msg, V2TIMCallback callback);

    /** Marks everything with a user as read. */
    public abstract void markC2CMessageAsRead(String userID, V2TIMCallback callback);

    /** Marks everything in a group as read. */
    public abstract void markGroupMessageAsRead(String groupID, V2TIMCallback callback);
}
