package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.List;

/** Somebody calls. Besides Tencent's. */
public final class CallRing {
    private final String inviteID;
    private final String callID;
    private final String roomID;
    private final String mediaType;
    private final String inviter;
    private final String groupID;
    private final List<String> inviteeList;
    private final String data;
    private final long remainingMs;

    /** Of an event {@code invitation.received}. */
    CallRing(Json received) {
        inviteID = received.get("inviteID").text();
        callID = received.get("call").get("callID").text();
        roomID = received.get("call").get("roomID").text();
        mediaType = received.get("call").get("mediaType").text();
        inviter = received.get("inviter").text();
        groupID = received.get("groupID").text();
        inviteeList = received.get("inviteeList").texts();
        data = received.get("data").text();
        Json remaining = received.get("remainingMs");
        remainingMs = remaining.isNull() ? -1 : remaining.integer();
    }

    /** What is accepted, or rejected. */
    public String getInviteID() {
        return inviteID;
    }

    /** The call that one is asked into. */
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

    /** Who calls. */
    public String getInviter() {
        return inviter;
    }

    /** Empty without a group. */
    public String getGroupID() {
        return groupID;
    }

    /** Everybody who is asked by this invitation. */
    public List<String> getInviteeList() {
        return inviteeList;
    }

    /** The app's own. */
    public String getData() {
        return data;
    }

    /** How long it still rings by the server's clock, ms; -1 without an end. */
    public long getRemainingMs() {
        return remainingMs;
    }

    /** Whether it began its call, and rings nobody into one that runs. */
    boolean opens() {
        return callID.equals(inviteID);
    }
}
