package dev.wigwag.v2tim;

import java.util.List;
import java.util.function.Consumer;

/**
 * The door: sign in, and find the managers for signaling, messages and groups.
 *
 * <p>The interface of Tencent's SDK for Android, on a server of one's own: change the imports and the address.
 * docs/migrating-from-tencent.md says what is different.
 */
public abstract class V2TIMManager {
    /** Signed in; perhaps reconnecting just now. */
    public static final int V2TIM_STATUS_LOGINED = 1;
    public static final int V2TIM_STATUS_LOGINING = 2;
    public static final int V2TIM_STATUS_LOGOUT = 3;

    public static final String GROUP_TYPE_WORK = "Work";
    public static final String GROUP_TYPE_PUBLIC = "Public";
    public static final String GROUP_TYPE_MEETING = "Meeting";
    public static final String GROUP_TYPE_AVCHATROOM = "AVChatRoom";
    public static final String GROUP_TYPE_COMMUNITY = "Community";

    /** The manager of the one user of this process. For several users use {@link dev.wigwag.Client}. */
    public static V2TIMManager getInstance() {
        return Sdk.INSTANCE;
    }

    public static V2TIMSignalingManager getSignalingManager() {
        return Sdk.INSTANCE.signaling;
    }

    public static V2TIMMessageManager getMessageManager() {
        return Sdk.INSTANCE.messages;
    }

    public static V2TIMGroupManager getGroupManager() {
        return Sdk.INSTANCE.groups;
    }

    /**
     * Told what a callback of the app's threw: exceptions that leave one go no further. Default: a line on standard error. Null: nobody. Besides
     * Tencent's.
     */
    public static void setExceptionReporter(Consumer<Throwable> reporter) {
        dev.wigwag.Client.setExceptionReporter(reporter);
    }

    public abstract void addIMSDKListener(V2TIMSDKListener listener);

    public abstract void removeIMSDKListener(V2TIMSDKListener listener);

    /**
     * Says where the server is. Called again, it counts from the next login on.
     *
     * @param context taken and not used, so that an app's call stays as it is; may be null
     * @param sdkAppID the server's; a UserSig that was made for another app is refused by it
     * @return false when a parameter is wrong
     */
    public abstract boolean initSDK(Object context, int sdkAppID, V2TIMSDKConfig config);

    /** The same with a listener, as older versions of the interface have it. */
    public abstract boolean initSDK(Object context, int sdkAppID, V2TIMSDKConfig config, V2TIMSDKListener listener);

    /** Signs out and forgets where the server is. It waits until the session has ended, and for no code of the app's. */
    public abstract void unInitSDK();

    public abstract String getVersion();

    /** Seconds since 1970 by the server's clock; 0 when nobody is signed in. */
    public abstract long getServerTime();

    /**
     * Signs in. Somebody else who is signed in is signed out first; of who is signed in already a fresh UserSig is used when the one before
     * expires. Fails with 6013, 6017, 7501, when the token is refused, and with 9508 when the server cannot be reached in 10 s.
     *
     * @param userSig a UserSig, or a JWT
     */
    public abstract void login(String userID, String userSig, V2TIMCallback callback);

    /** Signs out. Listeners stay. Requests on their way fail with 6014. It waits as {@link #unInitSDK} does. */
    public abstract void logout(V2TIMCallback callback);

    /** Who is signed in; null when nobody is. */
    public abstract String getLoginUser();

    /** One of the three numbers above. */
    public abstract int getLoginStatus();

    /**
     * Says something of oneself while one is online: its customStatus, at most 100 bytes (8001 beyond). {@code onUserStatusChanged} tells it on all of
     * one's devices. It ends when one has been gone for some time.
     */
    public abstract void setSelfStatus(V2TIMUserStatus status, V2TIMCallback callback);

    /** Whether users are online and what they say of themselves, as far as one may know it: of those who know one. */
    public abstract void getUserStatus(List<String> userIDList, V2TIMValueCallback<List<V2TIMUserStatus>> callback);

    /**
     * Watches users: {@code onUserStatusChanged} tells of changes. A device watches at most 100, of whom the oldest make room, until the logout.
     */
    public abstract void subscribeUserStatus(List<String> userIDList, V2TIMCallback callback);

    /** Watches these users no more; with an empty list nobody. */
    public abstract void unsubscribeUserStatus(List<String> userIDList, V2TIMCallback callback);

    public abstract void addSimpleMsgListener(V2TIMSimpleMsgListener listener);

    public abstract void removeSimpleMsgListener(V2TIMSimpleMsgListener listener);

    /** Sends a message. Gives the name that the client gave it; null when the parameters are wrong or nobody is signed in. */
    public abstract String sendC2CTextMessage(String text, String userID, V2TIMValueCallback<V2TIMMessage> callback);

    /** The same with the app's own bytes; UTF-8, because the server keeps texts. */
    public abstract String sendC2CCustomMessage(byte[] customData, String userID, V2TIMValueCallback<V2TIMMessage> callback);

    /** The same to a group. */
    public abstract String sendGroupTextMessage(String text, String groupID, int priority, V2TIMValueCallback<V2TIMMessage> callback);

    /** The same with the app's own bytes. */
    public abstract String sendGroupCustomMessage(byte[] customData, String groupID, int priority,
            V2TIMValueCallback<V2TIMMessage> callback);

    /** Creates a group and owns it; gives its groupID. "Work" groups are filled by their members, all others can be joined by anybody. */
    public abstract void createGroup(String groupType, String groupID, String groupName, V2TIMValueCallback<String> callback);

    /** Joins a group that is open to anybody. {@code message} is taken and not used: there are no applications. */
    public abstract void joinGroup(String groupID, String message, V2TIMCallback callback);

    /** Leaves a group. An owner hands it over first, or dismisses it. */
    public abstract void quitGroup(String groupID, V2TIMCallback callback);

    /** Ends a group. */
    public abstract void dismissGroup(String groupID, V2TIMCallback callback);

    public abstract void addGroupListener(V2TIMGroupListener listener);

    public abstract void removeGroupListener(V2TIMGroupListener listener);

    /** Calls, as typed objects. Besides Tencent's. */
    public abstract Calls getCalls();

    /**
     * Calls a method of the protocol by its name, with params and result as JSON: conversations, profiles, blocking. docs/protocol.md has them all. Besides Tencent's.
     */
    public abstract void request(String method, String params, V2TIMValueCallback<String> callback);

    /** Adds a listener for every event of the server's. Besides Tencent's. */
    public abstract void addEventListener(WigwagEventListener listener);

    public abstract void removeEventListener(WigwagEventListener listener);
}
