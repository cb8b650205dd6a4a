/// The manager over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_MANAGER_H
#define WIGWAG_V2TIM_DETAIL_MANAGER_H

#include <string>

#include "../V2TIMManager.h"
#include "calls.h"
#include "groups.h"
#include "messages.h"
#include "session.h"
#include "signaling.h"
#include "statuses.h"

namespace wigwag::v2tim::detail {

class Manager final : public V2TIMManager {
public:
    Manager()
        : messages_(session_), signaling_(session_), groups_(session_), calls_(session_),
          statuses_(session_, [this](const V2TIMUserStatusVector &changed) {
              listeners_.Tell([&](V2TIMSDKListener &one) { one.OnUserStatusChanged(changed); });
          }) {
        session_.Tells([this](const WigwagEvent &event, Line &) { Hear(event); });
    }

    void AddSDKListener(V2TIMSDKListener *listener) override { listeners_.Add(listener); }
    void RemoveSDKListener(V2TIMSDKListener *listener) override { listeners_.Remove(listener); }

    bool InitSDK(uint32_t sdkAppID, const V2TIMSDKConfig &config) override {
        if (sdkAppID == 0 || config.serverAddress.Empty()) {
            return false;
        }
        session_.Configure(Server{config.serverAddress.Text(), config.initPath.Text()});
        return true;
    }

    void UnInitSDK() override {
        session_.Logout();
        session_.Configure(std::nullopt);
    }

    V2TIMString GetVersion() override { return wigwag_version(); }
    int64_t GetServerTime() override { return session_.ServerTime(); }

    void Login(const V2TIMString &userID, const V2TIMString &userSig, V2TIMCallback *callback) override {
        session_.Login(userID.Text(), userSig.Text(), callback);
    }
    void Logout(V2TIMCallback *callback) override {
        session_.Logout();
        Succeed(callback);
    }
    V2TIMString GetLoginUser() override { return session_.UserID(); }
    V2TIMLoginStatus GetLoginStatus() override { return static_cast<V2TIMLoginStatus>(session_.Status()); }

    void SetSelfStatus(const V2TIMUserStatus &status, V2TIMCallback *callback) override { statuses_.Say(status.customStatus, callback); }
    void GetUserStatus(const V2TIMStringVector &userIDList, V2TIMValueCallback<V2TIMUserStatusVector> *callback) override {
        statuses_.Of(userIDList, callback);
    }
    void SubscribeUserStatus(const V2TIMStringVector &userIDList, V2TIMCallback *callback) override {
        statuses_.Watch(userIDList, callback);
    }
    void UnsubscribeUserStatus(const V2TIMStringVector &userIDList, V2TIMCallback *callback) override {
        statuses_.Unwatch(userIDList, callback);
    }

    void AddSimpleMsgListener(V2TIMSimpleMsgListener *listener) override { messages_.AddSimpleMsgListener(listener); }
    void RemoveSimpleMsgListener(V2TIMSimpleMsgListener *listener) override { messages_.RemoveSimpleMsgListener(listener); }

    V2TIMString SendC2CTextMessage(const V2TIMString &text, const V2TIMString &userID, V2TIMSendCallback *callback) override {
        return Send(messages_.CreateTextMessage(text), userID, V2TIMString(), V2TIM_PRIORITY_NORMAL, callback);
    }
    V2TIMString SendC2CCustomMessage(const V2TIMBuffer &customData, const V2TIMString &userID, V2TIMSendCallback *callback) override {
        return Send(messages_.CreateCustomMessage(customData), userID, V2TIMString(), V2TIM_PRIORITY_NORMAL, callback);
    }
    V2TIMString SendGroupTextMessage(const V2TIMString &text, const V2TIMString &groupID, V2TIMMessagePriority priority,
                                     V2TIMSendCallback *callback) override {
        return Send(messages_.CreateTextMessage(text), V2TIMString(), groupID, priority, callback);
    }
    V2TIMString SendGroupCustomMessage(const V2TIMBuffer &customData, const V2TIMString &groupID, V2TIMMessagePriority priority,
                                       V2TIMSendCallback *callback) override {
        return Send(messages_.CreateCustomMessage(customData), V2TIMString(), groupID, priority, callback);
    }

