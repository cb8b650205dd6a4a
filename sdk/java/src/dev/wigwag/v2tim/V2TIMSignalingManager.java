package dev.wigwag.v2tim;

import java.util.List;

/** Invitations: invite, cancel, accept, reject. Who wins a race, and who is told, is decided by the server. */
public abstract class V2TIMSignalingManager {
    /** Adds a listener; null, and the same again, change nothing. It stays from login to login. */
    public abstract void addSignalingListener(V2TIMSignalingListener listener);

    /** Removes a listener. No call begins afterwards; one that has begun on another thread may still run. */
    public abstract void removeSignalingListener(V2TIMSignalingListener listener);

    /**
     * Invites one user. When the callback is told 9520 or 9508 the invitation may have been made.
     *
     * @param data the app's own payload, at most 16 KiB by the server's default; null is empty
     * @param onlineUserOnly leaves no message, and reaches only users who are online; the same for all that follows from it
     * @param offlinePushInfo kept as it is for the server's push adapters; may be null
     * @param timeout seconds; 0 = no deadline and no onInvitationTimeout
     * @return the inviteID, at once; null when a parameter is wrong or nobody is signed in
     */
    public abstract String invite(String invitee, String data, boolean onlineUserOnly, V2TIMOfflinePushInfo offlinePushInfo, int timeout,
            V2TIMCallback callback);

    /**
     * Invites some members of a group. Those who are no members are left out; when nobody is left the invitation is refused (10004).
     *
     * @return the inviteID, at once; null when a parameter is wrong or nobody is signed in
     */
    public abstract String inviteInGroup(String groupID, List<String> inviteeList, String data, boolean onlineUserOnly, int timeout,
            V2TIMCallback callback);

    /** Takes one's invitation back. Refused with 8010 when nobody is pending any more, 8011 unless one is the inviter. */
    public abstract void cancel(String inviteID, String data, V2TIMCallback callback);

    /** Accepts an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited. */
    public abstract void accept(String inviteID, String data, V2TIMCallback callback);

    /** Rejects an invitation. Refused with 8010 when somebody or something was faster, 8011 unless one is invited. */
    public abstract void reject(String inviteID, String data, V2TIMCallback callback);

    /** What a message says about an invitation; null when it is not signaling. */
    public abstract V2TIMSignalingInfo getSignalingInfo(V2TIMMessage msg);

    /**
     * Makes an invitation known that was told another way, such as by a push. Refused with 8010 when there is no such invitation or it has ended,
     * and with 8012 when it is open and known: after a login all that are open are.
     */
    public abstract void addInvitedSignaling(V2TIMSignalingInfo info, V2TIMCallback callback);

    /** Replaces an invitation's data. Refused with 8010 when it has ended or is for those online only, 8011 unless one has a part in it. */
    public abstract void modifyInvitation(String inviteID, String data, V2TIMCallback callback);
}
