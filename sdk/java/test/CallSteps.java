package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** What is told of a call whose events lag behind what the client knows. It asks nothing of a server. */
final class CallSteps {
    private static final Queue<String> HEARD = new ArrayDeque<>();

    private CallSteps() {}

    private static final CallListener SAYS = new CallListener() {
        @Override
        public void onPersonJoined(String callID, String userID, String deviceID) {
            HEARD.add("joined " + userID);
        }

        @Override
        public void onPersonDeclined(String callID, String userID, CallState state) {
            HEARD.add("declined " + userID);
        }

        @Override
        public void onPersonLeft(String callID, String userID, CallLeaveReason reason) {
            HEARD.add("left " + userID);
        }

        @Override
        public void onCallEnded(String callID, CallEndReason reason, long durationMs) {
            HEARD.add("ended " + durationMs);
        }
    };

    /** These are told, and nothing else. */
    private static void tells(List<ToldCall.Step> steps, String... words) {
        HEARD.clear();
        for (ToldCall.Step step : steps) {
            step.accept(SAYS);
        }
        same(Arrays.asList(HEARD.toArray()), Arrays.asList((Object[]) words));
    }

    private static void same(Object one, Object other) {
        if (!one.equals(other)) {
            throw new AssertionError(one + " is not " + other);
        }
    }

    /** With ' for quotation marks. */
    private static Json read(String json) {
        return Json.read(json.replace('\'', '"'));
    }

    /** Alice calls bob, dave and eve; eve is busy. */
    private static ToldCall opened() {
        Json event = read("{'inviteID': 'c', 'inviter': 'alice', 'inviteeList': ['bob', 'dave', 'eve'], 'call': {'callID': 'c'}}");
        return ToldCall.opened(new CallRing(event), "desk", Collections.singletonList("eve"));
    }

    private static Call withBobAt(String bob, String rest) {
        String alice = "{'userID': 'alice', 'state': 'joined', 'device': {'deviceID': 'desk'}}, ";
        String others = "{'userID': 'dave', 'state': 'ringing'}, {'userID': 'eve', 'state': 'busy'}";
        String people = alice + "{'userID': 'bob', " + bob + "}, " + others;
        return new Call(read("{'callID': 'c', 'version': 4, 'people': [" + people + "]" + rest + "}"));
    }

    /** He had come in before the invitation was told. */
    private static void anAnswerThatIsKnownBeforeTheInvitationIsTold() {
        ToldCall told = opened();
        Call call = withBobAt("'state': 'joined', 'device': {'deviceID': 'phone'}", "");
        tells(told.becomes(call), "joined bob", "declined eve");
        Json joined = read("{'callID': 'c', 'version': 2, 'userID': 'bob', 'device': {'deviceID': 'phone'}}");
        tells(told.hears("call.joined", joined, call));
    }

    /** He had come and gone, and the call was over. */
    private static void aWholeCallThatIsKnownBeforeItIsTold() {
        ToldCall told = opened();
        Call call = withBobAt("'state': 'left', 'reason': 'hungUp'", ", 'endedAt': 9, 'endReason': 'hungUp', 'durationMs': 7");
        tells(told.becomes(call), "joined bob", "left bob", "declined eve", "ended 7");
        Json hungUp = read("{'callID': 'c', 'version': 5, 'userID': 'bob', 'reason': 'hungUp', 'endReason': 'hungUp'}");
        tells(told.hears("call.hungUp", hungUp, call));
    }

    /** The call was read when he answered: his answer is told once, and what others did before is told by its events. */
    private static void aCallThatWasRead() {
        Call call = withBobAt("'state': 'joined'", "");
        ToldCall told = ToldCall.before(call, Collections.singletonList("bob"));
        tells(told.becomes(call), "joined bob");
        tells(told.hears("call.joined", read("{'version': 3, 'userID': 'bob'}"), call));
        Json declined = read("{'version': 4, 'userIDs': ['eve'], 'state': 'busy'}");
        tells(told.hears("call.declined", declined, call), "declined eve");
        Json newer = read("{'version': 5, 'userID': 'carol', 'device': {'deviceID': 'pad'}}");
        tells(told.hears("call.joined", newer, null), "joined carol");
    }

    /** A device that moves is told; one that comes again without moving is not. */
    private static void aDeviceThatMoves() {
        ToldCall told = opened();
        tells(told.becomes(withBobAt("'state': 'joined', 'device': {'deviceID': 'phone'}", "")), "joined bob", "declined eve");
        tells(told.becomes(withBobAt("'state': 'joined', 'device': {'deviceID': 'phone'}", "")));
        tells(told.becomes(withBobAt("'state': 'joined', 'device': {'deviceID': 'pad'}", "")), "joined bob");
    }

    /** The newest names are kept; one that was put again keeps its place. */
    private static void whatIsKeptByName() {
        Map<String, Integer> kept = new Newest<>(2);
        kept.put("a", 1);
        kept.put("b", 2);
        kept.put("a", 3);
        kept.put("c", 4);
        same(kept.toString(), "{b=2, c=4}");
        kept.remove("b");
        kept.put("d", 5);
        same(kept.toString(), "{c=4, d=5}");
    }

    public static void main(String[] words) {
        anAnswerThatIsKnownBeforeTheInvitationIsTold();
        aWholeCallThatIsKnownBeforeItIsTold();
        aCallThatWasRead();
        aDeviceThatMoves();
        whatIsKeptByName();
        System.out.println("every step was told once");
    }
}
