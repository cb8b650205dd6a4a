package dev.wigwag.v2tim;

import java.util.List;

/** Told how the connection goes. */
public abstract class V2TIMSDKListener {
    /** A connection is being made, for the first time or again. */
    public void onConnecting() {}

    /** Signed in. */
    public void onConnectSuccess() {}

    /** There is no connection. A lost one is made again by itself, unless the login fails. */
    public void onConnectFailed(int code, String error) {}

    /** The same device signed in elsewhere, or too many devices did: log in again if that is wanted. */
    public void onKickedOffline() {}

    /** Get a new UserSig and log in with it. */
    public void onUserSigExpired() {}

    /** Of users who are watched, and of oneself on all of one's devices. What happens while there is no connection is told as it is in the end. */
    public void onUserStatusChanged(List<V2TIMUserStatus> userStatusList) {}
}
