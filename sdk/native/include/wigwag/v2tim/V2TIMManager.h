/// The door: sign in, and find the managers for signaling, messages and groups.
///
/// The interface of Tencent's C++ SDK, on a server of one's own: change the include and the address. docs/native.md says what is different.
#ifndef WIGWAG_V2TIM_MANAGER_H
#define WIGWAG_V2TIM_MANAGER_H

#include <cstdint>

#include "../Calls.h"
#include "V2TIMCallback.h"
#include "V2TIMGroup.h"
#include "V2TIMGroupManager.h"
#include "V2TIMMessage.h"
#include "V2TIMMessageManager.h"
#include "V2TIMSignaling.h"
#include "V2TIMSignalingManager.h"
#include "V2TIMStatus.h"
#include "V2TIMString.h"

enum V2TIMLoginStatus {
    /// Signed in; perhaps reconnecting just now.
    V2TIM_STATUS_LOGINED = 1,
    V2TIM_STATUS_LOGINING = 2,
    V2TIM_STATUS_LOGOUT = 3,
};

/// Where the server is, and what the device gives.
struct V2TIMSDKConfig {
    /// `wss://chat.example.org`; the path defaults to /v1/ws. Besides Tencent's.
    V2TIMString serverAddress;
    /// A folder for the deviceID and how far each user's events were read, so that an app that was killed hears afterwards what happened
    /// meanwhile. Empty: nothing is kept.
    V2TIMString initPath;
    /// Taken and not used: nothing is logged.
    V2TIMString logPath;
};

/// Told how the connection goes, from a thread of the library's.
class V2TIMSDKListener {
public:
    virtual ~V2TIMSDKListener() = default;
    /// A connection is being made, for the first time or again.
    virtual void OnConnecting() {}
    /// Signed in.
    virtual void OnConnectSuccess() {}
    /// There is no connection. A lost one is made again by itself, unless the login fails.
    virtual void OnConnectFailed(int error_code, const V2TIMString &error_message) { (void)error_code, (void)error_message; }
    /// The same device signed in elsewhere, or too many devices did: log in again if that is wanted.
    virtual void OnKickedOffline() {}
    /// Get a new UserSig and log in with it.
    virtual void OnUserSigExpired() {}
    /// Of users who are watched, and of oneself on all of one's devices. What happens while there is no connection is told as it is in the end.
    virtual void OnUserStatusChanged(const V2TIMUserStatusVector &userStatusList) { (void)userStatusList; }
};

/// Told of every event of the server's, from a thread of the library's, also of what this interface has no callback for.
/// Besides Tencent's.
class WigwagEventListener {
public:
    virtual ~WigwagEventListener() = default;
    /// `name` is the type in docs/protocol.md, such as "call.hungUp"; `json` the event.
    virtual void OnEvent(const V2TIMString &name, const V2TIMString &json) = 0;
};

/// Signs in, sends simple messages, joins and leaves groups, and has the other managers.
class V2TIMManager {
public:
    virtual ~V2TIMManager() = default;

    /// The manager of the one user of this process. It is never destroyed, so that a callback that comes while the program ends finds it.
    static V2TIMManager *GetInstance();

    /// Told what a callback of the app's threw: exceptions that leave one go no further. Default: a line on standard error. NULL: nothing is
    /// told. Besides Tencent's.
    static void SetExceptionReporter(void (*reporter)(const char *what));

    virtual void AddSDKListener(V2TIMSDKListener *listener) = 0;
    virtual void RemoveSDKListener(V2TIMSDKListener *listener) = 0;

    /// Says where the server is. Called again, it counts from the next login on. False when a parameter is wrong.
    ///
    /// @param sdkAppID the server's; a UserSig that was made for another app is refused by it
    virtual bool InitSDK(uint32_t sdkAppID, const V2TIMSDKConfig &config) = 0;

    /// Signs out and forgets where the server is.
    virtual void UnInitSDK() = 0;

    virtual V2TIMString GetVersion() = 0;

    /// Seconds since 1970 by the server's clock; 0 when nobody is signed in.
    virtual int64_t GetServerTime() = 0;

    /// Signs in. Somebody else who is signed in is signed out first; of who is signed in already a fresh UserSig is used when the one before
    /// expires. Fails with 6013, 6017, 7501, when the token is refused, and with 9508 when the server cannot be reached in 10 s.
    ///
    /// @param userSig a UserSig, or a JWT
    virtual void Login(const V2TIMString &userID, const V2TIMString &userSig, V2TIMCallback *callback) = 0;

