package dev.wigwag;

import dev.wigwag.internal.Texts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What an event tells of an invitation. */
public final class Invitation {
    private static final int TOLD_BEFORE = 1;
    private static final int IS_PAST = 2;
    private static final int STILL_OPEN = 4;

    private final String inviteID;
    private final String inviter;
    private final String groupID;
    private final List<String> invitees;
    private final String data;
    private final int timeout;
    private final int version;
    private final long remainingMs;
    private final int marks;

    Invitation(byte[] inviteID, byte[] inviter, byte[] groupID, byte[][] invitees, byte[] data, int timeout, int version, long remainingMs,
            int marks) {
        this.inviteID = Texts.text(inviteID);
        this.inviter = Texts.text(inviter);
        this.groupID = Texts.text(groupID);
        List<String> all = new ArrayList<>(invitees.length);
        for (byte[] invitee : invitees) {
            all.add(Texts.text(invitee));
        }
        this.invitees = Collections.unmodifiableList(all);
        this.data = Texts.text(data);
        this.timeout = timeout;
        this.version = version;
        this.remainingMs = remainingMs;
        this.marks = marks;
    }

    /** Its name. */
    public String inviteID() {
        return inviteID;
    }

    /** Who invites. */
    public String inviter() {
        return inviter;
    }

    /** Empty one-to-one. */
    public String groupID() {
        return groupID;
    }

    /** Whom the event is about: see the types in {@link Event}. Empty when the data was replaced. */
    public List<String> invitees() {
        return invitees;
    }

    /** The payload of the invitation, of the answer or of the cancel. */
    public String data() {
        return data;
    }

    /** Seconds; 0 = no deadline. Of an invitation received only, else 0. */
    public int timeout() {
        return timeout;
    }

    /** 1, 2, 3 …: how often the invitation has changed, this event included. */
    public int version() {
        return version;
    }

    /** How long it still rings by the server's clock, ms; -1 without a deadline and on all but an invitation received. */
    public long remainingMs() {
        return remainingMs;
    }

    /** Whether the app was told of this before: it rang at the sign-in already, or ended by itself while this device was offline. */
    public boolean toldBefore() {
        return (marks & TOLD_BEFORE) != 0;
    }

    /** Whether this need not ring: an invitation without a deadline that was more than a minute old at the sign-in. */
    public boolean isPast() {
        return (marks & IS_PAST) != 0;
    }

    /** Whether a cancel took it back from some invitees only, and it goes on for the others. */
    public boolean isStillOpen() {
        return (marks & STILL_OPEN) != 0;
    }
}
