package dev.wigwag.v2tim;

/** A first member of a new group. */
public class V2TIMCreateGroupMemberInfo {
    private String userID = "";
    private int role = V2TIMGroupMemberFullInfo.V2TIM_GROUP_MEMBER_ROLE_MEMBER;

    public String getUserID() {
        return userID;
    }

    public void setUserID(String userID) {
        this.userID = userID;
    }

    public int getRole() {
        return role;
    }

    /** A first member is a member, whatever is given here. */
    public void setRole(int role) {
        this.role = role;
    }
}
