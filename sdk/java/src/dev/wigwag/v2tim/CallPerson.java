package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;

/** Somebody who was called, or came. Besides Tencent's. */
public final class CallPerson {
    private final String userID;
    private final CallState state;
    private final long at;
    private final long joinedAt;
    private final String deviceID;
    private final String inviteID;
    private final CallLeaveReason reason;

    CallPerson(Json person) {
        userID = person.get("userID").text();
        state = CallState.of(person.get("state").text());
        at = person.get("at").integer();
        joinedAt = person.get("joinedAt").integer();
        deviceID = person.get("device").get("deviceID").text();
        inviteID = person.get("inviteID").text();
        reason = CallLeaveReason.of(person.get("reason").text());
    }

    /** Who it is. */
    public String getUserID() {
        return userID;
    }

    /** Where they stand. */
    public CallState getState() {
        return state;
    }

    /** Since when, server time in ms. */
    public long getAt() {
        return at;
    }

    /** When they first came in, server time in ms; 0 when they never did. */
    public long getJoinedAt() {
        return joinedAt;
    }

    /** The device that is in the call; empty when none is. */
    public String getDeviceID() {
        return deviceID;
    }

    /** The invitation that asked them; empty for the caller. */
    public String getInviteID() {
        return inviteID;
    }

    /** Why they left. */
    public CallLeaveReason getReason() {
        return reason;
    }
}
