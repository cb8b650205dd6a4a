package dev.wigwag.v2tim;

import dev.wigwag.Client;
import dev.wigwag.WigwagException;
import dev.wigwag.internal.Json;
import java.util.Map;

/** One login, as the parts know it: who signed in, with which client, and what they were told. The next login is told anew. */
final class Login {
    /** Those of a few connections that were lost. */
    private static final int MOST_TOLD = 1_000;

    final String userID;
    final ToldCalls calls = new ToldCalls();
    /** Null until it is opened; it is there when the first event is told. Written by the session alone. */
    volatile Client client;
    /** The signaling messages that were told. */
    private final Map<String, Boolean> told = new Newest<>(MOST_TOLD);

    Login(String userID) {
        this.userID = userID;
    }

    /** Whether this message was not told before; it counts as told from now on. */
    synchronized boolean isNews(String messageID) {
        return told.put(messageID, true) == null;
    }

    /** An invitation that this device was told of; null when it was told of none. */
    Json knownInvitation(String inviteID) {
        try {
            return Json.read(client.knownInvitation(inviteID));
        } catch (WigwagException closed) {
            return Json.read("");
        }
    }

    /** A call that this device was told of; null when it was told of none. */
    Call knownCall(String callID) {
        try {
            Json call = Json.read(client.knownCall(callID));
            return call.isNull() ? null : new Call(call);
        } catch (WigwagException closed) {
            return null;
        }
    }
}
