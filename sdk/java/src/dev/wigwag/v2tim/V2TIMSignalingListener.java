package dev.wigwag.v2tim;

import java.util.List;

/** Told what happens to invitations. */
public abstract class V2TIMSignalingListener {
    /**
     * Somebody is invited; after a login also for each open invitation that waits for one's answer. In a group every member is told: look whether
     * you are in {@code inviteeList}.
     *
     * @param groupID empty one-to-one
     */
    public void onReceiveNewInvitation(String inviteID, String inviter, String groupID, List<String> inviteeList, String data) {}

    /** An invitee accepted; oneself, when it was on another device. In a group every member is told. */
    public void onInviteeAccepted(String inviteID, String invitee, String data) {}

    /** An invitee rejected, or left the group; oneself, when it was on another device. In a group every member is told. */
    public void onInviteeRejected(String inviteID, String invitee, String data) {}

    /** The inviter took it back, left the group or dismissed it. */
    public void onInvitationCancelled(String inviteID, String inviter, String data) {}

    /** The deadline passed; once, with everybody who had not answered. Comes at the deadline also while this device is offline. */
    public void onInvitationTimeout(String inviteID, List<String> inviteeList) {}

    /** Its data was replaced. */
    public void onInvitationModified(String inviteID, String data) {}
}