    void CreateGroup(const V2TIMString &groupType, const V2TIMString &groupID, const V2TIMString &groupName,
                     V2TIMValueCallback<V2TIMString> *callback) override {
        V2TIMGroupInfo info;
        info.groupType = groupType;
        info.groupID = groupID;
        info.groupName = groupName;
        groups_.CreateGroup(info, V2TIMCreateGroupMemberInfoVector(), callback);
    }
    void JoinGroup(const V2TIMString &groupID, const V2TIMString &, V2TIMCallback *callback) override { Of("group.join", groupID, callback); }
    void QuitGroup(const V2TIMString &groupID, V2TIMCallback *callback) override { Of("group.quit", groupID, callback); }
    void DismissGroup(const V2TIMString &groupID, V2TIMCallback *callback) override { Of("group.dismiss", groupID, callback); }

    void AddGroupListener(V2TIMGroupListener *listener) override { groups_.AddGroupListener(listener); }
    void RemoveGroupListener(V2TIMGroupListener *listener) override { groups_.RemoveGroupListener(listener); }

    V2TIMSignalingManager *GetSignalingManager() override { return &signaling_; }
    V2TIMMessageManager *GetMessageManager() override { return &messages_; }
    V2TIMGroupManager *GetGroupManager() override { return &groups_; }

    Calls *GetCalls() override { return &calls_; }

    void Request(const V2TIMString &method, const V2TIMString &params, V2TIMValueCallback<V2TIMString> *callback) override {
        const auto failure = session_.Request(method.Text(), params.Text(), [callback](const WigwagReply &reply) {
            reply.result == WIGWAG_RESULT_OK ? Succeed(callback, V2TIMString(Taken(reply.json))) : Fail(callback, FailureOf(reply.trouble));
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }
    void AddEventListener(WigwagEventListener *listener) override { events_.Add(listener); }
    void RemoveEventListener(WigwagEventListener *listener) override { events_.Remove(listener); }

private:
    V2TIMString Send(V2TIMMessage message, const V2TIMString &userID, const V2TIMString &groupID, V2TIMMessagePriority priority,
                     V2TIMSendCallback *callback) {
        return messages_.SendMessage(message, userID, groupID, priority, false, V2TIMOfflinePushInfo(), callback);
    }

    void Of(const char *method, const V2TIMString &groupID, V2TIMCallback *callback) {
        JsonObject params;
        params.Text("groupID", groupID.Text());
        session_.Do(method, params, callback);
    }

    void Hear(const WigwagEvent &event) {
        switch (event.event_type) {
        case WIGWAG_EVENT_TYPE_CONNECTING:
            return listeners_.Tell([](V2TIMSDKListener &one) { one.OnConnecting(); });
        case WIGWAG_EVENT_TYPE_CONNECTED:
            return listeners_.Tell([](V2TIMSDKListener &one) { one.OnConnectSuccess(); });
        case WIGWAG_EVENT_TYPE_RECONNECTING:
            Lost(*event.trouble);
            return listeners_.Tell([](V2TIMSDKListener &one) { one.OnConnecting(); });
        case WIGWAG_EVENT_TYPE_STOPPED:
            return Stopped(*event.trouble);
        default:
            if (event.cursor > 0) {
                const V2TIMString name(Taken(event.name));
                const V2TIMString json(Taken(event.json));
                events_.Tell([&](WigwagEventListener &one) { one.OnEvent(name, json); });
            }
        }
    }

    void Stopped(const WigwagTrouble &trouble) {
        const std::string reason = Taken(trouble.reason);
        if (reason == "kicked") {
            listeners_.Tell([](V2TIMSDKListener &one) { one.OnKickedOffline(); });
        } else if (reason == "tokenExpired") {
            listeners_.Tell([](V2TIMSDKListener &one) { one.OnUserSigExpired(); });
        } else {
            Lost(trouble);
        }
    }

    void Lost(const WigwagTrouble &trouble) {
        const Failure failure = FailureOf(trouble);
        listeners_.Tell([&](V2TIMSDKListener &one) { one.OnConnectFailed(failure.code, failure.words); });
    }

    Listeners<V2TIMSDKListener> listeners_;
    Listeners<WigwagEventListener> events_;
    Session session_;
    // Told before the signaling manager: a message is heard of before what it says.
    MessageManager messages_;
    SignalingManager signaling_;
    GroupManager groups_;
    CallsOfUser calls_;
    Statuses statuses_;
};

inline void TellNobody(const char *) {}

} // namespace wigwag::v2tim::detail

inline V2TIMManager *V2TIMManager::GetInstance() {
    static auto *const manager = new wigwag::v2tim::detail::Manager();
    return manager;
}

inline void V2TIMManager::SetExceptionReporter(void (*reporter)(const char *what)) {
    using namespace wigwag::v2tim::detail;
    Reporter().store(reporter == nullptr ? &TellNobody : reporter);
}

#endif
