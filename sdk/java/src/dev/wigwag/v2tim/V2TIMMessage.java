package dev.wigwag.v2tim;

/** A message. */
public class V2TIMMessage {
    /** A type that this interface has no element for. */
    public static final int V2TIM_ELEM_TYPE_NONE = 0;
    public static final int V2TIM_ELEM_TYPE_TEXT = 1;
    public static final int V2TIM_ELEM_TYPE_CUSTOM = 2;

    public static final int V2TIM_MSG_STATUS_SENDING = 1;
    public static final int V2TIM_MSG_STATUS_SEND_SUCC = 2;
    public static final int V2TIM_MSG_STATUS_SEND_FAIL = 3;
    /** Taken back by its sender. */
    public static final int V2TIM_MSG_STATUS_LOCAL_REVOKED = 6;

    public static final int V2TIM_PRIORITY_DEFAULT = 0;
    public static final int V2TIM_PRIORITY_HIGH = 1;
    public static final int V2TIM_PRIORITY_NORMAL = 2;
    public static final int V2TIM_PRIORITY_LOW = 3;

    String msgID = "";
    long timestamp;
    String sender = "";
    String groupID = "";
    String userID = "";
    long seq;
    int status = V2TIM_MSG_STATUS_SENDING;
    V2TIMElem elem;
    boolean isSelf;
    int priority = V2TIM_PRIORITY_NORMAL;
    private String cloudCustomData = "";
    private boolean needReadReceipt;
    private boolean excludedFromUnreadCount;
    private boolean excludedFromLastMessage;

    V2TIMMessage(V2TIMElem elem) {
        this.elem = elem;
    }

    /** The server's name for it; before it is sent the client's own. */
    public String getMsgID() {
        return msgID;
    }

    /** Server time, seconds. */
    public long getTimestamp() {
        return timestamp;
    }

    public String getSender() {
        return sender;
    }

    /** The group; null one-to-one. */
    public String getGroupID() {
        return groupID.isEmpty() ? null : groupID;
    }

    /** The other user; null in groups. */
    public String getUserID() {
        return userID.isEmpty() ? null : userID;
    }

    /** Place in the conversation: 1, 2, 3 … without gap; 0 when only those online get it. */
    public long getSeq() {
        return seq;
    }

    public int getStatus() {
        return status;
    }

    public int getElemType() {
        return elem instanceof V2TIMTextElem ? V2TIM_ELEM_TYPE_TEXT
                : elem instanceof V2TIMCustomElem ? V2TIM_ELEM_TYPE_CUSTOM : V2TIM_ELEM_TYPE_NONE;
    }

    /** Null when it is no text. */
    public V2TIMTextElem getTextElem() {
        return elem instanceof V2TIMTextElem ? (V2TIMTextElem) elem : null;
    }

    /** Null when it is no custom message. */
    public V2TIMCustomElem getCustomElem() {
        return elem instanceof V2TIMCustomElem ? (V2TIMCustomElem) elem : null;
    }

    public String getCloudCustomData() {
        return cloudCustomData;
    }

    public void setCloudCustomData(String data) {
        cloudCustomData = data;
    }

    /** Whether one sent it oneself, on whichever device. */
    public boolean isSelf() {
        return isSelf;
    }

    public int getPriority() {
        return priority;
    }

    public boolean isNeedReadReceipt() {
        return needReadReceipt;
    }

    public void setNeedReadReceipt(boolean need) {
        needReadReceipt = need;
    }

    public boolean isExcludedFromUnreadCount() {
        return excludedFromUnreadCount;
    }

    public void setExcludedFromUnreadCount(boolean excluded) {
        excludedFromUnreadCount = excluded;
    }

    public boolean isExcludedFromLastMessage() {
        return excludedFromLastMessage;
    }

    public void setExcludedFromLastMessage(boolean excluded) {
        excludedFromLastMessage = excluded;
    }
}
