package dev.wigwag.v2tim;

/** A member of a group, as they are read. */
public class V2TIMGroupMemberFullInfo extends V2TIMGroupMemberInfo {
    /** Which members are asked for; the numbers may be added up. */
    public static final int V2TIM_GROUP_MEMBER_FILTER_ALL = 0;
    public static final int V2TIM_GROUP_MEMBER_FILTER_OWNER = 1;
    public static final int V2TIM_GROUP_MEMBER_FILTER_ADMIN = 2;
    public static final int V2TIM_GROUP_MEMBER_FILTER_COMMON = 4;

    /** Not told. */
    public static final int V2TIM_GROUP_MEMBER_UNDEFINED = 0;
    /** Speaks, invites and adds. */
    public static final int V2TIM_GROUP_MEMBER_ROLE_MEMBER = 200;
    /** Removes members and changes the description, too. */
    public static final int V2TIM_GROUP_MEMBER_ROLE_ADMIN = 300;
    /** Does everything. */
    public static final int V2TIM_GROUP_MEMBER_ROLE_OWNER = 400;

    private final int role;
    private final long joinTime;

    V2TIMGroupMemberFullInfo(String userID, int role, long joinTime) {
        super(userID);
        this.role = role;
        this.joinTime = joinTime;
    }

    /** One of the numbers above. */
    public int getRole() {
        return role;
    }

    /** Server time, seconds. */
    public long getJoinTime() {
        return joinTime;
    }
}
