import dev.wigwag.Invite;
import dev.wigwag.v2tim.Call;
import dev.wigwag.v2tim.CallEndReason;
import dev.wigwag.v2tim.CallEntry;
import dev.wigwag.v2tim.CallLeaveReason;
import dev.wigwag.v2tim.CallListener;
import dev.wigwag.v2tim.CallOptions;
import dev.wigwag.v2tim.CallPage;
import dev.wigwag.v2tim.CallRing;
import dev.wigwag.v2tim.CallState;
import dev.wigwag.v2tim.Calls;
import dev.wigwag.v2tim.RingEnd;
import dev.wigwag.v2tim.V2TIMManager;
import dev.wigwag.v2tim.V2TIMSDKConfig;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Calls from their first ring to their end: V2timCalls URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB SIG_OF_CAROL
 *
 * <p>Alice uses the V2TIM interface; the others, and a second device of hers, are clients of the library.
 */
final class V2timCalls {
    private static final BlockingQueue<String> HEARD = new LinkedBlockingQueue<>();
    private static final BlockingQueue<CallRing> RINGS = new LinkedBlockingQueue<>();

    private V2timCalls() {}

    private static Calls calls() {
        return V2TIMManager.getInstance().getCalls();
    }

    /** Says each step. */
    private static final class Steps extends CallListener {
        @Override
        public void onRing(CallRing ring) {
            RINGS.add(ring);
            HEARD.add("rings " + ring.getInviter());
        }

        @Override
        public void onRingEnded(String inviteID, String callID, RingEnd why) {
            Checks.check(!inviteID.isEmpty() && !callID.isEmpty());
            HEARD.add("ring ended " + why);
        }

        @Override
        public void onMissedWhileBusy(CallRing ring) {
            HEARD.add("missed " + ring.getInviter());
        }

        @Override
        public void onPeopleInvited(String callID, String by, List<String> userIDs) {
            HEARD.add(by + " invited " + String.join(",", userIDs));
        }

        @Override
        public void onPersonJoined(String callID, String userID, String deviceID) {
            Checks.check(!deviceID.isEmpty());
            HEARD.add("joined " + userID);
        }

        @Override
        public void onPersonDeclined(String callID, String userID, CallState state) {
            HEARD.add("declined " + userID + " " + state);
        }

        @Override
        public void onPersonLeft(String callID, String userID, CallLeaveReason reason) {
            HEARD.add("left " + userID + " " + reason);
        }

        @Override
        public void onCallEnded(String callID, CallEndReason reason, long durationMs) {
            HEARD.add("ended " + reason);
        }

        @Override
        public void onCallSignal(String callID, String sender, String deviceID, String data) {
            Checks.check(!deviceID.isEmpty());
            HEARD.add("signal " + sender + " " + data);
        }

        @Override
        public void onMissedCallsSeen(long upTo) {
            HEARD.add("seen " + upTo);
        }
    }

    /** The next steps, in this order. */
    private static void hears(String... steps) {
        for (String step : steps) {
            Checks.same(Checks.next(HEARD), step);
        }
    }

    private static CallOptions audio(int timeout) {
        CallOptions options = new CallOptions();
        options.setMediaType("audio");
        options.setData("dinner?");
        options.setTimeout(timeout);
        return options;
    }

    private static CallOptions audio() {
        return audio(30);
    }

    private static String invites(String user, CallOptions options) {
        Checks.Outcome<CallEntry> entered = new Checks.Outcome<>();
        String callID = calls().invite(user, options, entered);
        Checks.check(!entered.get().getCallID().isEmpty());
        return callID;
    }

    private static String rings(Checks.Peer who, String data) {
        return who.invites(Invite.user("alice").data(data).timeout(30).opensCall("audio"));
    }

    private static void does(Checks.Peer who, String method, String params) {
        Checks.Answer answer = new Checks.Answer();
        who.client.request(method, params, answer);
        answer.isOk();
    }

    private static void does(Checks.Peer who, String method, String key, String name) {
        does(who, method, "{\"" + key + "\": \"" + name + "\"}");
    }

    private static void hangsUp(Checks.Peer who, String callID) {
        Checks.Answer answer = new Checks.Answer();
        who.client.hangUp(callID, answer);
        answer.isOk();
    }

