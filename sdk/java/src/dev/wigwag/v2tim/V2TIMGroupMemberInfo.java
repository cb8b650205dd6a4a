package dev.wigwag.v2tim;

/** A member of a group. */
public class V2TIMGroupMemberInfo {
    private final String userID;

    V2TIMGroupMemberInfo(String userID) {
        this.userID = userID;
    }

    public String getUserID() {
        return userID;
    }
}
