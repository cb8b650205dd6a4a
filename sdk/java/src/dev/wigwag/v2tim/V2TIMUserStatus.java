package dev.wigwag.v2tim;

/** How a user is. */
public class V2TIMUserStatus {
    /** Of users who do not know one. */
    public static final int V2TIM_USER_STATUS_UNKNOWN = 0;
    public static final int V2TIM_USER_STATUS_ONLINE = 1;
    public static final int V2TIM_USER_STATUS_OFFLINE = 2;
    /** Does not come: who has never signed in is offline. */
    public static final int V2TIM_USER_STATUS_UNLOGINED = 3;

    private final String userID;
    private final int statusType;
    private String customStatus;

    /** For {@link V2TIMManager#setSelfStatus}, which takes what one says of oneself. */
    public V2TIMUserStatus() {
        this("", V2TIM_USER_STATUS_UNKNOWN, "");
    }

    V2TIMUserStatus(String userID, int statusType, String customStatus) {
        this.userID = userID;
        this.statusType = statusType;
        this.customStatus = customStatus;
    }

    public String getUserID() {
        return userID;
    }

    /** One of the four numbers above. */
    public int getStatusType() {
        return statusType;
    }

    /** What they say of themselves while they are online, at most 100 bytes; empty when that is nothing. */
    public String getCustomStatus() {
        return customStatus;
    }

    public void setCustomStatus(String customStatus) {
        this.customStatus = customStatus;
    }
}
