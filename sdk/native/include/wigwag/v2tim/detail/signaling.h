/// The signaling manager over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_SIGNALING_H
#define WIGWAG_V2TIM_DETAIL_SIGNALING_H

#include <optional>
#include <string>
#include <vector>

#include "../V2TIMSignalingManager.h"
#include "session.h"

namespace wigwag::v2tim::detail {

inline std::string PushOf(const V2TIMOfflinePushInfo &push) {
    JsonObject json;
    json.TextIfAny("title", push.title.Text())
        .TextIfAny("desc", push.desc.Text())
        .TextIfAny("ext", push.ext.Text())
        .Switch("disablePush", push.disablePush)
        .TextIfAny("iOSSound", push.iOSSound.Text())
        .Switch("ignoreIOSBadge", push.ignoreIOSBadge)
        .TextIfAny("androidSound", push.AndroidSound.Text())
        .TextIfAny("androidOPPOChannelID", push.AndroidOPPOChannelID.Text())
        .TextIfAny("androidFCMChannelID", push.AndroidFCMChannelID.Text())
        .TextIfAny("androidXiaoMiChannelID", push.AndroidXiaoMiChannelID.Text())
        .TextIfAny("androidVIVOCategory", push.AndroidVIVOCategory.Text())
        .TextIfAny("androidHuaWeiCategory", push.AndroidHuaWeiCategory.Text())
        .TextIfAny("androidOPPOCategory", push.AndroidOPPOCategory.Text())
        .TextIfAny("harmonyCategory", push.HarmonyCategory.Text());
    return json.Empty() ? std::string() : json.Done();
}

/// The custom message's data that may say something about an invitation.
inline std::string CustomDataOf(const V2TIMMessage &message) {
    for (size_t index = 0; index < message.elemList.Size(); index++) {
        if (const auto *custom = dynamic_cast<const V2TIMCustomElem *>(message.elemList[index])) {
            return custom->data.Text();
        }
    }
    return std::string();
}

inline V2TIMSignalingInfo SignalingOf(const std::string &customData) {
    V2TIMSignalingInfo info;
    const auto read = [](void *user, WigwagText text) {
        const Json said = Json::Read(text);
        auto &into = *static_cast<V2TIMSignalingInfo *>(user);
        into.inviteID = said["inviteID"].Text();
        into.groupID = said["groupID"].Text();
        into.inviter = said["inviter"].Text();
        for (const Json &invitee : said["inviteeList"].Items()) {
            into.inviteeList.PushBack(invitee.Text());
        }
        into.data = said["data"].Text();
        into.timeout = static_cast<uint32_t>(said["timeout"].Integer());
        into.actionType = static_cast<V2TIMSignalingActionType>(said["actionType"].Integer());
    };
    if (!customData.empty()) {
        // What is not UTF-8 is not signaling.
        wigwag_signaling_of(Given(customData), read, &info);
    }
    return info;
}

class SignalingManager final : public V2TIMSignalingManager {
public:
    explicit SignalingManager(Session &session) : session_(session) {
        session.Tells([this](const WigwagEvent &event, Line &line) { Hear(event, line.userID); });
    }

    void AddSignalingListener(V2TIMSignalingListener *listener) override { listeners_.Add(listener); }
    void RemoveSignalingListener(V2TIMSignalingListener *listener) override { listeners_.Remove(listener); }

    using V2TIMSignalingManager::Invite;

    V2TIMString Invite(const V2TIMString &invitee, const V2TIMString &data, const V2TIMString &onlineUserOnly,
                       const V2TIMOfflinePushInfo &offlinePushInfo, int timeout, V2TIMCallback *callback) override {
        const std::string &word = onlineUserOnly.Text();
        const bool on = word == "true" || word == "1";
        if (!on && !word.empty() && word != "false" && word != "0") {
            Fail(callback, InvalidParams("onlineUserOnly must be \"true\", \"false\", \"1\", \"0\" or empty"));
            return V2TIMString();
        }
        return Invite(invitee, data, on, offlinePushInfo, timeout, callback);
    }

    V2TIMString Invite(const V2TIMString &invitee, const V2TIMString &data, bool onlineUserOnly,
                       const V2TIMOfflinePushInfo &offlinePushInfo, int timeout, V2TIMCallback *callback) override {
        const std::string push = PushOf(offlinePushInfo);
        WigwagInvite invite{};
        invite.invitee = Given(invitee.Text());
        invite.offline_push_info = Given(push);
        return Inviting(&wigwag_invite, invite, {data, onlineUserOnly, timeout}, callback);
    }

    V2TIMString InviteInGroup(const V2TIMString &groupID, const V2TIMStringVector &inviteeList, const V2TIMString &data,
                              bool onlineUserOnly, int timeout, V2TIMCallback *callback) override {
        std::vector<WigwagText> invitees;
        for (const V2TIMString &invitee : inviteeList) {
            invitees.push_back(Given(invitee.Text()));
        }
        WigwagInvite invite{};
        invite.group_id = Given(groupID.Text());
        invite.invitees = invitees.data();
        invite.invitee_count = invitees.size();
        return Inviting(&wigwag_invite_in_group, invite, {data, onlineUserOnly, timeout}, callback);
    }

