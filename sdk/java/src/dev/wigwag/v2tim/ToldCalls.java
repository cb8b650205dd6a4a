package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What one login was told of calls, and what rings. The next login is told anew. */
final class ToldCalls {
    /** Ten times what may be open for one invitee by the server's default. */
    private static final int MOST_RINGS = 1_000;
    /** As many as the client keeps. */
    private static final int MOST_CALLS = 200;

    /** The calls of what rings, by inviteID. */
    private final Map<String, String> rings = new Newest<>(MOST_RINGS);
    private final Map<String, ToldCall> calls = new Newest<>(MOST_CALLS);

    /** Whether it rings only now. */
    synchronized boolean rings(CallRing ring) {
        return rings.put(ring.getInviteID(), ring.getCallID()) == null;
    }

    /** Gives the call of what rings no more; null when it did not ring. */
    synchronized String endRing(String inviteID) {
        return rings.remove(inviteID);
    }

    /** What rings for a call. */
    synchronized List<String> ringsOf(String callID) {
        List<String> found = new ArrayList<>();
        rings.forEach((inviteID, of) -> {
            if (of.equals(callID)) {
                found.add(inviteID);
            }
        });
        return found;
    }

    /** A call began, as far as this device knows. */
    synchronized void open(CallRing ring, String deviceID, List<String> busy) {
        if (ring.opens() && !calls.containsKey(ring.getCallID())) {
            calls.put(ring.getCallID(), ToldCall.opened(ring, deviceID, busy));
        }
    }

    /** What is to be told of a call that stands so now; nothing when this login was not told that it began. */
    synchronized List<ToldCall.Step> catchUp(Call known) {
        ToldCall told = calls.get(known.getCallID());
        return told == null ? Collections.<ToldCall.Step>emptyList() : told.becomes(known);
    }

    /** What is to be told when something became of the invitations of these people. */
    synchronized List<ToldCall.Step> follow(Call known, List<String> whose) {
        return calls.computeIfAbsent(known.getCallID(), unheardOf -> ToldCall.before(known, whose)).becomes(known);
    }

    /** What is to be told of a step. */
    synchronized List<ToldCall.Step> hear(String name, Json event, Call known) {
        ToldCall told = calls.get(event.get("callID").text());
        return told == null ? new ToldCall().hears(name, event, null) : told.hears(name, event, known);
    }
}
