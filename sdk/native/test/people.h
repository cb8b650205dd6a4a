// What the programs that test the C++ interface share: checks, callbacks that are waited for, and people who use the C library.
#ifndef WIGWAG_TEST_PEOPLE_H
#define WIGWAG_TEST_PEOPLE_H

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <future>
#include <mutex>
#include <string>

#include <wigwag/v2tim/V2TIMManager.h>

#define CHECK(is)                                                                                                                          \
    do {                                                                                                                                   \
        if (!(is)) {                                                                                                                       \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #is);                                                                  \
            std::exit(1);                                                                                                                  \
        }                                                                                                                                  \
    } while (0)

inline V2TIMManager &Sdk() { return *V2TIMManager::GetInstance(); }
inline V2TIMSignalingManager &Signaling() { return *Sdk().GetSignalingManager(); }

/// The code that a call ends with.
class Outcome : public V2TIMCallback {
public:
    void OnSuccess() override { code_.set_value(0); }
    void OnError(int code, const V2TIMString &) override { code_.set_value(code); }
    int Code() { return code_.get_future().get(); }

private:
    std::promise<int> code_;
};

template <class T> class Value final : public V2TIMValueCallback<T> {
public:
    void OnSuccess(const T &value) override { value_.set_value(value); }
    void OnError(int code, const V2TIMString &words) override {
        std::fprintf(stderr, "failed: %d %s\n", code, words.CString());
        std::exit(1);
    }
    T Get() { return value_.get_future().get(); }

private:
    std::promise<T> value_;
};

class Sent final : public V2TIMSendCallback {
public:
    void OnSuccess(const V2TIMMessage &message) override { message_.set_value(message); }
    void OnError(int, const V2TIMString &) override { message_.set_value(V2TIMMessage()); }
    V2TIMMessage Get() { return message_.get_future().get(); }

private:
    std::promise<V2TIMMessage> message_;
};

inline int CodeOf(void (*call)(V2TIMCallback *)) {
    Outcome outcome;
    call(&outcome);
    return outcome.Code();
}

inline int Login(const char *user, const V2TIMString &sig) {
    Outcome outcome;
    Sdk().Login(user, sig, &outcome);
    return outcome.Code();
}

/// Somebody who uses the C library.
class Person {
public:
    Person(const char *url, const char *token) {
        WigwagOptions options{};
        options.size = sizeof options;
        options.url = wigwag_text(url);
        options.token = wigwag_text(token);
        options.user = this;
        options.on_event = [](void *user, WigwagClient, const WigwagEvent *event) {
            if (event->event_type == WIGWAG_EVENT_TYPE_CONNECTED) {
                static_cast<Person *>(user)->connected_.set_value();
            }
        };
        CHECK(wigwag_client_open(&options, &client_) == WIGWAG_RESULT_OK);
        connected_.get_future().wait();
    }
    ~Person() { CHECK(wigwag_client_close(client_) == WIGWAG_RESULT_OK); }

    std::string Invites(const char *user, const char *data, const char *mediaType = nullptr) {
        WigwagInvite invite{};
        invite.size = sizeof invite;
        invite.invitee = wigwag_text(user);
        invite.data = wigwag_text(data);
        invite.timeout = 30;
        invite.media_type = wigwag_text(mediaType);
        WigwagInviteID inviteID{};
        std::promise<WigwagResult> done;
        CHECK(wigwag_invite(client_, &invite, &inviteID, &Person::Replied, &done) == WIGWAG_RESULT_OK);
        CHECK(done.get_future().get() == WIGWAG_RESULT_OK);
        return inviteID.text;
    }

    /// Asks for something that succeeds.
    void Does(const char *method, const std::string &params) {
        std::promise<WigwagResult> done;
        CHECK(wigwag_request(client_, wigwag_text(method), wigwag_text(params.c_str()), &Person::Replied, &done) == WIGWAG_RESULT_OK);
        CHECK(done.get_future().get() == WIGWAG_RESULT_OK);
    }

    void HangsUp(const std::string &callID) { Does("call.hangUp", "{\"callID\": \"" + callID + "\"}"); }

private:
    static void Replied(void *to, WigwagClient, const WigwagReply *reply) {
        static_cast<std::promise<WigwagResult> *>(to)->set_value(reply->result);
    }

    std::promise<void> connected_;
    WigwagClient client_{};
};

/// What listeners have said, in the order in which it is to be heard.
class Heard {
public:
    void Say(const std::string &words) {
        const std::lock_guard<std::mutex> held(lock_);
        said_.push_back(words);
        changed_.notify_one();
    }

    /// Waits for the next words.
    std::string Next() {
        std::unique_lock<std::mutex> held(lock_);
        changed_.wait(held, [this] { return !said_.empty(); });
        std::string next = said_.front();
        said_.pop_front();
        return next;
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    std::deque<std::string> said_;
};

/// Names the line, what was said, and what was to be.
#define HEARS(heard, words)                                                                                                                \
    do {                                                                                                                                   \
        const std::string said = (heard).Next();                                                                                           \
        if (said != (words)) {                                                                                                             \
            std::fprintf(stderr, "%s:%d: \"%s\" and not \"%s\"\n", __FILE__, __LINE__, said.c_str(), std::string(words).c_str());         \
            std::exit(1);                                                                                                                  \
        }                                                                                                                                  \
    } while (0)

#endif
