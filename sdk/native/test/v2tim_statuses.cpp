// Statuses in the C++ interface: v2tim_statuses URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB
//
// Alice uses the C++ interface; bob, and a second device of hers, are clients of the C library. Every check that fails names its line.
#include "people.h"

namespace {

Heard heard;

std::string Words(const V2TIMUserStatus &status) {
    return status.userID.Text() + " " + std::to_string(status.statusType) + " " + status.customStatus.Text();
}

class News final : public V2TIMSDKListener {
public:
    void OnUserStatusChanged(const V2TIMUserStatusVector &userStatusList) override {
        for (const V2TIMUserStatus &status : userStatusList) {
            heard.Say(Words(status));
        }
    }
};

class NoStatuses final : public V2TIMValueCallback<V2TIMUserStatusVector> {
public:
    void OnSuccess(const V2TIMUserStatusVector &) override { code_.set_value(0); }
    void OnError(int code, const V2TIMString &) override { code_.set_value(code); }
    int Code() { return code_.get_future().get(); }

private:
    std::promise<int> code_;
};

int CodeOfAsking(const V2TIMStringVector &userIDs) {
    NoStatuses refused;
    Sdk().GetUserStatus(userIDs, &refused);
    return refused.Code();
}

int CodeOfSaying(const std::string &words) {
    V2TIMUserStatus status;
    status.customStatus = words;
    Outcome outcome;
    Sdk().SetSelfStatus(status, &outcome);
    return outcome.Code();
}

int CodeOfWatching(const V2TIMStringVector &userIDs) {
    Outcome outcome;
    Sdk().SubscribeUserStatus(userIDs, &outcome);
    return outcome.Code();
}

void WhoIsNotThere() {
    CHECK(CodeOfAsking({"bob"}) == 6014);
    CHECK(CodeOfSaying("in a call") == 6014);
    CHECK(CodeOfWatching({"bob"}) == 6014);
}

void WrongParameters() {
    CHECK(CodeOfAsking({}) == 6017);
    CHECK(CodeOfWatching({}) == 6017);
    CHECK(CodeOfSaying(std::string(101, 'a')) == 8001);
    CHECK(CodeOfSaying("\xc3\x28") == 6017);
    // Without a callback nothing is told, and nothing breaks.
    Sdk().GetUserStatus({"bob"}, nullptr);
}

/// More than one request may name: they are asked for in two.
void TheOthers() {
    V2TIMStringVector users;
    for (int index = 0; index < 100; index++) {
        users.PushBack("nobody-" + std::to_string(index));
    }
    users.PushBack("bob");
    Value<V2TIMUserStatusVector> found;
    Sdk().GetUserStatus(users, &found);
    const V2TIMUserStatusVector statuses = found.Get();
    CHECK(statuses.Size() == 101);
    CHECK(Words(statuses[0]) == "nobody-0 0 ");
    CHECK(Words(statuses[100]) == "bob 1 at lunch");
}

void Ones(Person &desk) {
    CHECK(CodeOfSaying("in a call") == 0);
    HEARS(heard, "alice 1 in a call");
    desk.Does("user.setStatus", R"({"status": "at my desk"})");
    HEARS(heard, "alice 1 at my desk");
}

void Changes(Person &bob) {
    V2TIMStringVector users{"bob"};
    for (int index = 0; index < 100; index++) {
        users.PushBack("nobody-" + std::to_string(index));
    }
    CHECK(CodeOfWatching(users) == 0);
    // Bob was the oldest of 101, so nobody hears of him; named again he is the newest.
    CHECK(CodeOfWatching({"bob"}) == 0);
    bob.Does("user.setStatus", R"({"status": "back"})");
    HEARS(heard, "bob 1 back");
    Outcome nobody;
    Sdk().UnsubscribeUserStatus({}, &nobody);
    CHECK(nobody.Code() == 0);
}

} // namespace

int main(int argc, char **argv) {
    CHECK(argc == 5);
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    CHECK(Sdk().InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config));
    WhoIsNotThere();
    CHECK(Login("alice", argv[3]) == 0);
    Person bob(argv[1], argv[4]);
    // Those whom somebody has written to may see how they are.
    bob.Does("message.send", R"({"userID": "alice", "type": "text", "content": {"text": "hi"}})");
    bob.Does("user.setStatus", R"({"status": "at lunch"})");
    News news;
    Sdk().AddSDKListener(&news);
    WrongParameters();
    TheOthers();
    Person desk(argv[1], argv[3]);
    Ones(desk);
    Changes(bob);
    Sdk().RemoveSDKListener(&news);
    Sdk().UnInitSDK();
    std::puts("statuses were told");
    return 0;
}
