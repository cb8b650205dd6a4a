// Calls one user, and hangs up when they have answered a signal: call_caller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]
//
// Ends with 0 when the call was, 3 when they reject, 4 when the time is over, 5 when they are busy, 1 when it fails.
#include <cstdlib>
#include <future>
#include <iostream>
#include <mutex>
#include <string>

#include <wigwag/v2tim/V2TIMManager.h>

namespace {

std::promise<int> over;

/// Who says something. What the library calls at once says it on the same thread.
std::recursive_mutex saying;

void Say(const std::string &words) {
    const std::lock_guard<std::recursive_mutex> held(saying);
    std::cout << words << std::endl;
}

wigwag::Calls &Calls() { return *V2TIMManager::GetInstance()->GetCalls(); }

class LoggedIn final : public V2TIMCallback {
public:
    void OnSuccess() override {
        Say("connected");
        succeeded_.set_value(true);
    }
    void OnError(int code, const V2TIMString &words) override {
        Say("login failed: " + std::to_string(code) + " " + words.Text());
        succeeded_.set_value(false);
    }
    bool Succeeds() { return succeeded_.get_future().get(); }

private:
    std::promise<bool> succeeded_;
};

class Called final : public V2TIMValueCallback<wigwag::CallEntry> {
public:
    void OnSuccess(const wigwag::CallEntry &entry) override { Say("called: " + entry.roomID.Text() + " by " + entry.media.provider.Text()); }
    void OnError(int code, const V2TIMString &) override {
        Say("refused: " + std::to_string(code));
        over.set_value(1);
    }
};

class Steps final : public wigwag::CallListener {
public:
    void OnPersonJoined(const V2TIMString &callID, const V2TIMString &userID, const V2TIMString &) override {
        Say("joined: " + userID.Text());
        Calls().Signal(callID, userID, "hello", nullptr);
    }
    void OnCallSignal(const V2TIMString &callID, const V2TIMString &sender, const V2TIMString &, const V2TIMString &data) override {
        Say("signal from " + sender.Text() + ": " + data.Text());
        Calls().HangUp(callID, nullptr);
    }
    void OnCallEnded(const V2TIMString &callID, wigwag::CallEndReason reason, uint64_t) override {
        Say("ended: " + callID.Text() + " " + std::to_string(static_cast<int>(reason)));
        switch (reason) {
        case wigwag::CallEndReason::HungUp:
            return over.set_value(0);
        case wigwag::CallEndReason::Rejected:
            return over.set_value(3);
        case wigwag::CallEndReason::TimedOut:
            return over.set_value(4);
        case wigwag::CallEndReason::Busy:
            return over.set_value(5);
        default:
            return over.set_value(1);
        }
    }
};

} // namespace

int main(int argc, char **argv) {
    if (argc < 7) {
        std::cerr << "usage: call_caller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]\n";
        return 2;
    }
    Steps steps;
    LoggedIn loggedIn;
    Called called;
    V2TIMManager *manager = V2TIMManager::GetInstance();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    Calls().AddListener(&steps);
    manager->InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config);
    manager->Login(argv[3], argv[4], &loggedIn);
    int code = 1;
    if (loggedIn.Succeeds()) {
        wigwag::CallOptions options;
        options.mediaType = "audio";
        options.data = argv[6];
        options.timeout = argc > 7 ? static_cast<uint32_t>(std::atoi(argv[7])) : 30;
        {
            // Its name is said before anything that comes of it.
            const std::lock_guard<std::recursive_mutex> held(saying);
            Say("calling: " + Calls().Invite(argv[5], options, &called).Text());
        }
        code = over.get_future().get();
    }
    Calls().RemoveListener(&steps);
    manager->UnInitSDK();
    return code;
}
