package dev.wigwag.v2tim;

/** Who sent a message. */
public class V2TIMUserInfo {
    private final String userID;

    V2TIMUserInfo(String userID) {
        this.userID = userID;
    }

    public String getUserID() {
        return userID;
    }
}
