package dev.wigwag.v2tim;

import java.util.List;

/**
 * Calls of the user who is signed in: who rings, who is in them, how they end. Besides Tencent's: {@link V2TIMManager#getCalls}.
 *
 * <p>A call is named by its callID, which is the inviteID of the invitation that opened it. Who wins a race, who is busy and when a call is over is
 * decided by the server; docs/semantics.md, "Calls", has the rules. Callbacks may be null.
 */
public abstract class Calls {
    /** Adds a listener; the same again changes nothing. It stays from login to login. */
    public abstract void addListener(CallListener listener);

    /** Removes a listener. No call of it begins afterwards. */
    public abstract void removeListener(CallListener listener);

    /**
     * Calls one user. Gives the inviteID at once, which is the callID of a new call; null when the parameters are wrong or nobody is signed in. The
     * callback is told what is needed to take part; where the two called each other, {@link CallEntry#getAccepted} says which invitation was taken.
     *
     * @param options null is the defaults
     */
    public abstract String invite(String invitee, CallOptions options, V2TIMValueCallback<CallEntry> callback);

    /** Calls some members of a group. Those who are no members are left out. */
    public abstract String inviteInGroup(String groupID, List<String> inviteeList, CallOptions options,
            V2TIMValueCallback<CallEntry> callback);

    /** Comes in. Refused with 8010 when somebody or something was faster. */
    public abstract void accept(String inviteID, String data, V2TIMValueCallback<CallEntry> callback);

    /** Says no. */
    public abstract void reject(String inviteID, String data, V2TIMCallback callback);

    /** Takes one's invitation back: from these invitees, or from everybody where the list is null or empty. */
    public abstract void cancel(String inviteID, List<String> inviteeList, String data, V2TIMCallback callback);

    /** Leaves a call. While it rings for one it is the reject, and while one is alone in it, the cancel. */
    public abstract void hangUp(String callID, V2TIMCallback callback);

    /**
     * Comes into a call of one's group without an invitation, or again, or with this device; on the device that is in it, gives fresh media.
     */
    public abstract void join(String callID, V2TIMValueCallback<CallEntry> callback);

    /**
     * Sends something to one person in the call, or to all others where {@code to} is null or empty: what their devices say to each other to connect.
     * It is not stored. Bundle what comes together.
     */
    public abstract void signal(String callID, String to, String data, V2TIMCallback callback);

    /** Gives the calls that run as far as this device was told, oldest first. Nothing is asked. */
    public abstract List<Call> running();

    /** Reads one call from the server, running or over. */
    public abstract void get(String callID, V2TIMValueCallback<Call> callback);

    /** Reads the newest running call of a group. */
    public abstract void getOfGroup(String groupID, V2TIMValueCallback<Call> callback);

    /**
     * Pages through one's calls, the newest first.
     *
     * @param onlyMissed a page of missed calls may be short, or empty, and still have a next one
     * @param after null or empty for the first page, then {@link CallPage#getNext} of the page before
     */
    public abstract void list(boolean onlyMissed, String after, V2TIMValueCallback<CallPage> callback);

    /** Notes that missed calls that began up to then were looked at, server time in ms. */
    public abstract void markSeen(long upTo, V2TIMCallback callback);
}
