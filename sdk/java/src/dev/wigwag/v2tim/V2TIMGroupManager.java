package dev.wigwag.v2tim;

import java.util.List;
import java.util.Map;

/** Groups beyond what {@link V2TIMManager} has. Its listeners are added there. */
public abstract class V2TIMGroupManager {
    /**
     * Creates a group and owns it; gives its groupID. First members who do not exist, or do not let one add them, are left out.
     *
     * @param memberList may be null
     */
    public abstract void createGroup(V2TIMGroupInfo info, List<V2TIMCreateGroupMemberInfo> memberList, V2TIMValueCallback<String> callback);

    /** Gives the groups one is in; at most 10,000. */
    public abstract void getJoinedGroupList(V2TIMValueCallback<List<V2TIMGroupInfo>> callback);

    /** Gives descriptions of groups one is in, 1 to 50 of them, in the order asked for. */
    public abstract void getGroupsInfo(List<String> groupIDList, V2TIMValueCallback<List<V2TIMGroupInfoResult>> callback);

    /** Changes the name and the rule for joining, as far as they were set; for owners and admins. */
    public abstract void setGroupInfo(V2TIMGroupInfo info, V2TIMCallback callback);

    /**
     * Pages through the members, 100 at once, in byte order of their userIDs.
     *
     * @param filter see {@link V2TIMGroupMemberFullInfo}; a page has only those of the 100 that it lets through
     * @param nextSeq 0 for the first page, then what the page before gave. The newest 1,000 such numbers are known; others fail with 6017
     */
    public abstract void getGroupMemberList(String groupID, int filter, long nextSeq, V2TIMValueCallback<V2TIMGroupMemberInfoResult> callback);

    /** Adds users to a group, 1 to 100. All of them or, when one does not exist or does not let one add them, none. */
    public abstract void inviteUserToGroup(String groupID, List<String> userList,
            V2TIMValueCallback<List<V2TIMGroupMemberOperationResult>> callback);

    /** Removes members from a group, 1 to 100, whose role is below one's own. {@code reason} is taken and not used. */
    public abstract void kickGroupMember(String groupID, List<String> memberList, String reason,
            V2TIMValueCallback<List<V2TIMGroupMemberOperationResult>> callback);

    /**
     * Makes a member an admin, or an admin a member; for the owner.
     *
     * @param role 200 or 300, see {@link V2TIMGroupMemberFullInfo}
     */
    public abstract void setGroupMemberRole(String groupID, String userID, int role, V2TIMCallback callback);

    /** Hands one's group over; one is an admin from then on. */
    public abstract void transferGroupOwner(String groupID, String userID, V2TIMCallback callback);

    /**
     * Sets some of a group's counters, which every member may; gives what they are now. At most 20 in a group, keys of 1 to 128 bytes, values
     * at most 2^53 - 1 from 0. Fails with 8511 over 5 changes a second in a group.
     */
    public abstract void setGroupCounters(String groupID, Map<String, Long> counters, V2TIMValueCallback<Map<String, Long>> callback);

    /**
     * Gives some of a group's counters.
     *
     * @param keys null or empty: all
     */
    public abstract void getGroupCounters(String groupID, List<String> keys, V2TIMValueCallback<Map<String, Long>> callback);

    /** Adds to a counter, which begins at 0; gives what it is now. The server adds, so that of two who do it at once both count. */
    public abstract void increaseGroupCounter(String groupID, String key, long value, V2TIMValueCallback<Map<String, Long>> callback);

    /** Takes from a counter, likewise. */
    public abstract void decreaseGroupCounter(String groupID, String key, long value, V2TIMValueCallback<Map<String, Long>> callback);
}
