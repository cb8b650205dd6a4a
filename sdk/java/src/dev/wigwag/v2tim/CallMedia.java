package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.ArrayList;
import java.util.List;

/** What one needs to take part in the media, and nobody else gets. Besides Tencent's. */
public final class CallMedia {
    private final String provider;
    private final List<IceServer> iceServers = new ArrayList<>();
    private final String liveURL;
    private final String token;
    private final long expiresAt;

    CallMedia(Json media) {
        provider = media.get("provider").text();
        for (Json server : media.get("iceServers").items()) {
            iceServers.add(new IceServer(server));
        }
        liveURL = media.get("liveURL").text();
        token = media.get("token").text();
        expiresAt = media.get("expiresAt").integer();
    }

    /**
     * "p2p": media goes between the devices, with {@link #getIceServers}, and what they say to each other goes by {@link Calls#signal}. "livekit":
     * LiveKit's client, with {@link #getLiveURL} and {@link #getToken}. "none": the app's own.
     */
    public String getProvider() {
        return provider;
    }

    /** With "p2p". */
    public List<IceServer> getIceServers() {
        return iceServers;
    }

    /** With "livekit". */
    public String getLiveURL() {
        return liveURL;
    }

    /** With "livekit". */
    public String getToken() {
        return token;
    }

    /** Until when the token or the credentials let somebody in, server time in ms; 0 without an end. {@link Calls#join} gives fresh ones. */
    public long getExpiresAt() {
        return expiresAt;
    }
}