    private static void hangsUp(String callID) {
        Checks.same(Checks.codeOf(callback -> calls().hangUp(callID, callback)), 0);
    }

    private static void beforeTheLogin() {
        Checks.Outcome<CallEntry> called = new Checks.Outcome<>();
        Checks.check(calls().invite("bob", audio(), called) == null);
        Checks.same(called.code(), 6014);
        Checks.Outcome<CallEntry> accepted = new Checks.Outcome<>();
        calls().accept("i", "", accepted);
        Checks.same(accepted.code(), 6014);
        Checks.same(Checks.codeOf(callback -> calls().hangUp("c", callback)), 6014);
        Checks.check(calls().running().isEmpty());
        // Without a callback nothing is told, and nothing breaks.
        calls().join("c", null);
        calls().get("c", null);
        calls().addListener(null);
        calls().removeListener(null);
    }

    private static void wrongParameters() {
        CallOptions noMedia = audio();
        noMedia.setMediaType(null);
        CallOptions notUtf8 = audio();
        notUtf8.setData("\ud800");
        for (CallOptions options : Arrays.asList(noMedia, notUtf8, audio(-1))) {
            Checks.Outcome<CallEntry> called = new Checks.Outcome<>();
            Checks.check(calls().invite("bob", options, called) == null);
            Checks.same(called.code(), 6017);
        }
        Checks.Outcome<CallEntry> nobody = new Checks.Outcome<>();
        Checks.check(calls().invite("nobody", null, nobody) != null);
        Checks.same(nobody.code(), 20003);
        Checks.Outcome<CallEntry> withoutList = new Checks.Outcome<>();
        Checks.check(calls().inviteInGroup("nowhere", null, audio(), withoutList) == null);
        Checks.same(withoutList.code(), 6017);
        Checks.Outcome<CallEntry> inNoGroup = new Checks.Outcome<>();
        Checks.check(calls().inviteInGroup("nowhere", Collections.singletonList("bob"), audio(), inNoGroup) != null);
        Checks.same(inNoGroup.code(), 10010);
        Checks.Outcome<CallEntry> joined = new Checks.Outcome<>();
        calls().join("unheard-of", joined);
        Checks.same(joined.code(), 8010);
        Checks.Outcome<Call> got = new Checks.Outcome<>();
        calls().get(null, got);
        Checks.same(got.code(), 6017);
        Checks.same(Checks.codeOf(callback -> calls().hangUp("unheard-of", callback)), 8010);
        Checks.same(Checks.codeOf(callback -> calls().signal("unheard-of", null, "x", callback)), 8010);
        Checks.same(Checks.codeOf(callback -> calls().cancel("unheard-of", null, null, callback)), 8010);
        Checks.same(Checks.codeOf(callback -> calls().signal("\ud800", null, "x", callback)), 6017);
    }

    /** Each way in which a call of alice's ends before anybody came in. */
    private static void callsThatNobodyAnswers(Checks.Peer bob) {
        does(bob, "signaling.reject", "inviteID", invites("bob", audio()));
        hears("declined bob REJECTED", "ended REJECTED");
        invites("bob", audio(1));
        hears("declined bob TIMED_OUT", "ended TIMED_OUT");
        String cancelled = invites("bob", audio());
        Checks.same(Checks.codeOf(callback -> calls().cancel(cancelled, null, "wrong person", callback)), 0);
        hears("declined bob CANCELLED", "ended CANCELLED");
        hangsUp(invites("bob", audio()));
        hears("declined bob CANCELLED", "ended CANCELLED");
    }

