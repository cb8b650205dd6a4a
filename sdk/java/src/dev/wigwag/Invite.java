package dev.wigwag;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Whom to invite, and how. */
public final class Invite {
    final String invitee;
    final String groupID;
    final List<String> invitees;
    String inviteID = "";
    String data = "";
    int timeout;
    boolean onlineUserOnly;
    String offlinePushInfo = "";
    String mediaType = "";
    String roomID = "";

    private Invite(String invitee, String groupID, List<String> invitees) {
        this.invitee = invitee;
        this.groupID = groupID;
        this.invitees = invitees;
    }

    /** Invites one user. */
    public static Invite user(String invitee) {
        return new Invite(invitee, "", null);
    }

    /** Invites some members of a group; those who are not members are left out and named in the reply's {@code ignoredInvitees}. */
    public static Invite inGroup(String groupID, Collection<String> invitees) {
        return new Invite("", groupID, new ArrayList<>(invitees));
    }

    /** Its name. Default: a new one. The same again, with the same content, is the same invitation. */
    public Invite inviteID(String name) {
        inviteID = name;
        return this;
    }

    /** The app's own payload, at most 16 KiB by the server's default. */
    public Invite data(String payload) {
        data = payload;
        return this;
    }

    /** Seconds; 0, the default, is no deadline and no timeout. */
    public Invite timeout(int seconds) {
        timeout = seconds;
        return this;
    }

    /** Leaves no message, and reaches only users who are online; the same for all that follows from it. */
    public Invite onlineUserOnly(boolean only) {
        onlineUserOnly = only;
        return this;
    }

    /** Push settings, a JSON object that is kept as it is for the server's push adapters. */
    public Invite offlinePushInfo(String json) {
        offlinePushInfo = json;
        return this;
    }

    /** Makes the invitation open a call: "audio", "video" or a word of the app's. */
    public Invite opensCall(String kindOfMedia) {
        mediaType = kindOfMedia;
        return this;
    }

    /** With {@link #opensCall}: the room of a running call, to ring more people into it, or a name of the app's. Default: a new room. */
    public Invite inRoom(String name) {
        roomID = name;
        return this;
    }
}
