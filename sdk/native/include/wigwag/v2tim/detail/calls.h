/// Calls over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_CALLS_H
#define WIGWAG_V2TIM_DETAIL_CALLS_H

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../../Calls.h"
#include "call_steps.h"
#include "session.h"
#include "signaling.h"

namespace wigwag::v2tim::detail {

/// The JSON that a function of the C library gives.
template <class Call> Json JsonFrom(Call &&call) {
    Json json;
    const WigwagOnText read = [](void *user, WigwagText text) { *static_cast<Json *>(user) = Json::Read(text); };
    call(read, &json);
    return json;
}

class CallsOfUser final : public Calls {
public:
    explicit CallsOfUser(Session &session) : session_(session) {
        session.Tells([this](const WigwagEvent &event, Line &line) { Hear(event, line.userID); });
    }

    void AddListener(CallListener *listener) override { listeners_.Add(listener); }
    void RemoveListener(CallListener *listener) override { listeners_.Remove(listener); }

    V2TIMString Invite(const V2TIMString &invitee, const CallOptions &options, V2TIMValueCallback<CallEntry> *callback) override {
        WigwagInvite invite{};
        invite.invitee = Given(invitee.Text());
        return Inviting(&wigwag_invite, invite, options, callback);
    }

    V2TIMString InviteInGroup(const V2TIMString &groupID, const V2TIMStringVector &inviteeList, const CallOptions &options,
                              V2TIMValueCallback<CallEntry> *callback) override {
        std::vector<WigwagText> invitees;
        for (const V2TIMString &invitee : inviteeList) {
            invitees.push_back(Given(invitee.Text()));
        }
        WigwagInvite invite{};
        invite.group_id = Given(groupID.Text());
        invite.invitees = invitees.data();
        invite.invitee_count = invitees.size();
        return Inviting(&wigwag_invite_in_group, invite, options, callback);
    }

    void Accept(const V2TIMString &inviteID, const V2TIMString &data, V2TIMValueCallback<CallEntry> *callback) override {
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return wigwag_accept(client, Given(inviteID.Text()), Given(data.Text()), reply, user);
        };
        Settle(session_.Ask(call, Entering(callback)), callback);
    }

    void Reject(const V2TIMString &inviteID, const V2TIMString &data, V2TIMCallback *callback) override {
        session_.Do("signaling.reject", Answering(inviteID, data), callback);
    }
    void Cancel(const V2TIMString &inviteID, const V2TIMStringVector &inviteeList, const V2TIMString &data, V2TIMCallback *callback) override {
        JsonObject params = Answering(inviteID, data);
        if (!inviteeList.Empty()) {
            params.List("inviteeList", inviteeList);
        }
        session_.Do("signaling.cancel", params, callback);
    }

