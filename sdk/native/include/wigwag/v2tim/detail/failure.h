/// Failures with the numbers of the field, and calls of the app's. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_FAILURE_H
#define WIGWAG_V2TIM_DETAIL_FAILURE_H

#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../V2TIMCallback.h"
#include "json.h"

namespace wigwag::v2tim::detail {

/// Why a call was not carried out.
struct Failure {
    int code;
    std::string words;
};

inline Failure NotInitialised() { return {6013, "call InitSDK first"}; }
inline Failure NotSignedIn() { return {6014, "call Login first"}; }
inline Failure SignedOut() { return {6014, "signed out before the login was done"}; }
inline Failure InvalidParams(std::string words) { return {6017, std::move(words)}; }
inline Failure LoginInProgress() { return {7501, "another login is on its way; wait for its result"}; }
/// What the server said is not of the protocol; the number is the client's own.
inline Failure Unreadable(std::string words) { return {9508, std::move(words)}; }
inline Failure UnknownMessage() { return {20022, "this client has not seen such a message; read it from history first"}; }

/// JSON-RPC's numbers that the field has numbers of its own for.
inline int CodeOf(int code) { return code == -32602 ? 6017 : code == -32004 ? 8001 : code; }

inline Failure FailureOf(const WigwagTrouble &trouble) { return {CodeOf(trouble.code), Taken(trouble.message)}; }

/// Why a function of the C library did nothing.
inline Failure FailureOf(WigwagResult result) {
    const std::string words = wigwag_last_error();
    switch (result) {
    case WIGWAG_RESULT_UNKNOWN_CLIENT:
        return NotSignedIn();
    case WIGWAG_RESULT_BUSY:
        return {7008, words};
    case WIGWAG_RESULT_NULL_POINTER:
    case WIGWAG_RESULT_NOT_UTF8:
    case WIGWAG_RESULT_INVALID_ARGUMENT:
        return InvalidParams(words);
    default:
        return {6013, words};
    }
}

/// Told what an app's callback threw; see V2TIMManager::SetExceptionReporter.
using ExceptionReporter = void (*)(const char *what);

inline void PrintException(const char *what) { std::fprintf(stderr, "wigwag: a callback threw: %s\n", what); }

inline std::atomic<ExceptionReporter> &Reporter() {
    static std::atomic<ExceptionReporter> reporter{&PrintException};
    return reporter;
}

/// Calls the app; what goes wrong in it goes no further.
template <class Call> void CallApp(Call &&call) noexcept {
    try {
        call();
    } catch (const std::exception &thrown) {
        Reporter().load()(thrown.what());
    } catch (...) {
        Reporter().load()("something that is no std::exception");
    }
}

inline void Fail(V2TIMCallback *callback, const Failure &failure) {
    if (callback != nullptr) {
        CallApp([&] { callback->OnError(failure.code, failure.words); });
    }
}
inline void Succeed(V2TIMCallback *callback) {
    if (callback != nullptr) {
        CallApp([&] { callback->OnSuccess(); });
    }
}
template <class T> void Fail(V2TIMValueCallback<T> *callback, const Failure &failure) {
    if (callback != nullptr) {
        CallApp([&] { callback->OnError(failure.code, failure.words); });
    }
}
template <class T> void Succeed(V2TIMValueCallback<T> *callback, const T &value) {
    if (callback != nullptr) {
        CallApp([&] { callback->OnSuccess(value); });
    }
}

/// Listeners of a kind. They stay from login to login. None is called after it was removed: removing waits for a call on another thread.
template <class L> class Listeners {
public:
    /// NULL, and the same again, change nothing.
    void Add(L *listener) {
        const std::lock_guard<std::mutex> held(lock_);
        if (listener != nullptr && !Has(listener)) {
            all_.push_back(listener);
        }
    }

    void Remove(L *listener) {
        {
            const std::lock_guard<std::mutex> held(lock_);
            for (size_t index = 0; index < all_.size(); index++) {
                if (all_[index] == listener) {
                    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(index));
                    break;
                }
            }
        }
        // Recursive, so that a listener may remove itself.
        const std::lock_guard<std::recursive_mutex> over(telling_);
    }

    template <class Call> void Tell(Call &&call) {
        const std::lock_guard<std::recursive_mutex> telling(telling_);
        std::vector<L *> all;
        {
            const std::lock_guard<std::mutex> held(lock_);
            all = all_;
        }
        for (L *listener : all) {
            if (StillThere(listener)) {
                CallApp([&] { call(*listener); });
            }
        }
    }

private:
    bool Has(L *listener) const {
        for (L *one : all_) {
            if (one == listener) {
                return true;
            }
        }
        return false;
    }
    bool StillThere(L *listener) {
        const std::lock_guard<std::mutex> held(lock_);
        return Has(listener);
    }

    std::mutex lock_;
    std::recursive_mutex telling_;
    std::vector<L *> all_;
};

} // namespace wigwag::v2tim::detail

#endif
