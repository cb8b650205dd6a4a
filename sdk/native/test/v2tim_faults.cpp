// What the C++ interface refuses, and what it bears: v2tim_faults URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB FOLDER
//
// Alice uses the C++ interface, of which a process has one; Bob is a client of the C library. Every check that fails names its line.
#include <atomic>
#include <ctime>

#include "people.h"

namespace {

/// Gives the next ring to whoever waits for it.
class Rings : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &inviteID, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &) override {
        std::exchange(ring_, {}).set_value(inviteID);
    }
    V2TIMString Wait(std::future<V2TIMString> &ring) { return ring.get(); }
    std::future<V2TIMString> Expect() {
        ring_ = {};
        return ring_.get_future();
    }

private:
    std::promise<V2TIMString> ring_;
};

std::atomic<int> thrown{0};

class Throws final : public V2TIMSignalingListener {
    void OnReceiveNewInvitation(const V2TIMString &, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &) override {
        throw std::runtime_error("of the app's own");
    }
};

class RemovesItself final : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &) override {
        calls += 1;
        Signaling().RemoveSignalingListener(this);
    }
    std::atomic<int> calls{0};
};

/// Signs out from within a callback.
class LogsOut final : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &) override {
        Outcome outcome;
        Sdk().Logout(&outcome);
        code.set_value(outcome.Code());
    }
    std::promise<int> code;
};

/// Ends the library from within a callback.
class EndsIt final : public V2TIMSignalingListener {
public:
    void OnReceiveNewInvitation(const V2TIMString &, const V2TIMString &, const V2TIMString &, const V2TIMStringVector &,
                                const V2TIMString &) override {
        Sdk().UnInitSDK();
        heard.Say("ended");
    }
    Heard heard;
};

void BeforeTheLogin(const char *url, uint32_t appID, const char *folder) {
    CHECK(Login("alice", "sig") == 6013);
    CHECK(Sdk().GetLoginUser().Empty() && Sdk().GetServerTime() == 0);
    V2TIMSDKConfig config;
    CHECK(!Sdk().InitSDK(appID, config));
    config.serverAddress = url;
    config.initPath = folder;
    CHECK(!Sdk().InitSDK(0, config) && Sdk().InitSDK(appID, config));
    CHECK(Sdk().GetLoginStatus() == V2TIM_STATUS_LOGOUT);
    CHECK(CodeOf([](V2TIMCallback *callback) { Signaling().Accept("i", "", callback); }) == 6014);
    Outcome invited;
    CHECK(Signaling().Invite("bob", "", false, V2TIMOfflinePushInfo(), 30, &invited).Empty() && invited.Code() == 6014);
    CHECK(Login("", "sig") == 6017 && Login("alice", "") == 6017 && Login("alice", "\xff") == 6017);
    CHECK(Login("alice", "no token at all") == 70003 && Sdk().GetLoginStatus() == V2TIM_STATUS_LOGOUT);
    // Without a callback nothing is told, and nothing breaks.
    Signaling().Accept("i", "", nullptr);
    Sdk().Logout(nullptr);
}

void TheLogin(const V2TIMString &sig) {
    Outcome first;
    Sdk().Login("alice", sig, &first);
    const int second = Login("alice", sig);
    CHECK(first.Code() == 0 && (second == 7501 || second == 0));
    CHECK(Sdk().GetLoginStatus() == V2TIM_STATUS_LOGINED && Sdk().GetLoginUser() == "alice");
    CHECK(std::abs(Sdk().GetServerTime() - static_cast<int64_t>(std::time(nullptr))) < 60);
    CHECK(Login("alice", sig) == 0);
}

void WrongParameters() {
    const V2TIMOfflinePushInfo push;
    for (const auto &[invitee, data, only, timeout] : {std::tuple<const char *, const char *, const char *, int>{"", "", "", 30},
                                                       {"bob", "\xc3\x28", "", 30},
                                                       {"bob", "", "maybe", 30},
                                                       {"not a userID", "", "", 30},
                                                       {"bob", "", "false", -1}}) {
        Outcome outcome;
        CHECK(Signaling().Invite(invitee, data, only, push, timeout, &outcome).Empty() && outcome.Code() == 6017);
    }
    Outcome toNobody;
    CHECK(!Signaling().Invite("nobody", "", V2TIMString(), push, 30, &toNobody).Empty() && toNobody.Code() == 20003);
    Outcome inNoGroup;
    CHECK(!Signaling().InviteInGroup("no-group", {"bob"}, "", false, 30, &inNoGroup).Empty() && inNoGroup.Code() == 10010);
    V2TIMOfflinePushInfo notUtf8;
    notUtf8.ext = "\xc3\x28";
    Outcome pushed;
    CHECK(Signaling().Invite("bob", "", false, notUtf8, 30, &pushed).Empty() && pushed.Code() == 6017);
    CHECK(CodeOf([](V2TIMCallback *callback) { Signaling().Cancel("unheard-of", "", callback); }) == 8010);
    CHECK(CodeOf([](V2TIMCallback *callback) { Signaling().AddInvitedSignaling(V2TIMSignalingInfo(), callback); }) == 6017);
}

