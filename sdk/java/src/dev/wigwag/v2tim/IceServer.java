package dev.wigwag.v2tim;

import dev.wigwag.internal.Json;
import java.util.List;

/** A server that helps to find a way between two devices, for a peer connection of WebRTC. Besides Tencent's. */
public final class IceServer {
    private final List<String> urls;
    private final String username;
    private final String credential;

    IceServer(Json server) {
        urls = server.get("urls").texts();
        username = server.get("username").text();
        credential = server.get("credential").text();
    }

    /** "stun:…", "turn:…" */
    public List<String> getUrls() {
        return urls;
    }

    /** Empty without credentials. */
    public String getUsername() {
        return username;
    }

    /** Empty without credentials. */
    public String getCredential() {
        return credential;
    }
}
