// Answers every invitation: v2tim_callee URL SDK_APP_ID USER USER_SIG [FOLDER]
//
// Accepts those whose data is not "no", and prints what happens. Ends after one whose data is "bye", or when the login fails.
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>

#include <wigwag/v2tim/V2TIMManager.h>

namespace {

std::promise<int> over;

void Say(const std::string &words) { std::cout << words << std::endl; }

/// Prints what became of an answer, and deletes itself.
class Answered final : public V2TIMCallback {
public:
    explicit Answered(bool isLast) : isLast_(isLast) {}
    void OnSuccess() override { Ends("answered: 0"); }
    void OnError(int code, const V2TIMString &) override { Ends("answered: " + std::to_string(code)); }

private:
    void Ends(const std::string &words) {
        Say(words);
        if (isLast_) {
            over.set_value(0);
        }
        delete this;
    }

    bool isLast_;
};

class Rings final : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &inviteID, const V2TIMString &inviter, const V2TIMString &,
                                const V2TIMStringVector &, const V2TIMString &data) override {
        Say("rings: " + inviteID.Text() + " from " + inviter.Text() + ": " + data.Text());
        V2TIMSignalingManager *signaling = V2TIMManager::GetInstance()->GetSignalingManager();
        if (data == "no") {
            signaling->Reject(inviteID, "not today", new Answered(false));
        } else if (data != "leave it to another device") {
            signaling->Accept(inviteID, "", new Answered(data == "bye"));
        }
    }
    void OnInviteeRejected(const V2TIMString &inviteID, const V2TIMString &, const V2TIMString &) override {
        Say("rejected: " + inviteID.Text());
    }
    void OnInvitationCancelled(const V2TIMString &inviteID, const V2TIMString &, const V2TIMString &) override {
        Say("cancelled: " + inviteID.Text());
    }
    void OnInvitationTimeout(const V2TIMString &inviteID, const V2TIMStringVector &) override { Say("timed out: " + inviteID.Text()); }
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
        std::cerr << "usage: v2tim_callee URL SDK_APP_ID USER USER_SIG [FOLDER]\n";
        return 2;
    }
    Rings rings;
    LoggedIn loggedIn;
    V2TIMManager *manager = V2TIMManager::GetInstance();
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    config.initPath = argc > 5 ? argv[5] : "";
    manager->GetSignalingManager()->AddSignalingListener(&rings);
    manager->InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config);
    manager->Login(argv[3], argv[4], &loggedIn);
    const int code = over.get_future().get();
    manager->GetSignalingManager()->RemoveSignalingListener(&rings);
    manager->UnInitSDK();
    return code;
}
