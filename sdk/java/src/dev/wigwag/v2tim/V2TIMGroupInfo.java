package dev.wigwag.v2tim;

/** A group's description. */
public class V2TIMGroupInfo {
    /** Nobody joins by themselves: members add others. */
    public static final int V2TIM_GROUP_ADD_FORBID = 0;
    /** There are no applications here, so it means the same as FORBID. */
    public static final int V2TIM_GROUP_ADD_AUTH = 1;
    /** Anybody may join. */
    public static final int V2TIM_GROUP_ADD_ANY = 2;

    long createTime;
    int memberCount;
    String owner = "";
    private String groupID = "";
    private String groupType = "";
    private String groupName = "";
    private int groupAddOpt;
    /** What the app has set: only that is changed by setGroupInfo, or counts in createGroup. */
    private boolean isNamed;
    private boolean isAddOptGiven;

    public String getGroupID() {
        return groupID;
    }

    /** Left out in createGroup: the server makes one. */
    public void setGroupID(String groupID) {
        this.groupID = groupID;
    }

    public String getGroupType() {
        return groupType;
    }

    /** "Work" groups are filled by their members; all others, such as "Public", "Meeting" and "AVChatRoom", can be joined by anybody. */
    public void setGroupType(String groupType) {
        this.groupType = groupType;
    }

    public String getGroupName() {
        return groupName;
    }

    /** Shown to people. */
    public void setGroupName(String groupName) {
        this.groupName = groupName;
        isNamed = true;
    }

    /** The userID of the one who owns it. */
    public String getOwner() {
        return owner;
    }

    /** Server time, seconds. */
    public long getCreateTime() {
        return createTime;
    }

    public int getMemberCount() {
        return memberCount;
    }

    /** One of the three numbers above. */
    public int getGroupAddOpt() {
        return groupAddOpt;
    }

    /** Left out in createGroup: as the type says. */
    public void setGroupAddOpt(int groupAddOpt) {
        this.groupAddOpt = groupAddOpt;
        isAddOptGiven = true;
    }

    boolean isNamed() {
        return isNamed;
    }

    boolean isAddOptGiven() {
        return isAddOptGiven;
    }

    /** What was read is not what the app has set. */
    V2TIMGroupInfo asRead() {
        isNamed = false;
        isAddOptGiven = false;
        return this;
    }
}