/// Accepting what is not addressed to one, and making known what is known, over, or nowhere.
void Invitations(Person &bob) {
    Outcome invited;
    const V2TIMString own = Signaling().Invite("bob", "mine", "0", V2TIMOfflinePushInfo(), 30, &invited);
    CHECK(own.Size() == 36 && invited.Code() == 0);
    Outcome accepted;
    Signaling().Accept(own, "", &accepted);
    CHECK(accepted.Code() == 8011);
    Outcome cancelled;
    Signaling().Cancel(own, "", &cancelled);
    CHECK(cancelled.Code() == 0);

    Rings rings;
    auto ring = rings.Expect();
    Signaling().AddSignalingListener(&rings);
    Signaling().AddSignalingListener(&rings);
    const std::string inviteID = bob.Invites("alice", "for alice");
    CHECK(rings.Wait(ring) == inviteID);
    V2TIMSignalingInfo info;
    info.inviteID = inviteID;
    info.inviter = "bob";
    info.inviteeList.PushBack("alice");
    Outcome known;
    Signaling().AddInvitedSignaling(info, &known);
    CHECK(known.Code() == 8012);
    Outcome answered;
    Signaling().Accept(inviteID, "", &answered);
    CHECK(answered.Code() == 0);
    Outcome over;
    Signaling().AddInvitedSignaling(info, &over);
    CHECK(over.Code() == 8010);
    info.inviteID = "unheard-of";
    Outcome unknown;
    Signaling().AddInvitedSignaling(info, &unknown);
    CHECK(unknown.Code() == 8010);
    Signaling().RemoveSignalingListener(&rings);
}

/// Listeners that throw, and that remove themselves, disturb nobody.
void Listeners(Person &bob) {
    V2TIMManager::SetExceptionReporter([](const char *what) { thrown += std::string(what) == "of the app's own" ? 1 : 0; });
    Throws throws;
    RemovesItself removesItself;
    Rings rings;
    Signaling().AddSignalingListener(&throws);
    Signaling().AddSignalingListener(&removesItself);
    Signaling().AddSignalingListener(&rings);
    for (int round = 0; round < 2; round++) {
        auto ring = rings.Expect();
        const std::string inviteID = bob.Invites("alice", "again");
        CHECK(rings.Wait(ring) == inviteID);
    }
    CHECK(thrown == 2 && removesItself.calls == 1);
    Signaling().RemoveSignalingListener(&throws);
    Signaling().RemoveSignalingListener(&rings);
}

void Messages() {
    Sent sent;
    CHECK(!Sdk().SendC2CTextMessage("hello \"bob\"\n", "bob", &sent).Empty());
    const V2TIMMessage text = sent.Get();
    CHECK(text.seq > 0 && text.isSelf && Signaling().GetSignalingInfo(text).inviteID.Empty());
    CHECK(dynamic_cast<V2TIMTextElem *>(text.elemList[0])->text == "hello \"bob\"\n");
    Outcome invited;
    const V2TIMString inviteID = Signaling().Invite("bob", "{\"a\": 1}", V2TIMString("false"), V2TIMOfflinePushInfo(), 30, &invited);
    CHECK(invited.Code() == 0);
    // Leaves no message.
    Outcome quietly;
    Signaling().Invite("bob", "quiet", "true", V2TIMOfflinePushInfo(), 30, &quietly);
    CHECK(quietly.Code() == 0);
    Value<V2TIMMessageVector> history;
    Sdk().GetMessageManager()->GetC2CHistoryMessageList("bob", 2, V2TIMMessage(), &history);
    const V2TIMMessageVector page = history.Get();
    CHECK(page.Size() == 2 && page[1].msgID == text.msgID);
    const V2TIMSignalingInfo info = Signaling().GetSignalingInfo(page[0]);
    CHECK(info.inviteID == inviteID && info.inviter == "alice" && info.data == "{\"a\": 1}" && info.timeout == 30);
    CHECK(info.actionType == SignalingActionType_Invite && info.inviteeList.Size() == 1 && info.inviteeList[0] == "bob");
    Sent nowhere;
    V2TIMMessage draft = Sdk().GetMessageManager()->CreateTextMessage("x");
    CHECK(Sdk().GetMessageManager()->SendMessage(draft, "", "", V2TIM_PRIORITY_NORMAL, false, {}, &nowhere).Empty());
    CHECK(nowhere.Get().msgID.Empty());
}

void AGroup() {
    Value<V2TIMString> created;
    Sdk().CreateGroup("Meeting", "", "the class", &created);
    const V2TIMString groupID = created.Get();
    Outcome alone;
    CHECK(!Signaling().InviteInGroup(groupID, {"bob"}, "", false, 30, &alone).Empty() && alone.Code() == 10004);
    Outcome dismissed;
    Sdk().DismissGroup(groupID, &dismissed);
    CHECK(dismissed.Code() == 0);
}

