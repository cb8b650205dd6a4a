/// Who is signed in, and with which client of the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_SESSION_H
#define WIGWAG_V2TIM_DETAIL_SESSION_H

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "failure.h"
#include "storage.h"

namespace wigwag::v2tim::detail {

/// Where the server is, and what the device gives.
struct Server {
    std::string url;
    /// Where the deviceID and the cursors are kept; empty: nowhere.
    std::string folder;
};

/// The signaling messages that one login was told of; the next one is told anew. Its events come one after the other.
class ToldMessages {
public:
    /// Whether this message was not told before; it counts as told from now on.
    bool IsNews(const std::string &messageID) {
        if (!ids_.insert(messageID).second) {
            return false;
        }
        order_.push_back(messageID);
        if (order_.size() > MOST) {
            ids_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }

private:
    /// Those of a few connections that were lost.
    static constexpr size_t MOST = 1'000;

    std::set<std::string> ids_;
    std::deque<std::string> order_;
};

/// One user's login.
struct Line {
    std::string userID;
    ToldMessages told;
    WigwagClient client{};
    bool ready = false;
    /// Told how the login went.
    V2TIMCallback *callback = nullptr;
};

class Session {
public:
    using Part = std::function<void(const WigwagEvent &event, Line &line)>;

    /// Adds a part that is told of every event, before anybody logs in.
    void Tells(Part part) { parts_.push_back(std::move(part)); }

    void Configure(std::optional<Server> server) {
        const std::lock_guard<std::mutex> held(lock_);
        server_ = std::move(server);
    }

    /// Empty when nobody is signed in.
    std::string UserID() {
        const std::lock_guard<std::mutex> held(lock_);
        return line_ != nullptr && line_->ready ? line_->userID : std::string();
    }

    /// 1 signed in, 2 signing in, 3 neither.
    int Status() {
        const std::lock_guard<std::mutex> held(lock_);
        return line_ == nullptr ? 3 : line_->ready ? 1 : 2;
    }

    /// The client of who is signed in.
    std::variant<WigwagClient, Failure> Client() {
        const std::lock_guard<std::mutex> held(lock_);
        if (!server_) {
            return NotInitialised();
        }
        if (line_ == nullptr || !line_->ready) {
            return NotSignedIn();
        }
        return line_->client;
    }

    /// Server time, seconds; 0 when nobody is signed in.
    int64_t ServerTime() {
        const auto client = Client();
        uint64_t time = 0;
        if (const auto *signedIn = std::get_if<WigwagClient>(&client)) {
            wigwag_server_time(*signedIn, &time);
        }
        return static_cast<int64_t>(time / 1000);
    }

    /// Signs in; somebody else who is signed in is signed out first. Of who is signed in already the fresh token is kept.
    void Login(const std::string &userID, const std::string &userSig, V2TIMCallback *callback) {
        std::shared_ptr<Line> before;
        Server server;
        auto line = std::make_shared<Line>();
        line->userID = userID;
        line->callback = callback;
        {
            std::unique_lock<std::mutex> held(lock_);
            const auto failure = Refuses(userID, userSig);
            const bool same = !failure && line_ != nullptr && line_->userID == userID;
            if (failure || same) {
                const WigwagClient client = same ? line_->client : WigwagClient{};
                held.unlock();
                return failure ? Fail(callback, *failure) : Renew(client, userSig, callback);
            }
            server = *server_;
            before = std::exchange(line_, line);
        }
        if (before != nullptr) {
            wigwag_client_close(before->client);
        }
        Open(line, server, userSig);
    }

    /// Signs out; nothing happens when nobody is signed in.
    void Logout() {
        std::shared_ptr<Line> line;
        V2TIMCallback *waiting = nullptr;
        {
            const std::lock_guard<std::mutex> held(lock_);
            line = std::exchange(line_, nullptr);
            waiting = line == nullptr ? nullptr : std::exchange(line->callback, nullptr);
        }
        if (line != nullptr) {
            wigwag_client_close(line->client);
            Fail(waiting, SignedOut());
        }
    }

    /// Makes a request of the C library. `call` is given the client and where its reply goes; `answer` is told the reply.
    template <class Call>
    std::optional<Failure> Ask(Call &&call, std::function<void(const WigwagReply &)> answer) {
        const auto client = Client();
        if (const auto *failure = std::get_if<Failure>(&client)) {
            return *failure;
        }
        auto waiting = std::make_unique<std::function<void(const WigwagReply &)>>(std::move(answer));
        const WigwagResult result = call(std::get<WigwagClient>(client), &Session::OnReply, waiting.get());
        if (result != WIGWAG_RESULT_OK) {
            return FailureOf(result);
        }
        // It is the reply's now.
        static_cast<void>(waiting.release());
        return std::nullopt;
    }

    /// The same for a method of the protocol.
    std::optional<Failure> Request(const std::string &method, const std::string &params, std::function<void(const WigwagReply &)> answer) {
        const auto call = [&](WigwagClient client, WigwagOnReply reply, void *user) {
            return wigwag_request(client, Given(method), Given(params), reply, user);
        };
        return Ask(call, std::move(answer));
    }