    /** Each way in which it rings no more at alice's. */
    private static void ringsThatEnd(Checks.Peer bob, Checks.Peer desk) {
        rings(bob, "a");
        hears("rings bob");
        CallRing ring = Checks.next(RINGS);
        Checks.same(Arrays.asList(ring.getMediaType(), ring.getData(), ring.getGroupID()), Arrays.asList("audio", "a", ""));
        Checks.check(ring.getRemainingMs() > 0 && ring.getCallID().equals(ring.getInviteID()));
        Checks.same(ring.getInviteeList(), Collections.singletonList("alice"));
        Checks.same(Checks.codeOf(callback -> calls().reject(ring.getInviteID(), "not now", callback)), 0);
        hears("ring ended REJECTED", "declined alice REJECTED", "ended REJECTED");

        String hungUp = rings(bob, "b");
        hears("rings bob");
        hangsUp(hungUp);
        hears("ring ended REJECTED", "declined alice REJECTED", "ended REJECTED");

        String cancelled = rings(bob, "c");
        hears("rings bob");
        does(bob, "signaling.cancel", "inviteID", cancelled);
        hears("ring ended CANCELLED", "declined alice CANCELLED", "ended CANCELLED");

        String elsewhere = rings(bob, "d");
        hears("rings bob");
        does(desk, "signaling.accept", "inviteID", elsewhere);
        hears("ring ended ACCEPTED_ELSEWHERE", "joined alice");
        // The call moves here.
        Checks.Outcome<CallEntry> moved = new Checks.Outcome<>();
        calls().join(elsewhere, moved);
        Checks.same(moved.get().getMedia().getProvider(), "p2p");
        hears("joined alice");
        hangsUp(bob, elsewhere);
        hears("left bob HUNG_UP", "ended HUNG_UP");
    }

    /** Bob is called, and carol is asked into it; bob and alice leave one after the other. Meanwhile alice is busy. */
    private static void aCallThatGrows(Checks.Peer bob, Checks.Peer carol) {
        String callID = invites("bob", audio());
        does(bob, "signaling.accept", "inviteID", callID);
        hears("joined bob");
        List<Call> running = calls().running();
        Checks.check(running.size() == 1 && running.get(0).getCallID().equals(callID));
        Checks.check(running.get(0).getPeople().size() == 2 && running.get(0).getAnsweredAt() > 0);

        rings(carol, "busy?");
        hears("missed carol", "declined alice BUSY", "ended BUSY");

        CallOptions more = audio();
        more.setRoomID(running.get(0).getRoomID());
        String inviteID = invites("carol", more);
        hears("alice invited carol");
        does(carol, "signaling.accept", "inviteID", inviteID);
        hears("joined carol");

        does(carol, "call.signal", "{\"callID\": \"" + callID + "\", \"data\": \"offer\"}");
        hears("signal carol offer");
        Checks.same(Checks.codeOf(callback -> calls().signal(callID, "carol", "answer", callback)), 0);

        hangsUp(bob, callID);
        hears("left bob HUNG_UP");
        hangsUp(callID);
        hears("left alice HUNG_UP", "ended HUNG_UP");
        Checks.Outcome<Call> got = new Checks.Outcome<>();
        calls().get(callID, got);
        Call call = got.get();
        Checks.check(call.getPeople().size() == 3 && call.getEndReason() == CallEndReason.HUNG_UP);
        Checks.check(call.getEndedAt() > call.getAnsweredAt() && call.getPeople().get(1).getJoinedAt() > 0);
        Checks.same(call.getPeople().get(1).getUserID() + " " + call.getPeople().get(1).getState(), "bob LEFT");
    }

    /** Bob is in a call with carol. */
    private static void somebodyWhoIsBusy(Checks.Peer bob, Checks.Peer carol) {
        String other = bob.invites(Invite.user("carol").data("x").timeout(30).opensCall("audio"));
        does(carol, "signaling.accept", "inviteID", other);
        Checks.Outcome<CallEntry> entered = new Checks.Outcome<>();
        calls().invite("bob", audio(), entered);
        Checks.same(entered.get().getBusyLineUserIDList(), Collections.singletonList("bob"));
        hears("declined bob BUSY", "ended BUSY");
        hangsUp(bob, other);
    }

    private static void twoWhoCallEachOther(Checks.Peer bob) {
        String theirs = rings(bob, "you");
        hears("rings bob");
        Checks.Outcome<CallEntry> entered = new Checks.Outcome<>();
        calls().invite("bob", audio(), entered);
        Checks.same(entered.get().getAccepted(), theirs);
        hears("ring ended ACCEPTED", "joined alice");
        hangsUp(theirs);
        hears("left alice HUNG_UP", "ended HUNG_UP");
    }