/// Waits for the end of a call.
class CallEnd final : public WigwagEventListener {
public:
    void OnEvent(const V2TIMString &name, const V2TIMString &json) override {
        if (name == "call.hungUp") {
            json_.set_value(json);
        }
    }
    V2TIMString Wait() { return json_.get_future().get(); }

private:
    std::promise<V2TIMString> json_;
};

/// A call: bob's invitation opens it, alice comes in, bob leaves; read by the methods and the events of the protocol.
void ACall(Person &bob) {
    Rings rings;
    auto ring = rings.Expect();
    Signaling().AddSignalingListener(&rings);
    bob.Invites("alice", "a call", "audio");
    Outcome accepted;
    const V2TIMString inviteID = rings.Wait(ring);
    Signaling().Accept(inviteID, "", &accepted);
    CHECK(accepted.Code() == 0);
    Signaling().RemoveSignalingListener(&rings);
    Value<V2TIMString> calls;
    Sdk().Request("call.list", "{\"limit\": 1}", &calls);
    CHECK(calls.Get().Text().find("\"callID\":\"" + inviteID.Text() + "\"") != std::string::npos);
    CallEnd end;
    Sdk().AddEventListener(&end);
    bob.HangsUp(inviteID.Text());
    CHECK(end.Wait().Text().find(inviteID.Text()) != std::string::npos);
    Sdk().RemoveEventListener(&end);
}

void LoggingOutInACallback(Person &bob, const V2TIMString &sig) {
    LogsOut logsOut;
    Signaling().AddSignalingListener(&logsOut);
    bob.Invites("alice", "the last one");
    CHECK(logsOut.code.get_future().get() == 0);
    Signaling().RemoveSignalingListener(&logsOut);
    CHECK(Sdk().GetLoginStatus() == V2TIM_STATUS_LOGOUT);
    CHECK(CodeOf([](V2TIMCallback *callback) { Signaling().Reject("i", "", callback); }) == 6014);
    // What still waits for her rings after the next login, once.
    Rings rings;
    auto ring = rings.Expect();
    Signaling().AddSignalingListener(&rings);
    CHECK(Login("alice", sig) == 0 && !rings.Wait(ring).Empty());
    Signaling().RemoveSignalingListener(&rings);
}

/// The invitations that messages say something about.
class Reads final : public V2TIMAdvancedMsgListener {
public:
    void OnRecvNewMessage(const V2TIMMessage &message) override {
        const V2TIMSignalingInfo info = Signaling().GetSignalingInfo(message);
        if (!info.inviteID.Empty()) {
            heard.Say(info.inviteID.Text());
        }
    }
    /// Waits for this one; others come from before.
    void Wait(const V2TIMString &inviteID) {
        while (heard.Next() != inviteID.Text()) {
        }
    }
    Heard heard;
};

/// What one user was told on this device is told to the next one, too.
void AnotherLogin(const V2TIMString &sigOfAlice, const V2TIMString &sigOfBob) {
    CHECK(Login("bob", sigOfBob) == 0);
    // What his stream begins with is told before this reply: from here on his events wait for him.
    CHECK(CodeOf([](V2TIMCallback *callback) { Signaling().Cancel("unheard-of", "", callback); }) == 8010);
    CHECK(Login("alice", sigOfAlice) == 0);
    Reads reads;
    Sdk().GetMessageManager()->AddAdvancedMsgListener(&reads);
    Outcome invited;
    const V2TIMString inviteID = Signaling().Invite("bob", "for the next login", false, V2TIMOfflinePushInfo(), 600, &invited);
    CHECK(invited.Code() == 0);
    reads.Wait(inviteID);
    CHECK(Login("bob", sigOfBob) == 0);
    reads.Wait(inviteID);
    Sdk().GetMessageManager()->RemoveAdvancedMsgListener(&reads);
}

void EndingInACallback(Person &bob, const V2TIMString &sig) {
    EndsIt endsIt;
    CHECK(Login("alice", sig) == 0);
    Signaling().AddSignalingListener(&endsIt);
    // It may have been ended by what still waits for her: Bob's invitation is made all the same.
    bob.Invites("alice", "the end");
    HEARS(endsIt.heard, "ended");
    Signaling().RemoveSignalingListener(&endsIt);
    CHECK(Login("alice", sig) == 6013);
}

} // namespace

int main(int argc, char **argv) {
    CHECK(argc == 6);
    BeforeTheLogin(argv[1], static_cast<uint32_t>(std::atoi(argv[2])), argv[5]);
    Person bob(argv[1], argv[4]);
    TheLogin(argv[3]);
    WrongParameters();
    Invitations(bob);
    Listeners(bob);
    Messages();
    AGroup();
    ACall(bob);
    LoggingOutInACallback(bob, argv[3]);
    AnotherLogin(argv[3], argv[4]);
    EndingInACallback(bob, argv[3]);
    Sdk().UnInitSDK();
    CHECK(Login("alice", argv[3]) == 6013);
    std::puts("every fault had its code");
    return 0;
}