    /// Signs out. Listeners stay. Requests on their way fail with 6014 before this returns, unless it is called from a callback.
    virtual void Logout(V2TIMCallback *callback) = 0;

    /// Who is signed in; empty when nobody is.
    virtual V2TIMString GetLoginUser() = 0;
    virtual V2TIMLoginStatus GetLoginStatus() = 0;

    /// Says something of oneself while one is online: `customStatus`, at most 100 bytes (8001 beyond). `OnUserStatusChanged` tells it on all of
    /// one's devices. It ends when one has been gone for some time.
    virtual void SetSelfStatus(const V2TIMUserStatus &status, V2TIMCallback *callback) = 0;
    /// Whether users are online and what they say of themselves, as far as one may know it: of those who know one.
    virtual void GetUserStatus(const V2TIMStringVector &userIDList, V2TIMValueCallback<V2TIMUserStatusVector> *callback) = 0;
    /// Watches users: `OnUserStatusChanged` tells of changes. A device watches at most 100, of whom the oldest make room, until the logout.
    virtual void SubscribeUserStatus(const V2TIMStringVector &userIDList, V2TIMCallback *callback) = 0;
    /// Watches these users no more; with an empty list nobody.
    virtual void UnsubscribeUserStatus(const V2TIMStringVector &userIDList, V2TIMCallback *callback) = 0;

    virtual void AddSimpleMsgListener(V2TIMSimpleMsgListener *listener) = 0;
    virtual void RemoveSimpleMsgListener(V2TIMSimpleMsgListener *listener) = 0;

    /// Sends a message. Gives the name that the client gave it; empty when the parameters are wrong or nobody is signed in.
    virtual V2TIMString SendC2CTextMessage(const V2TIMString &text, const V2TIMString &userID, V2TIMSendCallback *callback) = 0;
    virtual V2TIMString SendC2CCustomMessage(const V2TIMBuffer &customData, const V2TIMString &userID, V2TIMSendCallback *callback) = 0;
    virtual V2TIMString SendGroupTextMessage(const V2TIMString &text, const V2TIMString &groupID, V2TIMMessagePriority priority,
                                             V2TIMSendCallback *callback) = 0;
    virtual V2TIMString SendGroupCustomMessage(const V2TIMBuffer &customData, const V2TIMString &groupID, V2TIMMessagePriority priority,
                                               V2TIMSendCallback *callback) = 0;

    /// Creates a group and owns it; gives its groupID. "Work" groups are filled by their members, all others can be joined by anybody.
    virtual void CreateGroup(const V2TIMString &groupType, const V2TIMString &groupID, const V2TIMString &groupName,
                             V2TIMValueCallback<V2TIMString> *callback) = 0;
    /// Joins a group that is open to anybody. `message` is taken and not used: there are no applications.
    virtual void JoinGroup(const V2TIMString &groupID, const V2TIMString &message, V2TIMCallback *callback) = 0;
    /// Leaves a group. An owner hands it over first, or dismisses it.
    virtual void QuitGroup(const V2TIMString &groupID, V2TIMCallback *callback) = 0;
    virtual void DismissGroup(const V2TIMString &groupID, V2TIMCallback *callback) = 0;

    virtual void AddGroupListener(V2TIMGroupListener *listener) = 0;
    virtual void RemoveGroupListener(V2TIMGroupListener *listener) = 0;

    virtual V2TIMSignalingManager *GetSignalingManager() = 0;
    virtual V2TIMMessageManager *GetMessageManager() = 0;
    virtual V2TIMGroupManager *GetGroupManager() = 0;

    /// Calls: who rings, who is in them, how they end. Besides Tencent's.
    virtual wigwag::Calls *GetCalls() = 0;

    /// Calls a method of the protocol by its name, with params and result as JSON: profiles, blocking, what this interface has no function for.
    /// docs/protocol.md has them all. Besides Tencent's.
    virtual void Request(const V2TIMString &method, const V2TIMString &params, V2TIMValueCallback<V2TIMString> *callback) = 0;
    virtual void AddEventListener(WigwagEventListener *listener) = 0;
    virtual void RemoveEventListener(WigwagEventListener *listener) = 0;
};

#include "detail/manager.h"

#endif
