// Answers every call: call_callee URL SDK_APP_ID USER USER_SIG [FOLDER]
//
// Comes into those whose data is not "no", answers what is signalled to it, and prints what happens. Ends after a call whose data was "bye", or
// when the login fails. There is no media: `entry.media` has what an app gives to WebRTC or to LiveKit's client.
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>

#include <wigwag/v2tim/V2TIMManager.h>

namespace {

std::promise<int> over;

void Say(const std::string &words) { std::cout << words << std::endl; }

wigwag::Calls &Calls() { return *V2TIMManager::GetInstance()->GetCalls(); }

/// Prints how to take part, and deletes itself.
class CameIn final : public V2TIMValueCallback<wigwag::CallEntry> {
public:
    void OnSuccess(const wigwag::CallEntry &entry) override {
        Say("in the call: " + entry.callID.Text() + " by " + entry.media.provider.Text());
        delete this;
    }
    void OnError(int code, const V2TIMString &) override {
        Say("refused: " + std::to_string(code));
        delete this;
    }
};

class Steps final : public wigwag::CallListener {
public:
    void OnRing(const wigwag::CallRing &ring) override {
        Say("rings: " + ring.callID.Text() + " from " + ring.inviter.Text() + ": " + ring.mediaType.Text() + " " + ring.data.Text());
        isLast_ = ring.data == "bye";
        if (ring.data == "no") {
            Calls().Reject(ring.inviteID, "not today", nullptr);
        } else if (ring.data != "ring on") {
            Calls().Accept(ring.inviteID, "", new CameIn());
        }
    }
    void OnRingEnded(const V2TIMString &, const V2TIMString &callID, wigwag::RingEnd why) override {
        Say("ring ended: " + callID.Text() + " " + std::to_string(static_cast<int>(why)));
    }
    void OnCallSignal(const V2TIMString &callID, const V2TIMString &sender, const V2TIMString &, const V2TIMString &data) override {
        Say("signal from " + sender.Text() + ": " + data.Text());
        Calls().Signal(callID, sender, "you too", nullptr);
    }
    void OnPersonLeft(const V2TIMString &, const V2TIMString &userID, wigwag::CallLeaveReason) override { Say("left: " + userID.Text()); }
    void OnCallEnded(const V2TIMString &callID, wigwag::CallEndReason reason, uint64_t) override {
        Say("ended: " + callID.Text() + " " + std::to_string(static_cast<int>(reason)));
        if (isLast_) {
            over.set_value(0);
        }
    }

private:
    bool isLast_ = false;
};

class LoggedIn final : public V2TIMCallback {
public:
    void OnSuccess() override { Say("connected"); }
    void OnError(int code, const V2TIMString &words) override {
        Say("login failed: " + std::to_string(code) + " " + words.Text());
        over.set_value(1);
    }
};

} // namespace

int main(int argc, char **argv) {
    if (argc < 5) {
        std::cerr << "usage: call_callee URL SDK_APP_ID USER USER_SIG [FOLDER]\n";
        return 2;
    }
    Steps steps;
    LoggedIn loggedIn;
    V2TIMManager *manager = V2TIMManager::GetInstance();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    config.initPath = argc > 5 ? argv[5] : "";
    Calls().AddListener(&steps);
    manager->InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config);
    manager->Login(argv[3], argv[4], &loggedIn);
    const int code = over.get_future().get();
    Calls().RemoveListener(&steps);
    manager->UnInitSDK();
    return code;
}
