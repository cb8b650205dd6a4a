/// Users' statuses over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_STATUSES_H
#define WIGWAG_V2TIM_DETAIL_STATUSES_H

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../V2TIMStatus.h"
#include "session.h"

namespace wigwag::v2tim::detail {

inline V2TIMUserStatus StatusOf(const Json &told) {
    const std::string &presence = told["presence"].Text();
    V2TIMUserStatus status;
    status.userID = told["userID"].Text();
    status.statusType = presence == "online"    ? V2TIM_USER_STATUS_ONLINE
                        : presence == "offline" ? V2TIM_USER_STATUS_OFFLINE
                                                : V2TIM_USER_STATUS_UNKNOWN;
    status.customStatus = told["status"].Text();
    return status;
}

/// Who is online and what they say of themselves, as far as one may know it; and whom this device watches.
class Statuses {
public:
    using Tell = std::function<void(const V2TIMUserStatusVector &)>;

    /// `tell` is called with changes, of those who are watched and of oneself.
    Statuses(Session &session, Tell tell) : session_(session), tell_(std::move(tell)) {
        session.Tells([this](const WigwagEvent &event, Line &line) { Hear(event, line); });
    }

    void Say(const V2TIMString &status, V2TIMCallback *callback) {
        const std::string said = status.Text();
        const std::string me = session_.UserID();
        JsonObject params;
        params.Text("status", said);
        const auto failure = session_.Request("user.setStatus", params.Done(), [this, me, said, callback](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(callback, FailureOf(reply.trouble));
            }
            TellMine(me, said);
            Succeed(callback);
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Of(const V2TIMStringVector &userIDs, V2TIMValueCallback<V2TIMUserStatusVector> *callback) {
        if (userIDs.Empty()) {
            return Fail(callback, InvalidParams("userIDList must not be empty"));
        }
        Read(std::make_shared<Question>(Question{userIDs, {}, callback}), 0);
    }

    /// Watches these users besides those of before, of whom the oldest make room.
    void Watch(const V2TIMStringVector &userIDs, V2TIMCallback *callback) {
        if (userIDs.Empty()) {
            return Fail(callback, InvalidParams("userIDList must not be empty"));
        }
        Change(callback, [&](std::vector<V2TIMString> &watched) {
            for (const V2TIMString &userID : userIDs) {
                Take(watched, userID);
                watched.push_back(userID);
            }
            if (watched.size() > USERS_AT_ONCE) {
                watched.erase(watched.begin(), watched.end() - static_cast<std::ptrdiff_t>(USERS_AT_ONCE));
            }
        });
    }

    /// Watches these users no more; without any nobody.
    void Unwatch(const V2TIMStringVector &userIDs, V2TIMCallback *callback) {
        Change(callback, [&](std::vector<V2TIMString> &watched) {
            if (userIDs.Empty()) {
                watched.clear();
            }
            for (const V2TIMString &userID : userIDs) {
                Take(watched, userID);
            }
        });
    }

private:
    /// Most users one request may name, and one device may watch.
    static constexpr size_t USERS_AT_ONCE = 100;

    struct Question {
        V2TIMStringVector userIDs;
        V2TIMUserStatusVector found;
        V2TIMValueCallback<V2TIMUserStatusVector> *callback;
    };

    /// Asks for the users from this place on, as many as one request may name.
    void Read(const std::shared_ptr<Question> &question, size_t from) {
        const size_t end = std::min(from + USERS_AT_ONCE, question->userIDs.Size());
        V2TIMStringVector asked;
        for (size_t place = from; place < end; place++) {
            asked.PushBack(question->userIDs[place]);
        }
        JsonObject params;
        params.List("userIDs", asked);
        const auto failure = session_.Request("user.getStatus", params.Done(), [this, question, end](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(question->callback, FailureOf(reply.trouble));
            }
            const Json page = Json::Read(reply.json);
            for (const Json &user : page["users"].Items()) {
                question->found.PushBack(StatusOf(user));
            }
            end < question->userIDs.Size() ? Read(question, end) : Succeed(question->callback, question->found);
        });
        if (failure) {
            Fail(question->callback, *failure);
        }
    }

    static void Take(std::vector<V2TIMString> &from, const V2TIMString &userID) {
        const auto same = [&](const V2TIMString &one) { return one.Text() == userID.Text(); };
        from.erase(std::remove_if(from.begin(), from.end(), same), from.end());
    }

    /// Changes whom this device wants to watch, and says so: in the order of the changes, hence under the lock. The app is told without it.
    template <class Wish> void Change(V2TIMCallback *callback, Wish &&wish) {
        std::optional<Failure> failure;
        {
            const std::lock_guard<std::mutex> held(lock_);
            std::vector<V2TIMString> wanted = watched_;
            wish(wanted);
            JsonObject params;
            params.List("userIDs", wanted);
            failure = session_.Request("user.watch", params.Done(), [callback](const WigwagReply &reply) {
                reply.result == WIGWAG_RESULT_OK ? Succeed(callback) : Fail(callback, FailureOf(reply.trouble));
            });
            if (!failure) {
                watched_ = std::move(wanted);
            }
        }
        if (failure) {
            Fail(callback, *failure);
        }
    }

    void Hear(const WigwagEvent &event, Line &line) {
        if (event.event_type == WIGWAG_EVENT_TYPE_CONNECTING && !line.ready) {
            // Another login: it watches nobody yet.
            const std::lock_guard<std::mutex> held(lock_);
            watched_.clear();
            return;
        }
        const std::string name = Taken(event.name);
        if (name == "user.status") {
            tell_(V2TIMUserStatusVector{StatusOf(Json::Read(event.json))});
        } else if (name == "user.statusChanged") {
            const Json changed = Json::Read(event.json);
            TellMine(line.userID, changed["status"].Text());
        }
    }

    void TellMine(const std::string &me, const std::string &status) {
        V2TIMUserStatus mine;
        mine.userID = me;
        mine.statusType = V2TIM_USER_STATUS_ONLINE;
        mine.customStatus = status;
        tell_(V2TIMUserStatusVector{mine});
    }

    Session &session_;
    const Tell tell_;
    std::mutex lock_;
    /// As the app wants it; of a request that the server refuses the next one says it again.
    std::vector<V2TIMString> watched_;
};

} // namespace wigwag::v2tim::detail

#endif