    /// A method whose result is of no interest.
    void Do(const char *method, const JsonObject &params, V2TIMCallback *callback) {
        const auto failure = Request(method, params.Done(), [callback](const WigwagReply &reply) {
            reply.result == WIGWAG_RESULT_OK ? Succeed(callback) : Fail(callback, FailureOf(reply.trouble));
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

    /// A method whose result `read` makes a value of.
    template <class T, class Read>
    void Fetch(const char *method, const JsonObject &params, V2TIMValueCallback<T> *callback, Read read) {
        const auto failure = Request(method, params.Done(), [callback, read](const WigwagReply &reply) {
            reply.result == WIGWAG_RESULT_OK ? Succeed(callback, read(Json::Read(reply.json))) : Fail(callback, FailureOf(reply.trouble));
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

private:
    using Held = std::pair<Session *, std::shared_ptr<Line>>;

    std::optional<Failure> Refuses(const std::string &userID, const std::string &userSig) const {
        if (!server_) {
            return NotInitialised();
        }
        if (userID.empty() || userSig.empty()) {
            return InvalidParams("userID and userSig must not be empty");
        }
        if (line_ != nullptr && !line_->ready) {
            return LoginInProgress();
        }
        return std::nullopt;
    }

    static void Renew(WigwagClient client, const std::string &userSig, V2TIMCallback *callback) {
        const WigwagResult result = wigwag_set_token(client, Given(userSig));
        result == WIGWAG_RESULT_OK ? Succeed(callback) : Fail(callback, FailureOf(result));
    }

    void Open(const std::shared_ptr<Line> &line, const Server &server, const std::string &userSig) {
        const std::string device = DeviceIn(server.folder);
        const std::string cursor = CursorIn(server.folder, line->userID);
        WigwagOptions options{};
        options.size = sizeof options;
        options.url = Given(server.url);
        options.token = Given(userSig);
        options.user_id = Given(line->userID);
        options.device_id = Given(device);
        options.cursor_file = Given(cursor);
        options.connect_timeout_ms = CONNECT_TIMEOUT_MS;
        options.own_acts = 1;
        options.on_event = &Session::OnEvent;
        options.on_closed = &Session::OnClosed;
        auto held = std::make_unique<Held>(this, line);
        options.user = held.get();
        WigwagClient client{};
        const WigwagResult result = wigwag_client_open(&options, &client);
        if (result == WIGWAG_RESULT_OK) {
            // It is freed by OnClosed.
            static_cast<void>(held.release());
            return CloseIfReplaced(line, client);
        }
        const Failure failure = FailureOf(result);
        if (V2TIMCallback *callback = Ends(line)) {
            Fail(callback, failure);
        }
    }

    /// A logout or another login may have come while the client was opened.
    void CloseIfReplaced(const std::shared_ptr<Line> &line, WigwagClient client) {
        bool replaced = false;
        {
            const std::lock_guard<std::mutex> held(lock_);
            line->client = client;
            replaced = line_ != line;
        }
        if (replaced) {
            wigwag_client_close(client);
        }
    }

    /// Forgets a login that has ended by itself; gives who waits for it.
    V2TIMCallback *Ends(const std::shared_ptr<Line> &line) {
        const std::lock_guard<std::mutex> held(lock_);
        if (line_ == line) {
            line_ = nullptr;
        }
        return std::exchange(line->callback, nullptr);
    }

    V2TIMCallback *IsReady(const std::shared_ptr<Line> &line) {
        const std::lock_guard<std::mutex> held(lock_);
        line->ready = true;
        return std::exchange(line->callback, nullptr);
    }

    void Event(const std::shared_ptr<Line> &line, WigwagClient client, const WigwagEvent &event) {
        {
            const std::lock_guard<std::mutex> held(lock_);
            // The first event may come before the client's name is noted by who opened it.
            line->client = client;
            // What the stream told is told, also while its login ends: it will not be told again.
            if (line_ != line && event.cursor == 0) {
                return;
            }
        }
        V2TIMCallback *waiting = nullptr;
        if (event.event_type == WIGWAG_EVENT_TYPE_CONNECTED) {
            waiting = IsReady(line);
        } else if (event.event_type == WIGWAG_EVENT_TYPE_STOPPED) {
            waiting = Ends(line);
            wigwag_client_close(client);
        }
        for (const Part &part : parts_) {
            part(event, *line);
        }
        if (event.event_type == WIGWAG_EVENT_TYPE_CONNECTED) {
            Succeed(waiting);
        } else if (event.event_type == WIGWAG_EVENT_TYPE_STOPPED) {
            Fail(waiting, FailureOf(*event.trouble));
        }
    }

    static void OnEvent(void *user, WigwagClient client, const WigwagEvent *event) {
        const Held &held = *static_cast<Held *>(user);
        CallApp([&] { held.first->Event(held.second, client, *event); });
    }

    static void OnClosed(void *user, WigwagClient) { delete static_cast<Held *>(user); }

    static void OnReply(void *user, WigwagClient, const WigwagReply *reply) {
        const std::unique_ptr<std::function<void(const WigwagReply &)>> answer(
            static_cast<std::function<void(const WigwagReply &)> *>(user));
        CallApp([&] { (*answer)(*reply); });
    }

    /// As in the other surfaces.
    static constexpr uint32_t CONNECT_TIMEOUT_MS = 10'000;

    std::vector<Part> parts_;
    std::mutex lock_;
    std::optional<Server> server_;
    std::shared_ptr<Line> line_;
};

} // namespace wigwag::v2tim::detail

#endif