    void HangUp(const V2TIMString &callID, V2TIMCallback *callback) override {
        const auto failure = session_.Request("call.hangUp", Of(callID).Done(), [this, callID, callback](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(callback, FailureOf(reply.trouble));
            }
            Succeed(callback);
            Acted(callID.Text(), RingEnd::Rejected);
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Join(const V2TIMString &callID, V2TIMValueCallback<CallEntry> *callback) override {
        const auto failure = session_.Request("call.join", Of(callID).Done(), [this, callID, callback](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(callback, FailureOf(reply.trouble));
            }
            Succeed(callback, EntryOf(Json::Read(reply.json)));
            Acted(callID.Text(), RingEnd::Accepted);
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Signal(const V2TIMString &callID, const V2TIMString &to, const V2TIMString &data, V2TIMCallback *callback) override {
        session_.Do("call.signal", Of(callID).TextIfAny("to", to.Text()).Text("data", data.Text()), callback);
    }

    CallVector Running() override {
        const auto client = session_.Client();
        const auto *signedIn = std::get_if<WigwagClient>(&client);
        if (signedIn == nullptr) {
            return CallVector();
        }
        return CallsIn(JsonFrom([&](WigwagOnText read, void *user) { wigwag_running_calls(*signedIn, read, user); }));
    }

    void Get(const V2TIMString &callID, V2TIMValueCallback<Call> *callback) override {
        session_.Fetch("call.get", Of(callID), callback, [](const Json &got) { return CallOf(got["call"]); });
    }
    void GetOfGroup(const V2TIMString &groupID, V2TIMValueCallback<Call> *callback) override {
        JsonObject params;
        params.Text("groupID", groupID.Text());
        session_.Fetch("call.get", params, callback, [](const Json &got) { return CallOf(got["call"]); });
    }
    void List(bool onlyMissed, const V2TIMString &after, V2TIMValueCallback<CallPage> *callback) override {
        JsonObject params;
        params.Switch("missed", onlyMissed).TextIfAny("after", after.Text());
        session_.Fetch("call.list", params, callback, [](const Json &page) {
            return CallPage{CallsIn(page["calls"]), MillisOf(page["seenUpTo"]), page["next"].Text()};
        });
    }
    void MarkSeen(uint64_t upTo, V2TIMCallback *callback) override {
        JsonObject params;
        session_.Do("call.markSeen", params.Number("upTo", upTo), callback);
    }

private:
    using InviteFunction = decltype(&wigwag_invite);

    static JsonObject Of(const V2TIMString &callID) {
        JsonObject params;
        params.Text("callID", callID.Text());
        return params;
    }
    static JsonObject Answering(const V2TIMString &inviteID, const V2TIMString &data) {
        JsonObject params;
        params.Text("inviteID", inviteID.Text()).Text("data", data.Text());
        return params;
    }

    V2TIMString Inviting(InviteFunction function, WigwagInvite &invite, const CallOptions &options, V2TIMValueCallback<CallEntry> *callback) {
        if (options.mediaType.Empty()) {
            Fail(callback, InvalidParams("mediaType must not be empty"));
            return V2TIMString();
        }
        const std::string push = PushOf(options.offlinePushInfo);
        invite.size = sizeof invite;
        invite.data = Given(options.data.Text());
        invite.timeout = options.timeout;
        invite.online_user_only = options.onlineUserOnly ? 1 : 0;
        invite.offline_push_info = Given(push);
        invite.media_type = Given(options.mediaType.Text());
        invite.room_id = Given(options.roomID.Text());
        WigwagInviteID inviteID{};
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return function(client, &invite, &inviteID, reply, user);
        };
        Settle(session_.Ask(call, Entering(callback)), callback);
        return V2TIMString(inviteID.text);
    }

    /// Tells what is needed to take part. An invitation that is none to a call gives an entry without a callID.
    static std::function<void(const WigwagReply &)> Entering(V2TIMValueCallback<CallEntry> *callback) {
        return [callback](const WigwagReply &reply) {
            reply.result == WIGWAG_RESULT_OK ? Succeed(callback, EntryOf(Json::Read(reply.json)["call"]))
                                             : Fail(callback, FailureOf(reply.trouble));
        };
    }

    static void Settle(const std::optional<Failure> &failure, V2TIMValueCallback<CallEntry> *callback) {
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Hear(const WigwagEvent &event, const std::string &userID) {
        const std::string name = Taken(event.name);
        const bool isCall = name.rfind("call.", 0) == 0;
        const bool isSilenced = name == "invitation.silenced";
        if (event.invitation == nullptr && !isCall && !isSilenced) {
            return;
        }
        ForgetOthers();
        const Json told = Json::Read(event.json);
        if (isSilenced) {
            return EndRing(told["inviteID"].Text(), RingEnd::SilencedElsewhere);
        }
        if (event.event_type == WIGWAG_EVENT_TYPE_INVITATION_RECEIVED) {
            Received(event, told, userID);
        } else if (event.invitation != nullptr) {
            Settled(event, told, userID);
        } else {
            Stepped(name, told);
        }
    }

    void Received(const WigwagEvent &event, const Json &told, const std::string &userID) {
        const CallRing ring = RingOf(told);
        if (ring.callID.Empty()) {
            return;
        }
        const V2TIMStringVector busy = TextsIn(told["busyLineUserIDList"]);
        const bool isForMe = ring.inviter.Text() != userID && Has(ring.inviteeList, userID);
        const bool isNews = event.invitation->is_past == 0 && event.invitation->told_before == 0;
        if (Has(busy, userID)) {
            listeners_.Tell([&](CallListener &one) { one.OnMissedWhileBusy(ring); });
        } else if (isForMe && isNews && Rings(ring)) {
            listeners_.Tell([&](CallListener &one) { one.OnRing(ring); });
        }
        Opened(ring, told["device"]["deviceID"].Text(), busy);
    }

    /// Whether it rings only now.
    bool Rings(const CallRing &ring) {
        const std::lock_guard<std::mutex> held(lock_);
        const bool isNew = rings_.Find(ring.inviteID.Text()) == nullptr;
        rings_.Put(ring.inviteID.Text(), ring.callID.Text());
        return isNew;
    }

    /// An invitation was answered, or is over, for somebody.
    void Settled(const WigwagEvent &event, const Json &told, const std::string &userID) {
        const std::string &inviteID = told["inviteID"].Text();
        const std::string callID = CallOfInvitation(inviteID);
        const bool byOne = event.event_type == WIGWAG_EVENT_TYPE_INVITATION_ACCEPTED || event.event_type == WIGWAG_EVENT_TYPE_INVITATION_REJECTED;
        const V2TIMStringVector whose = byOne ? V2TIMStringVector{told["invitee"].Text()} : TextsIn(told["inviteeList"]);
        if (callID.empty() || event.event_type == WIGWAG_EVENT_TYPE_INVITATION_MODIFIED) {
            return;
        }
        if (Has(whose, userID)) {
            EndRing(inviteID, RingEndOf(event));
        }
        Follow(callID, whose);
    }

    static RingEnd RingEndOf(const WigwagEvent &event) {
        switch (event.event_type) {
        case WIGWAG_EVENT_TYPE_INVITATION_ACCEPTED:
            return event.own != 0 ? RingEnd::Accepted : RingEnd::AcceptedElsewhere;
        case WIGWAG_EVENT_TYPE_INVITATION_REJECTED:
            return event.own != 0 ? RingEnd::Rejected : RingEnd::RejectedElsewhere;
        case WIGWAG_EVENT_TYPE_INVITATION_TIMED_OUT:
            return RingEnd::TimedOut;
        default:
            return RingEnd::Cancelled;
        }
    }

    void Stepped(const std::string &name, const Json &told) {
        const std::string &callID = told["callID"].Text();
        if (name == "call.signal") {
            return listeners_.Tell([&](CallListener &one) {
                one.OnCallSignal(callID, told["sender"].Text(), told["device"]["deviceID"].Text(), told["data"].Text());
            });
        }
        if (name == "call.seen") {
            return listeners_.Tell([&](CallListener &one) { one.OnMissedCallsSeen(MillisOf(told["upTo"])); });
        }
        if (name == "call.invited") {
            const V2TIMStringVector userIDs = TextsIn(told["userIDs"]);
            listeners_.Tell([&](CallListener &one) { one.OnPeopleInvited(callID, told["by"].Text(), userIDs); });
        }
        const auto known = Known(callID);
        std::unique_lock<std::mutex> held(lock_);
        ToldCall *before = told_.Find(callID);
        ToldCall unheardOf;
        const CallSteps steps = before != nullptr ? StepsAt(name, told, known, *before) : StepsIn(name, told, unheardOf);
        held.unlock();
        Tell(steps);
    }

    /// A call began, as far as this device knows, or more people ring in it.
    void Opened(const CallRing &ring, const std::string &deviceID, const V2TIMStringVector &busy) {
        const std::string &callID = ring.callID.Text();
        std::unique_lock<std::mutex> held(lock_);
        if (told_.Find(callID) == nullptr && ring.callID == ring.inviteID) {
            told_.Put(callID, ToldCall::Opened(ring, deviceID, busy));
        }
        held.unlock();
        CatchUp(callID);
    }

    /// Tells what is known of a call that was told of.
    void CatchUp(const std::string &callID) {
        if (const auto known = Known(callID)) {
            std::unique_lock<std::mutex> held(lock_);
            ToldCall *before = told_.Find(callID);
            const CallSteps steps = before != nullptr ? StepsTo(*known, *before) : CallSteps();
            held.unlock();
            Tell(steps);
        }
    }

    /// Something became of invitations of these people into a call. One that is not known is read.
    void Follow(const std::string &callID, const V2TIMStringVector &whose) {
        const auto known = Known(callID);
        if (known) {
            return FollowTo(*known, whose);
        }
        // Nobody asked for it: when it fails, nothing is told.
        const auto unsent = session_.Request("call.get", Of(callID).Done(), [this, whose](const WigwagReply &reply) {
            if (reply.result == WIGWAG_RESULT_OK) {
                FollowTo(CallOf(Json::Read(reply.json)["call"]), whose);
            }
        });
        static_cast<void>(unsent);
    }

    void FollowTo(const Call &call, const V2TIMStringVector &whose) {
        std::unique_lock<std::mutex> held(lock_);
        ToldCall *before = told_.Find(call.callID.Text());
        ToldCall &told = before != nullptr ? *before : told_.Put(call.callID.Text(), ToldCall::Before(call, whose));
        const CallSteps steps = StepsTo(call, told);
        held.unlock();
        Tell(steps);
    }

    /// One came in, or left, by the call's name: no event says so on this device.
    void Acted(const std::string &callID, RingEnd why) {
        std::unique_lock<std::mutex> held(lock_);
        const auto rings = rings_.All();
        held.unlock();
        for (const auto &[inviteID, of] : rings) {
            if (of == callID) {
                EndRing(inviteID, why);
            }
        }
        CatchUp(callID);
    }

    void EndRing(const std::string &inviteID, RingEnd why) {
        std::unique_lock<std::mutex> held(lock_);
        const std::string *found = rings_.Find(inviteID);
        if (found == nullptr) {
            return;
        }
        const std::string callID = *found;
        rings_.Erase(inviteID);
        held.unlock();
        listeners_.Tell([&](CallListener &one) { one.OnRingEnded(inviteID, callID, why); });
    }

    void Tell(const CallSteps &steps) {
        for (const CallStep &step : steps) {
            listeners_.Tell(step);
        }
    }

    std::optional<Call> Known(const std::string &callID) {
        const auto client = session_.Client();
        const auto *signedIn = std::get_if<WigwagClient>(&client);
        if (signedIn == nullptr || callID.empty()) {
            return std::nullopt;
        }
        const Json call = JsonFrom([&](WigwagOnText read, void *user) { wigwag_known_call(*signedIn, Given(callID), read, user); });
        return call.IsNull() ? std::nullopt : std::optional(CallOf(call));
    }

    /// Empty when it is into no call, or not known.
    std::string CallOfInvitation(const std::string &inviteID) {
        const auto client = session_.Client();
        const auto *signedIn = std::get_if<WigwagClient>(&client);
        if (signedIn == nullptr) {
            return std::string();
        }
        const Json invitation =
            JsonFrom([&](WigwagOnText read, void *user) { wigwag_known_invitation(*signedIn, Given(inviteID), read, user); });
        return invitation["call"]["callID"].Text();
    }

    /// What one login has told is not another's: what rings then is told again.
    void ForgetOthers() {
        const auto client = session_.Client();
        const auto *signedIn = std::get_if<WigwagClient>(&client);
        const std::lock_guard<std::mutex> held(lock_);
        if (signedIn != nullptr && signedIn->id != clientID_) {
            clientID_ = signedIn->id;
            rings_.Clear();
            told_.Clear();
        }
    }

    /// Ten times what may be open for one invitee by the server's default.
    static constexpr size_t MOST_RINGS = 1'000;
    /// As many as the client keeps.
    static constexpr size_t MOST_CALLS = 200;

    Session &session_;
    Listeners<CallListener> listeners_;
    std::mutex lock_;
    uint64_t clientID_ = 0;
    /// The calls of what rings, by inviteID.
    NewestByName<std::string> rings_{MOST_RINGS};
    NewestByName<ToldCall> told_{MOST_CALLS};
};

} // namespace wigwag::v2tim::detail

#endif
