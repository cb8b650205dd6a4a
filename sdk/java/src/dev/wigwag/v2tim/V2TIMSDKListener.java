package dev.wigwag.v2tim;

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
}
