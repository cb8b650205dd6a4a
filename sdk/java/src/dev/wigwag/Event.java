package dev.wigwag;

import dev.wigwag.internal.Texts;

/** Something that the app should know. */
public final class Event {
    /** A connection is being made, for the first time or again. */
    public static final int CONNECTING = 1;
    /** Signed in. {@link #json} is {@code {"userID": …, "serverTime": …}}. */
    public static final int CONNECTED = 2;
    /** The connection was lost and will be made again; the trouble says when. */
    public static final int RECONNECTING = 3;
    /** The client will not connect again; the trouble says why. Close it. */
    public static final int STOPPED = 4;
    /** The stream starts anew: the first sign-in of a device, or it was away for too long. What waits for this user follows as received. */
    public static final int RESYNCED = 5;
    /** The cursor file could not be written; told once until it can. */
    public static final int CURSOR_NOT_STORED = 6;
    /** Somebody is invited. In a group every member is told: look whether you are among the invitees. */
    public static final int INVITATION_RECEIVED = 10;
    /** An invitee accepted: the invitees are the one. */
    public static final int INVITATION_ACCEPTED = 11;
    /** An invitee rejected, or left the group: the invitees are the one. */
    public static final int INVITATION_REJECTED = 12;
    /** The inviter took it back, left the group or dismissed it. The invitees are those who need not answer any more. */
    public static final int INVITATION_CANCELLED = 13;
    /** The deadline passed. The invitees are those who had not answered. Comes at the deadline also while this device is offline. */
    public static final int INVITATION_TIMED_OUT = 14;
    /** Its data was replaced. */
    public static final int INVITATION_MODIFIED = 15;
    /** Everything else: messages, groups, calls, users. {@link #name} is the type in docs/protocol.md, {@link #json} the event. */
    public static final int OTHER = 100;

    private static final int BY_SELF = 1;
    private static final int OWN = 2;

    private final int type;
    private final int marks;
    private final String name;
    private final long cursor;
    private final long timeMs;
    private final Invitation invitation;
    private final Trouble trouble;
    private final byte[] message;
    private final byte[] json;

    Event(int type, int marks, byte[] name, long cursor, long timeMs, Invitation invitation, Trouble trouble, byte[] message, byte[] json) {
        this.type = type;
        this.marks = marks;
        this.name = Texts.text(name);
        this.cursor = cursor;
        this.timeMs = timeMs;
        this.invitation = invitation;
        this.trouble = trouble;
        this.message = message;
        this.json = json;
    }

    /** One of the numbers above. Numbers may be added; pass over those you do not know. */
    public int type() {
        return type;
    }

    /** Whether a command of this user's caused it, on whichever device. */
    public boolean isBySelf() {
        return (marks & BY_SELF) != 0;
    }

    /** Whether this device did it itself; only with {@link Client.Builder#ownActs}. */
    public boolean isOwn() {
        return (marks & OWN) != 0;
    }

    /** The type in docs/protocol.md, such as "invitation.received"; of the client's own events "client.connected" and the like. */
    public String name() {
        return name;
    }

    /** Its place in the user's stream: 1, 2, 3 …; 0 for what the client tells by itself. */
    public long cursor() {
        return cursor;
    }

    /** When it happened, server time in ms since 1970; 0 for what the client tells by itself. */
    public long timeMs() {
        return timeMs;
    }

    /** Null unless the event is about an invitation. */
    public Invitation invitation() {
        return invitation;
    }

    /** Null unless something is wrong: RECONNECTING, STOPPED, CURSOR_NOT_STORED. */
    public Trouble trouble() {
        return trouble;
    }

    /** The message that came, or that the action on an invitation left, JSON; else empty. */
    public String message() {
        return Texts.text(message);
    }

    /** Everything, as JSON: the params of the event in docs/protocol.md. */
    public String json() {
        return Texts.text(json);
    }
}
