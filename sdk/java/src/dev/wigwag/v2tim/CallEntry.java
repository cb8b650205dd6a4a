package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.List;

/** What one gets who comes into a call. Besides Tencent's. */
public final class CallEntry {
    private final String callID;
    private final String roomID;
    private final String mediaType;
    private final List<String> busyLineUserIDList;
    private final String accepted;
    private final CallMedia media;

    CallEntry(Json entry) {
        callID = entry.get("callID").text();
        roomID = entry.get("roomID").text();
        mediaType = entry.get("mediaType").text();
        busyLineUserIDList = entry.get("busyLineUserIDList").texts();
        accepted = entry.get("accepted").text();
        media = new CallMedia(entry.get("media"));
    }

    /** The call; empty when an invitation was accepted that is none to a call. */
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

    /** To whoever invites: those who are in another call and do not ring. */
    public List<String> getBusyLineUserIDList() {
        return busyLineUserIDList;
    }

    /** The two called each other: this invitation of the other's was accepted, and no new call began. Empty otherwise. */
    public String getAccepted() {
        return accepted;
    }

    /** How to take part. */
    public CallMedia getMedia() {
        return media;
    }
}