    void Cancel(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) override {
        Answer(&wigwag_cancel, inviteID, data, callback);
    }
    void Accept(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) override {
        Answer(&wigwag_accept, inviteID, data, callback);
    }
    void Reject(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) override {
        Answer(&wigwag_reject, inviteID, data, callback);
    }
    void ModifyInvitation(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) override {
        Answer(&wigwag_modify, inviteID, data, callback);
    }

    V2TIMSignalingInfo GetSignalingInfo(const V2TIMMessage &msg) override { return SignalingOf(CustomDataOf(msg)); }

    void AddInvitedSignaling(const V2TIMSignalingInfo &info, V2TIMCallback *callback) override {
        if (info.inviteID.Empty() || info.inviter.Empty()) {
            return Fail(callback, InvalidParams("info.inviteID and info.inviter must not be empty"));
        }
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return wigwag_add_invited(client, Given(info.inviteID.Text()), reply, user);
        };
        Settle(session_.Ask(call, Telling(callback)), callback);
    }

private:
    using InviteFunction = decltype(&wigwag_invite);
    using AnswerFunction = decltype(&wigwag_accept);

    struct Wish {
        const V2TIMString &data;
        bool onlineUserOnly;
        int timeout;
    };

    V2TIMString Inviting(InviteFunction function, WigwagInvite &invite, const Wish &wish, V2TIMCallback *callback) {
        if (wish.timeout < 0) {
            Fail(callback, InvalidParams("timeout must be 0 or more"));
            return V2TIMString();
        }
        invite.size = sizeof invite;
        invite.data = Given(wish.data.Text());
        invite.timeout = static_cast<uint32_t>(wish.timeout);
        invite.online_user_only = wish.onlineUserOnly ? 1 : 0;
        WigwagInviteID inviteID{};
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return function(client, &invite, &inviteID, reply, user);
        };
        Settle(session_.Ask(call, Telling(callback)), callback);
        return V2TIMString(inviteID.text);
    }

    void Answer(AnswerFunction function, const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) {
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return function(client, Given(inviteID.Text()), Given(data.Text()), reply, user);
        };
        Settle(session_.Ask(call, Telling(callback)), callback);
    }

    static std::function<void(const WigwagReply &)> Telling(V2TIMCallback *callback) {
        return [callback](const WigwagReply &reply) {
            reply.result == WIGWAG_RESULT_OK ? Succeed(callback) : Fail(callback, FailureOf(reply.trouble));
        };
    }

    static void Settle(const std::optional<Failure> &failure, V2TIMCallback *callback) {
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Hear(const WigwagEvent &event, const std::string &userID) {
        if (Taken(event.name) == "invitation.silenced") {
            return Silenced(Json::Read(event.json), userID);
        }
        // What this device did itself is no news to its listeners, nor is what was told at the login or at the deadline.
        if (event.invitation == nullptr || event.own != 0 || event.invitation->told_before != 0) {
            return;
        }
        const WigwagInvitation &told = *event.invitation;
        const V2TIMString inviteID(Taken(told.invite_id));
        const V2TIMString inviter(Taken(told.inviter));
        const V2TIMString data(Taken(told.data));
        V2TIMStringVector invitees;
        bool isNamed = false;
        for (size_t index = 0; index < told.invitee_count; index++) {
            const V2TIMString invitee(Taken(told.invitees[index]));
            isNamed = isNamed || invitee.Text() == userID;
            invitees.PushBack(invitee);
        }
        switch (event.event_type) {
        case WIGWAG_EVENT_TYPE_INVITATION_RECEIVED:
            // One's own, from another device, does not ring, nor does an old message.
            if (inviter.Text() != userID && told.is_past == 0) {
                const V2TIMString groupID(Taken(told.group_id));
                listeners_.Tell([&](V2TIMSignalingListener &one) {
                    one.OnReceiveNewInvitation(inviteID, inviter, groupID, invitees, data);
                });
            }
            return;
        case WIGWAG_EVENT_TYPE_INVITATION_ACCEPTED:
            return listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInviteeAccepted(inviteID, invitees[0], data); });
        case WIGWAG_EVENT_TYPE_INVITATION_REJECTED:
            return listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInviteeRejected(inviteID, invitees[0], data); });
        case WIGWAG_EVENT_TYPE_INVITATION_CANCELLED:
            // Tencent's has no callback for a cancel of others, after which the invitation goes on.
            if (told.still_open != 0 && !isNamed) {
                return;
            }
            return listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInvitationCancelled(inviteID, inviter, data); });
        case WIGWAG_EVENT_TYPE_INVITATION_TIMED_OUT:
            return listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInvitationTimeout(inviteID, invitees); });
        case WIGWAG_EVENT_TYPE_INVITATION_MODIFIED:
            return listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInvitationModified(inviteID, data); });
        default:
            return;
        }
    }

    /// Another device has said that none of this user's shall ring. Tencent's has no word for it: the ring ends as if that had rejected it.
    void Silenced(const Json &told, const std::string &userID) {
        const V2TIMString inviteID(told["inviteID"].Text());
        listeners_.Tell([&](V2TIMSignalingListener &one) { one.OnInviteeRejected(inviteID, V2TIMString(userID), V2TIMString()); });
    }

    Session &session_;
    Listeners<V2TIMSignalingListener> listeners_;
};

} // namespace wigwag::v2tim::detail

#endif
