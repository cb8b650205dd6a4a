// What is told of a call whose events lag behind what the client knows. Every check that fails names its line.
#include "people.h"

using namespace wigwag;
using namespace wigwag::v2tim::detail;

namespace {

Heard heard;

class Says final : public CallListener {
public:
    void OnPersonJoined(const V2TIMString &, const V2TIMString &userID, const V2TIMString &) override { heard.Say("joined " + userID.Text()); }
    void OnPersonDeclined(const V2TIMString &, const V2TIMString &userID, CallState) override { heard.Say("declined " + userID.Text()); }
    void OnPersonLeft(const V2TIMString &, const V2TIMString &userID, CallLeaveReason) override { heard.Say("left " + userID.Text()); }
    void OnCallEnded(const V2TIMString &, CallEndReason, uint64_t durationMs) override { heard.Say("ended " + std::to_string(durationMs)); }
};

/// Tells the steps, and says how many there were.
size_t Tell(const CallSteps &steps) {
    Says says;
    for (const CallStep &step : steps) {
        step(says);
    }
    return steps.size();
}

Json Read(const char *json) { return Json::Read(wigwag_text(json)); }

/// Alice calls bob, dave and eve; eve is busy.
ToldCall Opened() {
    const Json event = Read("{\"inviteID\": \"c\", \"inviter\": \"alice\", \"inviteeList\": [\"bob\", \"dave\", \"eve\"], \"call\": {\"callID\": \"c\"}}");
    return ToldCall::Opened(RingOf(event), "desk", {"eve"});
}

Call WithBobAt(const char *bob, const char *rest) {
    const std::string json = std::string("{\"callID\": \"c\", \"version\": 4, \"people\": [") +
                             "{\"userID\": \"alice\", \"state\": \"joined\", \"device\": {\"deviceID\": \"desk\"}}, " +
                             "{\"userID\": \"bob\", " + bob + "}, {\"userID\": \"dave\", \"state\": \"ringing\"}, " +
                             "{\"userID\": \"eve\", \"state\": \"busy\"}]" + rest + "}";
    return CallOf(Read(json.c_str()));
}

/// He had come in before the invitation was told.
void AnAnswerThatIsKnownBeforeTheInvitationIsTold() {
    ToldCall told = Opened();
    const Call call = WithBobAt("\"state\": \"joined\", \"device\": {\"deviceID\": \"phone\"}", "");
    CHECK(Tell(StepsTo(call, told)) == 2);
    HEARS(heard, "joined bob");
    HEARS(heard, "declined eve");
    const Json joined = Read("{\"callID\": \"c\", \"version\": 2, \"userID\": \"bob\", \"device\": {\"deviceID\": \"phone\"}}");
    CHECK(Tell(StepsAt("call.joined", joined, call, told)) == 0);
}

/// He had come and gone, and the call was over.
void AWholeCallThatIsKnownBeforeItIsTold() {
    ToldCall told = Opened();
    const Call call = WithBobAt("\"state\": \"left\", \"reason\": \"hungUp\"", ", \"endedAt\": 9, \"endReason\": \"hungUp\", \"durationMs\": 7");
    CHECK(Tell(StepsTo(call, told)) == 4);
    HEARS(heard, "joined bob");
    HEARS(heard, "left bob");
    HEARS(heard, "declined eve");
    HEARS(heard, "ended 7");
    const Json hungUp = Read("{\"callID\": \"c\", \"version\": 5, \"userID\": \"bob\", \"reason\": \"hungUp\", \"endReason\": \"hungUp\"}");
    CHECK(Tell(StepsAt("call.hungUp", hungUp, call, told)) == 0);
}

/// The call was read when he answered: his answer is told once, and what others did before is told by its events.
void ACallThatWasRead() {
    const Call call = WithBobAt("\"state\": \"joined\"", "");
    ToldCall told = ToldCall::Before(call, {"bob"});
    CHECK(Tell(StepsTo(call, told)) == 1);
    HEARS(heard, "joined bob");
    CHECK(Tell(StepsAt("call.joined", Read("{\"version\": 3, \"userID\": \"bob\"}"), call, told)) == 0);
    CHECK(Tell(StepsAt("call.declined", Read("{\"version\": 4, \"userIDs\": [\"eve\"], \"state\": \"busy\"}"), call, told)) == 1);
    HEARS(heard, "declined eve");
    const Json newer = Read("{\"version\": 5, \"userID\": \"carol\", \"device\": {\"deviceID\": \"pad\"}}");
    CHECK(Tell(StepsAt("call.joined", newer, std::nullopt, told)) == 1);
    HEARS(heard, "joined carol");
}

/// The newest names are kept; one that was put again keeps its place.
void WhatIsKeptByName() {
    NewestByName<int> kept(2);
    kept.Put("a", 1);
    kept.Put("b", 2);
    kept.Put("a", 3);
    kept.Put("c", 4);
    CHECK(kept.Find("a") == nullptr && *kept.Find("b") == 2 && *kept.Find("c") == 4);
    kept.Erase("b");
    kept.Put("d", 5);
    CHECK(kept.Find("b") == nullptr && *kept.Find("c") == 4 && *kept.Find("d") == 5);
}

} // namespace

int main() {
    AnAnswerThatIsKnownBeforeTheInvitationIsTold();
    AWholeCallThatIsKnownBeforeItIsTold();
    ACallThatWasRead();
    WhatIsKeptByName();
    std::puts("every step was told once");
    return 0;
}
