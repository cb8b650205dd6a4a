package dev.wigwag.v2tim;

import java.util.List;

/**
 * Told what happens to calls. Besides Tencent's.
 *
 * <p>Steps are told once, whichever way they are heard of; those of one's own too. What happened in a call before this device knew of it is not
 * told: {@link Calls#get} has it. After a restart what still rings is told again.
 */
public abstract class CallListener {
    /** Somebody calls: ring. Not for one's own calls, and not while one is busy. */
    public void onRing(CallRing ring) {}

    /** Ring no more. */
    public void onRingEnded(String inviteID, String callID, RingEnd why) {}

    /** Somebody called while one was busy; they were told. {@link Calls#list} has it as missed. */
    public void onMissedWhileBusy(CallRing ring) {}

    /** More people ring in a call. */
    public void onPeopleInvited(String callID, String by, List<String> userIDs) {}

    /** Somebody came in, or moved to another device of theirs. {@code deviceID} is empty when they have left it meanwhile. */
    public void onPersonJoined(String callID, String userID, String deviceID) {}

    /**
     * Somebody who was called will not come.
     *
     * @param state REJECTED, BUSY, TIMED_OUT, CANCELLED or REMOVED
     */
    public void onPersonDeclined(String callID, String userID, CallState state) {}

    /** Somebody who was in it is in it no more. */
    public void onPersonLeft(String callID, String userID, CallLeaveReason reason) {}

    /** The call is over. People who were in it until then are not told one by one. */
    public void onCallEnded(String callID, CallEndReason reason, long durationMs) {}

    /** Somebody in the call sent this to one, or to all others. */
    public void onCallSignal(String callID, String sender, String deviceID, String data) {}

    /** One looked at missed calls on another device. */
    public void onMissedCallsSeen(long upTo) {}
}
