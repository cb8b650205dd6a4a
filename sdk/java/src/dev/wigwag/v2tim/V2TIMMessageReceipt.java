package dev.wigwag.v2tim;

/** Who has read, and when. */
public class V2TIMMessageReceipt {
    private final String userID;
    private final long timestamp;

    V2TIMMessageReceipt(String userID, long timestamp) {
        this.userID = userID;
        this.timestamp = timestamp;
    }

    public String getUserID() {
        return userID;
    }

    /** Server time, seconds. */
    public long getTimestamp() {
        return timestamp;
    }
}
