/// What is told of a call: the difference between how it stood and how it stands. Rules only. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_CALL_STEPS_H
#define WIGWAG_V2TIM_DETAIL_CALL_STEPS_H

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call_shapes.h"

namespace wigwag::v2tim::detail {

/// Something to be told.
using CallStep = std::function<void(CallListener &)>;
using CallSteps = std::vector<CallStep>;

/// What is kept by a name; the oldest go first.
template <class T> class NewestByName {
public:
    explicit NewestByName(size_t most) : most_(most) {}

    T *Find(const std::string &name) {
        const auto found = kept_.find(name);
        return found == kept_.end() ? nullptr : &found->second;
    }
    /// Gives what is kept by the name from now on.
    T &Put(const std::string &name, T value) {
        if (kept_.find(name) == kept_.end()) {
            order_.push_back(name);
        }
        T &kept = kept_[name] = std::move(value);
        if (order_.size() > most_) {
            kept_.erase(order_.front());
            order_.pop_front();
        }
        return kept;
    }
    void Erase(const std::string &name) {
        kept_.erase(name);
        for (auto place = order_.begin(); place != order_.end(); ++place) {
            if (*place == name) {
                order_.erase(place);
                return;
            }
        }
    }
    /// A copy of the names and what is kept by them.
    std::map<std::string, T> All() const { return kept_; }
    void Clear() {
        kept_.clear();
        order_.clear();
    }

private:
    size_t most_;
    std::map<std::string, T> kept_;
    std::deque<std::string> order_;
};

/// How a call stood when it was told last. What the client knows may be ahead of the events that are told.
struct ToldCall {
    struct Person {
        CallState state = CallState::Unknown;
        std::string deviceID;
    };

    /// As the invitation that opened it says; those who are busy do not ring, which is news.
    static ToldCall Opened(const CallRing &ring, const std::string &deviceID, const V2TIMStringVector &busy) {
        ToldCall told;
        told.people[ring.inviter.Text()] = {CallState::Joined, deviceID};
        for (const V2TIMString &invitee : ring.inviteeList) {
            if (!Has(busy, invitee.Text())) {
                told.people[invitee.Text()] = {CallState::Ringing, std::string()};
            }
        }
        return told;
    }

    /// As it stands, but these people ring still.
    static ToldCall Before(const Call &call, const V2TIMStringVector &ringing) {
        ToldCall told;
        for (const CallPerson &person : call.people) {
            const bool rings = Has(ringing, person.userID.Text());
            told.people[person.userID.Text()] = {rings ? CallState::Ringing : person.state, person.deviceID.Text()};
        }
        told.readAt = call.version;
        told.recounted = ringing;
        return told;
    }

    /// Takes over how it stands.
    void Becomes(const Call &call) {
        for (const CallPerson &person : call.people) {
            people[person.userID.Text()] = {person.state, person.deviceID.Text()};
        }
        isOver = call.endedAt != 0;
    }

    std::map<std::string, Person> people;
    bool isOver = false;
    /// The version at which it was read; 0 when it was followed from its beginning. Steps up to it were not told, but those of the people
    /// who are recounted.
    uint32_t readAt = 0;
    V2TIMStringVector recounted;
};

inline bool IsDeclined(CallState state) {
    switch (state) {
    case CallState::Rejected:
    case CallState::Busy:
    case CallState::TimedOut:
    case CallState::Cancelled:
    case CallState::Removed:
        return true;
    case CallState::Unknown:
    case CallState::Ringing:
    case CallState::Joined:
    case CallState::Left:
        return false;
    }
    return false;
}

/// What is to be told of one person.
inline void StepsOf(const Call &call, const CallPerson &person, const ToldCall &told, CallSteps &steps) {
    const auto before = told.people.find(person.userID.Text());
    const bool isNew = before == told.people.end();
    const CallState state = isNew ? CallState::Unknown : before->second.state;
    const bool moved = state == CallState::Joined && !isNew && before->second.deviceID != person.deviceID.Text();
    if (person.state == CallState::Joined && (state != CallState::Joined || moved)) {
        steps.push_back([id = call.callID, person](CallListener &one) { one.OnPersonJoined(id, person.userID, person.deviceID); });
    } else if (IsDeclined(person.state) && state != person.state) {
        steps.push_back([id = call.callID, person](CallListener &one) { one.OnPersonDeclined(id, person.userID, person.state); });
    } else if (person.state == CallState::Left && state != CallState::Left) {
        if (state != CallState::Joined) {
            // They came and went; which device it was is not known any more.
            steps.push_back([id = call.callID, person](CallListener &one) { one.OnPersonJoined(id, person.userID, V2TIMString()); });
        }
        if (person.reason != CallLeaveReason::CallEnded) {
            steps.push_back([id = call.callID, person](CallListener &one) { one.OnPersonLeft(id, person.userID, person.reason); });
        }
    }
}

/// What is to be told of a call that stands so now; notes that it was told.
inline CallSteps StepsTo(const Call &call, ToldCall &told) {
    CallSteps steps;
    if (told.isOver) {
        return steps;
    }
    for (const CallPerson &person : call.people) {
        StepsOf(call, person, told, steps);
    }
    if (call.endedAt != 0) {
        steps.push_back([id = call.callID, reason = call.endReason, duration = call.durationMs](CallListener &one) {
            one.OnCallEnded(id, reason, duration);
        });
    }
    told.Becomes(call);
    return steps;
}

/// What an event says by itself; notes that it was told.
inline CallSteps StepsIn(const std::string &name, const Json &event, ToldCall &told) {
    CallSteps steps;
    const V2TIMString callID(event["callID"].Text());
    const std::string &userID = event["userID"].Text();
    if (name == "call.joined") {
        const std::string &device = event["device"]["deviceID"].Text();
        told.people[userID] = {CallState::Joined, device};
        steps.push_back([callID, userID, device](CallListener &one) { one.OnPersonJoined(callID, userID, device); });
    } else if (name == "call.declined") {
        const CallState state = StateOf(event["state"].Text());
        for (const V2TIMString &one : TextsIn(event["userIDs"])) {
            told.people[one.Text()] = {state, std::string()};
            steps.push_back([callID, one, state](CallListener &listener) { listener.OnPersonDeclined(callID, one, state); });
        }
    } else if (name == "call.hungUp") {
        const CallLeaveReason reason = LeaveReasonOf(event["reason"].Text());
        told.people[userID] = {CallState::Left, std::string()};
        steps.push_back([callID, userID, reason](CallListener &one) { one.OnPersonLeft(callID, userID, reason); });
    }
    const CallEndReason why = EndReasonOf(event["endReason"].Text());
    if (why != CallEndReason::Running) {
        told.isOver = true;
        steps.push_back([callID, why, duration = MillisOf(event["durationMs"])](CallListener &one) { one.OnCallEnded(callID, why, duration); });
    }
    return steps;
}

/// What is to be told of a step: of a call that is known by how it stands, of another by the event.
inline CallSteps StepsAt(const std::string &name, const Json &event, const std::optional<Call> &known, ToldCall &told) {
    if (told.isOver) {
        return CallSteps();
    }
    if (static_cast<uint32_t>(event["version"].Integer()) <= told.readAt) {
        return Has(told.recounted, event["userID"].Text()) ? CallSteps() : StepsIn(name, event, told);
    }
    return known ? StepsTo(*known, told) : StepsIn(name, event, told);
}

} // namespace wigwag::v2tim::detail

#endif
