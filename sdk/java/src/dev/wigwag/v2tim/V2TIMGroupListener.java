package dev.wigwag.v2tim;

import java.util.List;

/** Told what happens to one's groups. */
public abstract class V2TIMGroupListener {
    /** Members joined by themselves. */
    public void onMemberEnter(String groupID, List<V2TIMGroupMemberInfo> memberList) {}

    /** A member left. */
    public void onMemberLeave(String groupID, V2TIMGroupMemberInfo member) {}

    /** Members were added by another; perhaps oneself. */
    public void onMemberInvited(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {}

    /** Members were removed; perhaps oneself. */
    public void onMemberKicked(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {}

    /** One created a group on another device. */
    public void onGroupCreated(String groupID) {}

    /** The group is no more. */
    public void onGroupDismissed(String groupID, V2TIMGroupMemberInfo opUser) {}

    /** Its name, its rule for joining or its owner changed; the name is told in the first two cases. */
    public void onGroupInfoChanged(String groupID, List<V2TIMGroupChangeInfo> changeInfos) {}

    /** Members became admins. */
    public void onGrantAdministrator(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {}

    /** Members are admins no more. */
    public void onRevokeAdministrator(String groupID, V2TIMGroupMemberInfo opUser, List<V2TIMGroupMemberInfo> memberList) {}

    /** One left the group on another device. */
    public void onQuitFromGroup(String groupID) {}

    /** A back end tells members something. */
    public void onReceiveRESTCustomData(String groupID, byte[] customData) {}

    /** Another member, or one's other device, changed a counter. What changed while one was offline is not told: read the counters again. */
    public void onGroupCounterChanged(String groupID, String key, long newValue) {}
}
