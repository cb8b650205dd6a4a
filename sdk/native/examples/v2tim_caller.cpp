// Invites one user and waits for the answer: v2tim_caller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]
//
// Ends with 0 when the user accepts, 3 when they reject, 4 when the time is over, 1 when it fails.
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

/// Prints whether the login succeeded, and lets the program wait for it.
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

/// Ends the program when the invitation is refused.
class Invited final : public V2TIMCallback {
public:
    void OnSuccess() override { Say("invited"); }
    void OnError(int code, const V2TIMString &) override {
        Say("refused: " + std::to_string(code));
        over.set_value(1);
    }
};

class Answers final : public V2TIMSignalingListener {
public:
    void OnInviteeAccepted(const V2TIMString &, const V2TIMString &invitee, const V2TIMString &) override {
        Say("accepted by " + invitee.Text());
        over.set_value(0);
    }
    void OnInviteeRejected(const V2TIMString &, const V2TIMString &invitee, const V2TIMString &data) override {
        Say("rejected by " + invitee.Text() + ": " + data.Text());
        over.set_value(3);
    }
    void OnInvitationTimeout(const V2TIMString &, const V2TIMStringVector &inviteeList) override {
        Say("timed out: " + inviteeList[0].Text());
        over.set_value(4);
    }
};

} // namespace

int main(int argc, char **argv) {
    if (argc < 7) {
        std::cerr << "usage: v2tim_caller URL SDK_APP_ID USER USER_SIG INVITEE DATA [TIMEOUT]\n";
        return 2;
    }
    Answers answers;
    LoggedIn loggedIn;
    Invited invited;
    V2TIMManager *manager = V2TIMManager::GetInstance();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    manager->GetSignalingManager()->AddSignalingListener(&answers);
    manager->InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config);
    manager->Login(argv[3], argv[4], &loggedIn);
    int code = 1;
    if (loggedIn.Succeeds()) {
        const int timeout = argc > 7 ? std::atoi(argv[7]) : 30;
        {
            // Its name is said before anything that comes of it.
            const std::lock_guard<std::recursive_mutex> held(saying);
            const V2TIMString inviteID =
                manager->GetSignalingManager()->Invite(argv[5], argv[6], false, V2TIMOfflinePushInfo(), timeout, &invited);
            Say("inviting: " + inviteID.Text());
        }
        code = over.get_future().get();
    }
    manager->GetSignalingManager()->RemoveSignalingListener(&answers);
    manager->UnInitSDK();
    return code;
}
