// Calls in the C++ interface: v2tim_calls URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB SIG_OF_CAROL
//
// Alice uses the C++ interface; the others, and a second device of hers, are clients of the C library. Every check that fails names its line.
#include "people.h"

using wigwag::Call;
using wigwag::CallEndReason;
using wigwag::CallEntry;
using wigwag::CallLeaveReason;
using wigwag::CallOptions;
using wigwag::CallPage;
using wigwag::CallState;
using wigwag::RingEnd;

namespace {

wigwag::Calls &Calls() { return *Sdk().GetCalls(); }

Heard heard;
/// What rang last.
wigwag::CallRing rung;

std::string Number(CallState state) { return std::to_string(static_cast<int>(state)); }
std::string Number(CallEndReason reason) { return std::to_string(static_cast<int>(reason)); }
std::string Number(CallLeaveReason reason) { return std::to_string(static_cast<int>(reason)); }
std::string Number(RingEnd why) { return std::to_string(static_cast<int>(why)); }

/// Says each step; who ended with which number.
class Steps final : public wigwag::CallListener {
public:
    void OnRing(const wigwag::CallRing &ring) override {
        rung = ring;
        heard.Say("rings " + ring.inviter.Text());
    }
    void OnRingEnded(const V2TIMString &inviteID, const V2TIMString &callID, RingEnd why) override {
        CHECK(inviteID == rung.inviteID && callID == rung.callID);
        heard.Say("ring ended " + Number(why));
    }
    void OnMissedWhileBusy(const wigwag::CallRing &ring) override { heard.Say("missed " + ring.inviter.Text()); }
    void OnPeopleInvited(const V2TIMString &, const V2TIMString &by, const V2TIMStringVector &userIDs) override {
        heard.Say(by.Text() + " invited " + userIDs[0].Text());
    }
    void OnPersonJoined(const V2TIMString &, const V2TIMString &userID, const V2TIMString &deviceID) override {
        CHECK(!deviceID.Empty());
        heard.Say("joined " + userID.Text());
    }
    void OnPersonDeclined(const V2TIMString &, const V2TIMString &userID, CallState state) override {
        heard.Say("declined " + userID.Text() + " " + Number(state));
    }
    void OnPersonLeft(const V2TIMString &, const V2TIMString &userID, CallLeaveReason reason) override {
        heard.Say("left " + userID.Text() + " " + Number(reason));
    }
    void OnCallEnded(const V2TIMString &, CallEndReason reason, uint64_t) override { heard.Say("ended " + Number(reason)); }
    void OnCallSignal(const V2TIMString &, const V2TIMString &sender, const V2TIMString &deviceID, const V2TIMString &data) override {
        CHECK(!deviceID.Empty());
        heard.Say("signal " + sender.Text() + " " + data.Text());
    }
    void OnMissedCallsSeen(uint64_t upTo) override { heard.Say("seen " + std::to_string(upTo)); }
};

/// The code that a call for a value ends with.
template <class T> class Ends final : public V2TIMValueCallback<T> {
public:
    void OnSuccess(const T &) override { code_.set_value(0); }
    void OnError(int code, const V2TIMString &) override { code_.set_value(code); }
    int Code() { return code_.get_future().get(); }

private:
    std::promise<int> code_;
};

std::string Quoted(const char *key, const V2TIMString &text) { return std::string("\"") + key + "\": \"" + text.Text() + "\""; }
std::string InviteOf(const V2TIMString &inviteID) { return "{" + Quoted("inviteID", inviteID) + "}"; }

CallOptions Audio(uint32_t timeout = 30) {
    CallOptions options;
    options.mediaType = "audio";
    options.data = "dinner?";
    options.timeout = timeout;
    return options;
}

V2TIMString Invites(const char *user, const CallOptions &options = Audio()) {
    Value<CallEntry> entered;
    const V2TIMString callID = Calls().Invite(user, options, &entered);
    CHECK(!entered.Get().callID.Empty());
    return callID;
}

void BeforeTheLogin() {
    Ends<CallEntry> called;
    CHECK(Calls().Invite("bob", Audio(), &called).Empty() && called.Code() == 6014);
    Ends<CallEntry> accepted;
    Calls().Accept("i", "", &accepted);
    CHECK(accepted.Code() == 6014);
    CHECK(CodeOf([](V2TIMCallback *callback) { Calls().HangUp("c", callback); }) == 6014);
    CHECK(Calls().Running().Empty());
    // Without a callback nothing is told, and nothing breaks.
    Calls().Join("c", nullptr);
    Calls().Get("c", nullptr);
}

void WrongParameters() {
    CallOptions noMedia = Audio();
    noMedia.mediaType = "";
    CallOptions notUtf8 = Audio();
    notUtf8.data = "\xc3\x28";
    for (const CallOptions &options : {noMedia, notUtf8}) {
        Ends<CallEntry> called;
        CHECK(Calls().Invite("bob", options, &called).Empty() && called.Code() == 6017);
    }
    Ends<CallEntry> nobody;
    CHECK(!Calls().Invite("nobody", Audio(), &nobody).Empty() && nobody.Code() == 20003);
    Ends<CallEntry> inNoGroup;
    CHECK(!Calls().InviteInGroup("nowhere", {"bob"}, Audio(), &inNoGroup).Empty() && inNoGroup.Code() == 10010);
    Ends<CallEntry> joined;
    Calls().Join("unheard-of", &joined);
    CHECK(joined.Code() == 8010);
    Ends<Call> got;
    Calls().Get("", &got);
    CHECK(got.Code() == 6017);
    CHECK(CodeOf([](V2TIMCallback *callback) { Calls().HangUp("unheard-of", callback); }) == 8010);
    CHECK(CodeOf([](V2TIMCallback *callback) { Calls().Signal("unheard-of", "", "x", callback); }) == 8010);
    CHECK(CodeOf([](V2TIMCallback *callback) { Calls().Cancel("unheard-of", {}, "", callback); }) == 8010);
}

/// Each way in which a call of alice's ends before anybody came in.
void CallsThatNobodyAnswers(Person &bob) {
    const V2TIMString rejected = Invites("bob");
    bob.Does("signaling.reject", InviteOf(rejected));
    HEARS(heard, "declined bob " + Number(CallState::Rejected));
    HEARS(heard, "ended " + Number(CallEndReason::Rejected));

    Invites("bob", Audio(1));
    HEARS(heard, "declined bob " + Number(CallState::TimedOut));
    HEARS(heard, "ended " + Number(CallEndReason::TimedOut));

    const V2TIMString cancelled = Invites("bob");
    Outcome outcome;
    Calls().Cancel(cancelled, {}, "wrong person", &outcome);
    CHECK(outcome.Code() == 0);
    HEARS(heard, "declined bob " + Number(CallState::Cancelled));
    HEARS(heard, "ended " + Number(CallEndReason::Cancelled));

    const V2TIMString leftAlone = Invites("bob");
    Outcome hungUp;
    Calls().HangUp(leftAlone, &hungUp);
    CHECK(hungUp.Code() == 0);
    HEARS(heard, "declined bob " + Number(CallState::Cancelled));
    HEARS(heard, "ended " + Number(CallEndReason::Cancelled));
}

/// Each way in which it rings no more at alice's.
void RingsThatEnd(Person &bob, Person &desk) {
    bob.Invites("alice", "a", "audio");
    HEARS(heard, "rings bob");
    CHECK(rung.mediaType == "audio" && rung.data == "a" && rung.remainingMs > 0 && rung.callID == rung.inviteID && rung.groupID.Empty());
    Outcome rejected;
    Calls().Reject(rung.inviteID, "not now", &rejected);
    CHECK(rejected.Code() == 0);
    HEARS(heard, "ring ended " + Number(RingEnd::Rejected));
    HEARS(heard, "declined alice " + Number(CallState::Rejected));
    HEARS(heard, "ended " + Number(CallEndReason::Rejected));

    bob.Invites("alice", "b", "audio");
    HEARS(heard, "rings bob");
    Outcome hungUp;
    Calls().HangUp(rung.callID, &hungUp);
    CHECK(hungUp.Code() == 0);
    HEARS(heard, "ring ended " + Number(RingEnd::Rejected));
    HEARS(heard, "declined alice " + Number(CallState::Rejected));
    HEARS(heard, "ended " + Number(CallEndReason::Rejected));

    const std::string cancelled = bob.Invites("alice", "c", "audio");
    HEARS(heard, "rings bob");
    bob.Does("signaling.cancel", InviteOf(cancelled));
    HEARS(heard, "ring ended " + Number(RingEnd::Cancelled));
    HEARS(heard, "declined alice " + Number(CallState::Cancelled));
    HEARS(heard, "ended " + Number(CallEndReason::Cancelled));

    const std::string elsewhere = bob.Invites("alice", "d", "audio");
    HEARS(heard, "rings bob");
    desk.Does("signaling.accept", InviteOf(elsewhere));
    HEARS(heard, "ring ended " + Number(RingEnd::AcceptedElsewhere));
    HEARS(heard, "joined alice");
    // The call moves here.
    Value<CallEntry> moved;
    Calls().Join(elsewhere, &moved);
    CHECK(moved.Get().media.provider == "p2p");
    HEARS(heard, "joined alice");
    bob.HangsUp(elsewhere);
    HEARS(heard, "left bob " + Number(CallLeaveReason::HungUp));
    HEARS(heard, "ended " + Number(CallEndReason::HungUp));
}

/// A call that grows: carol is asked into it, and bob and carol leave one after the other. Meanwhile alice is busy.
void ACallThatGrows(Person &bob, Person &carol) {
    const V2TIMString callID = Invites("bob");
    bob.Does("signaling.accept", InviteOf(callID));
    HEARS(heard, "joined bob");
    const wigwag::CallVector running = Calls().Running();
    CHECK(running.Size() == 1 && running[0].callID == callID && running[0].people.Size() == 2 && running[0].answeredAt > 0);

    carol.Invites("alice", "busy?", "audio");
    HEARS(heard, "missed carol");
    HEARS(heard, "declined alice " + Number(CallState::Busy));
    HEARS(heard, "ended " + Number(CallEndReason::Busy));

    CallOptions more = Audio();
    more.roomID = running[0].roomID;
    const V2TIMString inviteID = Invites("carol", more);
    HEARS(heard, "alice invited carol");
    carol.Does("signaling.accept", InviteOf(inviteID));
    HEARS(heard, "joined carol");

    carol.Does("call.signal", "{" + Quoted("callID", callID) + ", \"data\": \"offer\"}");
    HEARS(heard, "signal carol offer");
    Outcome signalled;
    Calls().Signal(callID, "carol", "answer", &signalled);
    CHECK(signalled.Code() == 0);

    bob.HangsUp(callID.Text());
    HEARS(heard, "left bob " + Number(CallLeaveReason::HungUp));
    Outcome hungUp;
    Calls().HangUp(callID, &hungUp);
    CHECK(hungUp.Code() == 0);
    HEARS(heard, "left alice " + Number(CallLeaveReason::HungUp));
    HEARS(heard, "ended " + Number(CallEndReason::HungUp));
    Value<Call> got;
    Calls().Get(callID, &got);
    const Call call = got.Get();
    CHECK(call.people.Size() == 3 && call.endReason == CallEndReason::HungUp && call.endedAt > call.answeredAt);
    CHECK(call.people[1].userID == "bob" && call.people[1].state == CallState::Left && call.people[1].joinedAt > 0);
}

/// Bob is in a call with carol.
void SomebodyWhoIsBusy(Person &bob, Person &carol) {
    const std::string other = bob.Invites("carol", "x", "audio");
    carol.Does("signaling.accept", InviteOf(other));
    Value<CallEntry> entered;
    Calls().Invite("bob", Audio(), &entered);
    const CallEntry entry = entered.Get();
    CHECK(entry.busyLineUserIDList.Size() == 1 && entry.busyLineUserIDList[0] == "bob");
    HEARS(heard, "declined bob " + Number(CallState::Busy));
    HEARS(heard, "ended " + Number(CallEndReason::Busy));
    bob.HangsUp(other);
}

void TwoWhoCallEachOther(Person &bob) {
    const std::string theirs = bob.Invites("alice", "you", "audio");
    HEARS(heard, "rings bob");
    Value<CallEntry> entered;
    Calls().Invite("bob", Audio(), &entered);
    CHECK(entered.Get().accepted == theirs);
    HEARS(heard, "ring ended " + Number(RingEnd::Accepted));
    HEARS(heard, "joined alice");
    Outcome hungUp;
    Calls().HangUp(theirs, &hungUp);
    CHECK(hungUp.Code() == 0);
    HEARS(heard, "left alice " + Number(CallLeaveReason::HungUp));
    HEARS(heard, "ended " + Number(CallEndReason::HungUp));
}

void InAGroup(Person &bob, Person &carol) {
    bob.Does("group.create", "{\"groupID\": \"choir\", \"name\": \"Choir\", \"members\": [\"alice\", \"carol\"]}");
    bob.Does("signaling.inviteInGroup", "{\"groupID\": \"choir\", \"inviteID\": \"song\", \"inviteeList\": [\"carol\"], "
                                        "\"call\": {\"mediaType\": \"audio\"}}");
    // Every member is told, and alice is not asked.
    carol.Does("signaling.accept", InviteOf("song"));
    HEARS(heard, "joined carol");
    Value<Call> running;
    Calls().GetOfGroup("choir", &running);
    CHECK(running.Get().callID == "song");
    Value<CallEntry> entered;
    Calls().Join("song", &entered);
    CHECK(entered.Get().callID == "song");
    HEARS(heard, "joined alice");
    bob.Does("group.dismiss", "{\"groupID\": \"choir\"}");
    HEARS(heard, "ended " + Number(CallEndReason::GroupDismissed));
}

void MissedCalls(Person &desk) {
    Value<CallPage> missed;
    Calls().List(true, "", &missed);
    const CallPage page = missed.Get();
    // Taken back by bob, and carol's while alice was busy.
    CHECK(page.calls.Size() == 2 && page.calls[0].missed && page.calls[0].caller == "carol" && page.seenUpTo == 0);
    const uint64_t upTo = page.calls[0].createdAt;
    desk.Does("call.markSeen", "{\"upTo\": " + std::to_string(upTo) + "}");
    HEARS(heard, "seen " + std::to_string(upTo));
    Outcome seen;
    Calls().MarkSeen(upTo, &seen);
    CHECK(seen.Code() == 0);
}

/// What rings at the logout rings at the next login, and what ended meanwhile is told.
void ALoginWhileItRings(Person &bob, const V2TIMString &sig) {
    const std::string callID = bob.Invites("alice", "again", "audio");
    HEARS(heard, "rings bob");
    Sdk().Logout(nullptr);
    CHECK(Login("alice", sig) == 0);
    HEARS(heard, "rings bob");
    CHECK(rung.callID == callID);
    Value<CallEntry> entered;
    Calls().Accept(callID, "", &entered);
    CHECK(entered.Get().callID == callID);
    HEARS(heard, "ring ended " + Number(RingEnd::Accepted));
    HEARS(heard, "joined alice");
    bob.HangsUp(callID);
    HEARS(heard, "left bob " + Number(CallLeaveReason::HungUp));
    HEARS(heard, "ended " + Number(CallEndReason::HungUp));
}

/// A client that has just signed in knows the invitation and not the call: it is read.
void ALoginWhileOneCalls(Person &bob, const V2TIMString &sig) {
    const V2TIMString callID = Invites("bob");
    Sdk().Logout(nullptr);
    CHECK(Login("alice", sig) == 0);
    bob.Does("signaling.accept", InviteOf(callID));
    HEARS(heard, "joined bob");
    bob.HangsUp(callID.Text());
    HEARS(heard, "left bob " + Number(CallLeaveReason::HungUp));
    HEARS(heard, "ended " + Number(CallEndReason::HungUp));
}

} // namespace

int main(int argc, char **argv) {
    CHECK(argc == 6);
    V2TIMSDKConfig config;
    config.serverAddress = argv[1];
    CHECK(Sdk().InitSDK(static_cast<uint32_t>(std::atoi(argv[2])), config));
    BeforeTheLogin();
    Person bob(argv[1], argv[4]);
    Person carol(argv[1], argv[5]);
    CHECK(Login("alice", argv[3]) == 0);
    Steps steps;
    Calls().AddListener(&steps);
    WrongParameters();
    CallsThatNobodyAnswers(bob);
    {
        Person desk(argv[1], argv[3]);
        RingsThatEnd(bob, desk);
    }
    ACallThatGrows(bob, carol);
    SomebodyWhoIsBusy(bob, carol);
    TwoWhoCallEachOther(bob);
    InAGroup(bob, carol);
    {
        Person desk(argv[1], argv[3]);
        MissedCalls(desk);
    }
    ALoginWhileItRings(bob, argv[3]);
    ALoginWhileOneCalls(bob, argv[3]);
    Calls().RemoveListener(&steps);
    Sdk().UnInitSDK();
    std::puts("calls from their first ring to their end");
    return 0;
}
