package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a call stood when it was told last, and what is to be told of how it stands: the difference. Rules only. What the client knows may be ahead of
 * the events that are told.
 */
final class ToldCall {
    private final Map<String, Person> people = new HashMap<>();
    private boolean isOver;
    /**
     * The version at which it was read; 0 when it was followed from its beginning. Steps up to it were not told, but those of the people who are
     * recounted.
     */
    private long readAt;
    private List<String> recounted = Collections.emptyList();

    /** Something to be told. */
    interface Step extends Consumer<CallListener> {}

    private static final class Person {
        final CallState state;
        final String deviceID;

        Person(CallState state, String deviceID) {
            this.state = state;
            this.deviceID = deviceID;
        }
    }

    /** One of which nothing was told. */
    ToldCall() {}

    /** As the invitation that opened it says; those who are busy do not ring, which is news. */
    static ToldCall opened(CallRing ring, String deviceID, List<String> busy) {
        ToldCall told = new ToldCall();
        told.people.put(ring.getInviter(), new Person(CallState.JOINED, deviceID));
        for (String invitee : ring.getInviteeList()) {
            if (!busy.contains(invitee)) {
                told.people.put(invitee, new Person(CallState.RINGING, ""));
            }
        }
        return told;
    }

    /** As it stands, but these people ring still. */
    static ToldCall before(Call call, List<String> ringing) {
        ToldCall told = new ToldCall();
        for (CallPerson person : call.getPeople()) {
            boolean rings = ringing.contains(person.getUserID());
            told.people.put(person.getUserID(), new Person(rings ? CallState.RINGING : person.getState(), person.getDeviceID()));
        }
        told.readAt = call.getVersion();
        told.recounted = ringing;
        return told;
    }

    /** What is to be told of a call that stands so now; notes that it was told. */
    List<Step> becomes(Call call) {
        List<Step> steps = new ArrayList<>();
        if (isOver) {
            return steps;
        }
        String callID = call.getCallID();
        for (CallPerson person : call.getPeople()) {
            stepsOf(callID, person, steps);
        }
        isOver = call.getEndedAt() != 0;
        if (isOver) {
            steps.add(one -> one.onCallEnded(callID, call.getEndReason(), call.getDurationMs()));
        }
        for (CallPerson person : call.getPeople()) {
            people.put(person.getUserID(), new Person(person.getState(), person.getDeviceID()));
        }
        return steps;
    }

    /**
     * What is to be told of a step: of a call that is known by how it stands, of another by the event.
     *
     * @param known null when it is not
     */
    List<Step> hears(String name, Json event, Call known) {
        if (isOver) {
            return Collections.emptyList();
        }
        if (event.get("version").integer() <= readAt) {
            return recounted.contains(event.get("userID").text()) ? Collections.<Step>emptyList() : said(name, event);
        }
        return known == null ? said(name, event) : becomes(known);
    }

    /** What is to be told of one person. */
    private void stepsOf(String callID, CallPerson person, List<Step> steps) {
        String userID = person.getUserID();
        Person before = people.getOrDefault(userID, new Person(CallState.UNKNOWN, ""));
        CallState state = person.getState();
        boolean moved = before.state == CallState.JOINED && !before.deviceID.equals(person.getDeviceID());
        if (state == CallState.JOINED && (before.state != CallState.JOINED || moved)) {
            steps.add(one -> one.onPersonJoined(callID, userID, person.getDeviceID()));
        } else if (state.isDeclined() && before.state != state) {
            steps.add(one -> one.onPersonDeclined(callID, userID, state));
        } else if (state == CallState.LEFT && before.state != CallState.LEFT) {
            if (before.state != CallState.JOINED) {
                // They came and went; which device it was is not known any more.
                steps.add(one -> one.onPersonJoined(callID, userID, ""));
            }
            if (person.getReason() != CallLeaveReason.CALL_ENDED) {
                steps.add(one -> one.onPersonLeft(callID, userID, person.getReason()));
            }
        }
    }

    /** What an event says by itself; notes that it was told. */
    private List<Step> said(String name, Json event) {
        List<Step> steps = new ArrayList<>();
        String callID = event.get("callID").text();
        String userID = event.get("userID").text();
        switch (name) {
            case "call.joined":
                String device = event.get("device").get("deviceID").text();
                people.put(userID, new Person(CallState.JOINED, device));
                steps.add(one -> one.onPersonJoined(callID, userID, device));
                break;
            case "call.declined":
                CallState state = CallState.of(event.get("state").text());
                for (String invitee : event.get("userIDs").texts()) {
                    people.put(invitee, new Person(state, ""));
                    steps.add(one -> one.onPersonDeclined(callID, invitee, state));
                }
                break;
            case "call.hungUp":
                CallLeaveReason reason = CallLeaveReason.of(event.get("reason").text());
                people.put(userID, new Person(CallState.LEFT, ""));
                steps.add(one -> one.onPersonLeft(callID, userID, reason));
                break;
            default:
                // It says of nobody that they came or went.
        }
        CallEndReason why = CallEndReason.of(event.get("endReason").text());
        isOver = why != CallEndReason.RUNNING;
        if (isOver) {
            steps.add(one -> one.onCallEnded(callID, why, event.get("durationMs").integer()));
        }
        return steps;
    }
}