    private static void inAGroup(Checks.Peer bob, Checks.Peer carol) {
        does(bob, "group.create", "{\"groupID\": \"choir\", \"name\": \"Choir\", \"members\": [\"alice\", \"carol\"]}");
        does(bob, "signaling.inviteInGroup",
                "{\"groupID\": \"choir\", \"inviteID\": \"song\", \"inviteeList\": [\"carol\"], \"call\": {\"mediaType\": \"audio\"}}");
        // Every member is told, and alice is not asked.
        does(carol, "signaling.accept", "inviteID", "song");
        hears("joined carol");
        Checks.Outcome<Call> running = new Checks.Outcome<>();
        calls().getOfGroup("choir", running);
        Checks.same(running.get().getCallID(), "song");
        Checks.Outcome<CallEntry> entered = new Checks.Outcome<>();
        calls().join("song", entered);
        Checks.same(entered.get().getCallID(), "song");
        hears("joined alice");
        does(bob, "group.dismiss", "groupID", "choir");
        hears("ended GROUP_DISMISSED");
    }

    private static void missedCalls(Checks.Peer desk) {
        Checks.Outcome<CallPage> missed = new Checks.Outcome<>();
        calls().list(true, null, missed);
        CallPage page = missed.get();
        // Taken back by bob, and carol's while alice was busy.
        Checks.check(page.getCalls().size() == 2 && page.getSeenUpTo() == 0 && page.getNext().isEmpty());
        Call newest = page.getCalls().get(0);
        Checks.check(newest.isMissed() && newest.getCaller().equals("carol"));
        does(desk, "call.markSeen", "{\"upTo\": " + newest.getCreatedAt() + "}");
        hears("seen " + newest.getCreatedAt());
        Checks.same(Checks.codeOf(callback -> calls().markSeen(newest.getCreatedAt(), callback)), 0);
    }

    private static void loginAgain(String sig) {
        V2TIMManager.getInstance().logout(null);
        Checks.same(Checks.codeOf(callback -> V2TIMManager.getInstance().login("alice", sig, callback)), 0);
    }

    /** What rings at the logout rings at the next login, and what ended meanwhile is told. */
    private static void aLoginWhileItRings(Checks.Peer bob, String sig) {
        String callID = rings(bob, "again");
        hears("rings bob");
        loginAgain(sig);
        hears("rings bob");
        Checks.Outcome<CallEntry> entered = new Checks.Outcome<>();
        calls().accept(callID, "", entered);
        Checks.same(entered.get().getCallID(), callID);
        hears("ring ended ACCEPTED", "joined alice");
        hangsUp(bob, callID);
        hears("left bob HUNG_UP", "ended HUNG_UP");
    }

    /** A client that has just signed in knows the invitation and not the call: it is read. */
    private static void aLoginWhileOneCalls(Checks.Peer bob, String sig) {
        String callID = invites("bob", audio());
        loginAgain(sig);
        does(bob, "signaling.accept", "inviteID", callID);
        hears("joined bob");
        hangsUp(bob, callID);
        hears("left bob HUNG_UP", "ended HUNG_UP");
    }

    public static void main(String[] words) throws Exception {
        Checks.run(() -> {
            V2TIMSDKConfig config = new V2TIMSDKConfig();
            config.setServerAddress(words[0]);
            V2TIMManager sdk = V2TIMManager.getInstance();
            Checks.check(sdk.initSDK(null, Integer.parseInt(words[1]), config));
            beforeTheLogin();
            Steps steps = new Steps();
            try (Checks.Peer bob = new Checks.Peer(words[0], words[3]); Checks.Peer carol = new Checks.Peer(words[0], words[4])) {
                Checks.same(Checks.codeOf(callback -> sdk.login("alice", words[2], callback)), 0);
                calls().addListener(steps);
                wrongParameters();
                callsThatNobodyAnswers(bob);
                try (Checks.Peer desk = new Checks.Peer(words[0], words[2])) {
                    ringsThatEnd(bob, desk);
                }
                aCallThatGrows(bob, carol);
                somebodyWhoIsBusy(bob, carol);
                twoWhoCallEachOther(bob);
                inAGroup(bob, carol);
                try (Checks.Peer desk = new Checks.Peer(words[0], words[2])) {
                    missedCalls(desk);
                }
                aLoginWhileItRings(bob, words[2]);
                aLoginWhileOneCalls(bob, words[2]);
            }
            calls().removeListener(steps);
            sdk.unInitSDK();
            Checks.check(HEARD.isEmpty());
            System.out.println("calls from their first ring to their end");
        });
    }
}
