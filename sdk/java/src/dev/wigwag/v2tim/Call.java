package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.ArrayList;
import java.util.List;

/** A call, as it stood when it was read. Besides Tencent's. */
public final class Call {
    private final String callID;
    private final String roomID;
    private final String mediaType;
    private final String groupID;
    private final String caller;
    private final long createdAt;
    private final long answeredAt;
    private final long endedAt;
    private final long durationMs;
    private final CallEndReason endReason;
    private final boolean missed;
    private final long version;
    private final List<CallPerson> people = new ArrayList<>();

    Call(Json call) {
        callID = call.get("callID").text();
        roomID = call.get("roomID").text();
        mediaType = call.get("mediaType").text();
        groupID = call.get("groupID").text();
        caller = call.get("caller").text();
        createdAt = call.get("createdAt").integer();
        answeredAt = call.get("answeredAt").integer();
        endedAt = call.get("endedAt").integer();
        durationMs = call.get("durationMs").integer();
        endReason = CallEndReason.of(call.get("endReason").text());
        missed = call.get("missed").isTrue();
        version = call.get("version").integer();
        for (Json person : call.get("people").items()) {
            people.add(new CallPerson(person));
        }
    }

    /** Each of a list. */
    static List<Call> in(Json calls) {
        List<Call> shown = new ArrayList<>();
        for (Json call : calls.items()) {
            shown.add(new Call(call));
        }
        return shown;
    }

    /** Its name. */
    public String getCallID() {
        return callID;
    }

    /** Its room. */
    public String getRoomID() {
        return roomID;
    }

    /** "audio", "video" or a word of the app's. */
    public String getMediaType() {
        return mediaType;
    }

    /** Empty without a group. */
    public String getGroupID() {
        return groupID;
    }

    /** Who began it. */
    public String getCaller() {
        return caller;
    }

    /** Server time in ms. */
    public long getCreatedAt() {
        return createdAt;
    }

    /** When the second person came in, server time in ms; 0 before. */
    public long getAnsweredAt() {
        return answeredAt;
    }

    /** Server time in ms; 0 while it runs. */
    public long getEndedAt() {
        return endedAt;
    }

    /** From the second person's coming in to the end, or until it was read. */
    public long getDurationMs() {
        return durationMs;
    }

    /** Why it is over. */
    public CallEndReason getEndReason() {
        return endReason;
    }

    /** Whether one was called, neither came nor said no, and does not ring any more. */
    public boolean isMissed() {
        return missed;
    }

    /** 1, 2, 3 …: how often it has changed. */
    public long getVersion() {
        return version;
    }

    /** Everybody who was called or came, in that order. */
    public List<CallPerson> getPeople() {
        return people;
    }
}
