// Groups in the C++ interface: v2tim_groups URL SDK_APP_ID SIG_OF_ALICE SIG_OF_BOB SIG_OF_CAROL
//
// Alice uses the C++ interface; the others, and a second device of hers, are clients of the C library. Every check that fails names its line.
#include "people.h"

namespace {

V2TIMGroupManager &Groups() { return *Sdk().GetGroupManager(); }

Heard heard;

std::string NamesOf(const V2TIMGroupMemberInfoVector &members) {
    std::string names;
    for (const V2TIMGroupMemberInfo &member : members) {
        names += (names.empty() ? "" : ",") + member.userID.Text();
    }
    return names;
}

class News final : public V2TIMGroupListener {
public:
    void OnMemberEnter(const V2TIMString &groupID, const V2TIMGroupMemberInfoVector &memberList) override {
        heard.Say(groupID.Text() + ": " + NamesOf(memberList) + " entered");
    }
    void OnMemberLeave(const V2TIMString &groupID, const V2TIMGroupMemberInfo &member) override {
        heard.Say(groupID.Text() + ": " + member.userID.Text() + " left");
    }
    void OnMemberInvited(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                         const V2TIMGroupMemberInfoVector &memberList) override {
        heard.Say(groupID.Text() + ": " + opUser.userID.Text() + " added " + NamesOf(memberList));
    }
    void OnMemberKicked(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                        const V2TIMGroupMemberInfoVector &memberList) override {
        heard.Say(groupID.Text() + ": " + opUser.userID.Text() + " removed " + NamesOf(memberList));
    }
    void OnGroupCreated(const V2TIMString &groupID) override { heard.Say(groupID.Text() + ": created elsewhere"); }
    void OnGroupDismissed(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser) override {
        heard.Say(groupID.Text() + ": dismissed by " + opUser.userID.Text());
    }
    void OnGroupInfoChanged(const V2TIMString &groupID, const V2TIMGroupChangeInfoVector &changeInfos) override {
        heard.Say(groupID.Text() + ": " + std::to_string(changeInfos[0].type) + " is " + changeInfos[0].value.Text());
    }
    void OnGrantAdministrator(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                              const V2TIMGroupMemberInfoVector &memberList) override {
        heard.Say(groupID.Text() + ": " + opUser.userID.Text() + " made admin " + NamesOf(memberList));
    }
    void OnRevokeAdministrator(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                               const V2TIMGroupMemberInfoVector &memberList) override {
        heard.Say(groupID.Text() + ": " + opUser.userID.Text() + " made member " + NamesOf(memberList));
    }
    void OnQuitFromGroup(const V2TIMString &groupID) override { heard.Say(groupID.Text() + ": quit elsewhere"); }
    void OnGroupCounterChanged(const V2TIMString &groupID, const V2TIMString &key, int64_t newValue) override {
        heard.Say(groupID.Text() + ": " + key.Text() + " is " + std::to_string(newValue));
    }
    void OnReceiveRESTCustomData(const V2TIMString &groupID, const V2TIMBuffer &customData) override {
        const std::string data(reinterpret_cast<const char *>(customData.Data()), customData.Size());
        heard.Say(groupID.Text() + ": a back end says " + data);
    }
};

std::string Params(const char *rest) { return std::string("{\"groupID\": \"talk\"") + rest + "}"; }

/// Fails with this code.
template <class T> class Failed final : public V2TIMValueCallback<T> {
public:
    void OnSuccess(const T &) override { code_.set_value(0); }
    void OnError(int code, const V2TIMString &) override { code_.set_value(code); }
    int Code() { return code_.get_future().get(); }

private:
    std::promise<int> code_;
};

void BeforeTheLogin() {
    Failed<V2TIMGroupInfoResultVector> infos;
    Groups().GetGroupsInfo({"talk", "nowhere"}, &infos);
    CHECK(infos.Code() == 6014);
    Failed<V2TIMGroupInfoVector> joined;
    Groups().GetJoinedGroupList(&joined);
    CHECK(joined.Code() == 6014);
    // Without a callback nothing is told, and nothing breaks.
    Groups().GetJoinedGroupList(nullptr);
    Groups().GetGroupsInfo({"talk"}, nullptr);
}

void WrongParameters() {
    V2TIMGroupInfo info;
    Failed<V2TIMString> withoutType;
    Groups().CreateGroup(info, {}, &withoutType);
    CHECK(withoutType.Code() == 6017);
    info.groupType = "Public";
    info.groupAddOpt = static_cast<V2TIMGroupAddOpt>(3);
    info.modifyFlag = V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION;
    Failed<V2TIMString> withStrangeOption;
    Groups().CreateGroup(info, {}, &withStrangeOption);
    CHECK(withStrangeOption.Code() == 6017);
    info = V2TIMGroupInfo();
    info.groupType = "Public";
    info.groupName = "\xc3\x28";
    Failed<V2TIMString> notUtf8;
    Groups().CreateGroup(info, {}, &notUtf8);
    CHECK(notUtf8.Code() == 6017);
    V2TIMStringVector tooMany;
    for (int index = 0; index < 51; index++) {
        tooMany.PushBack("g");
    }
    for (const V2TIMStringVector &groupIDs : {V2TIMStringVector(), tooMany}) {
        Failed<V2TIMGroupInfoResultVector> infos;
        Groups().GetGroupsInfo(groupIDs, &infos);
        CHECK(infos.Code() == 6017);
    }
    for (const auto &[filter, nextSeq] : {std::pair<uint32_t, uint64_t>{8, 0}, {0, 77}}) {
        Failed<V2TIMGroupMemberInfoResult> page;
        Groups().GetGroupMemberList("talk", filter, nextSeq, &page);
        CHECK(page.Code() == 6017);
    }
    CHECK(CodeOf([](V2TIMCallback *callback) { Groups().SetGroupMemberRole("talk", "bob", 400, callback); }) == 6017);
    CHECK(CodeOf([](V2TIMCallback *callback) { Groups().SetGroupInfo(V2TIMGroupInfo(), callback); }) == 6017);
    Failed<V2TIMGroupMemberOperationResultVector> nobody;
    Groups().InviteUserToGroup("talk", {}, &nobody);
    CHECK(nobody.Code() == 10004);
}

void TheFirstMembers() {
    V2TIMGroupInfo info;
    info.groupID = "talk";
    info.groupType = "Meeting";
    info.groupName = "Talk";
    Value<V2TIMString> created;
    Groups().CreateGroup(info, {{"bob"}, {"nobody"}}, &created);
    CHECK(created.Get() == "talk");
    Value<V2TIMGroupInfoResultVector> infos;
    Groups().GetGroupsInfo({"talk", "nowhere"}, &infos);
    const V2TIMGroupInfoResultVector found = infos.Get();
    CHECK(found.Size() == 2 && found[0].resultCode == 0 && found[1].resultCode == 10010 && found[1].info.groupID == "nowhere");
    const V2TIMGroupInfo &talk = found[0].info;
    CHECK(talk.groupType == "Meeting" && talk.groupName == "Talk" && talk.owner == "alice" && talk.memberCount == 2);
    CHECK(talk.createTime > 1'700'000'000 && talk.groupAddOpt == V2TIM_GROUP_ADD_ANY);
}

void TheMembers(Person &bob, Person &carol) {
    carol.Does("group.join", Params(""));
    HEARS(heard, "talk: carol entered");
    CHECK(CodeOf([](V2TIMCallback *callback) { Groups().SetGroupMemberRole("talk", "bob", 300, callback); }) == 0);
    Value<V2TIMGroupMemberInfoResult> all;
    Groups().GetGroupMemberList("talk", V2TIM_GROUP_MEMBER_FILTER_ALL, 0, &all);
    const V2TIMGroupMemberInfoResult page = all.Get();
    CHECK(page.nextSequence == 0 && page.memberInfoList.Size() == 3);
    CHECK(page.memberInfoList[0].userID == "alice" && page.memberInfoList[0].role == V2TIM_GROUP_MEMBER_ROLE_OWNER);
    CHECK(page.memberInfoList[2].userID == "carol" && page.memberInfoList[2].role == V2TIM_GROUP_MEMBER_ROLE_MEMBER);
    Value<V2TIMGroupMemberInfoResult> admins;
    Groups().GetGroupMemberList("talk", V2TIM_GROUP_MEMBER_FILTER_ADMIN, 0, &admins);
    const V2TIMGroupMemberFullInfoVector only = admins.Get().memberInfoList;
    CHECK(only.Size() == 1 && only[0].userID == "bob" && only[0].joinTime > 1'700'000'000);

    Value<V2TIMGroupMemberOperationResultVector> kicked;
    Groups().KickGroupMember("talk", {"carol"}, "too loud", &kicked);
    const V2TIMGroupMemberOperationResultVector results = kicked.Get();
    CHECK(results.Size() == 1 && results[0].userID == "carol" && results[0].result == V2TIM_GROUP_MEMBER_RESULT_SUCC);
    bob.Does("group.addMembers", Params(", \"userIDs\": [\"carol\"]"));
    HEARS(heard, "talk: bob added carol");
    bob.Does("group.removeMembers", Params(", \"userIDs\": [\"carol\"]"));
    HEARS(heard, "talk: bob removed carol");
    Value<V2TIMGroupMemberOperationResultVector> added;
    Groups().InviteUserToGroup("talk", {"carol"}, &added);
    CHECK(added.Get().Size() == 1);
    carol.Does("group.quit", Params(""));
    HEARS(heard, "talk: carol left");
}

void TheDescription(Person &bob) {
    bob.Does("group.setInfo", Params(", \"name\": \"Long talk\""));
    HEARS(heard, "talk: 1 is Long talk");
    V2TIMGroupInfo info;
    info.groupID = "talk";
    info.groupName = "not taken";
    info.groupAddOpt = V2TIM_GROUP_ADD_AUTH;
    info.modifyFlag = V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION;
    Outcome changed;
    Groups().SetGroupInfo(info, &changed);
    CHECK(changed.Code() == 0);
    Value<V2TIMGroupInfoVector> joined;
    Groups().GetJoinedGroupList(&joined);
    const V2TIMGroupInfoVector groups = joined.Get();
    CHECK(groups.Size() == 1 && groups[0].groupName == "Long talk" && groups[0].groupAddOpt == V2TIM_GROUP_ADD_FORBID);
}

void TheRoles(Person &bob) {
    CHECK(CodeOf([](V2TIMCallback *callback) { Groups().TransferGroupOwner("talk", "bob", callback); }) == 0);
    bob.Does("group.setRole", Params(", \"userID\": \"alice\", \"role\": \"member\""));
    HEARS(heard, "talk: bob made member alice");
    bob.Does("group.setRole", Params(", \"userID\": \"alice\", \"role\": \"admin\""));
    HEARS(heard, "talk: bob made admin alice");
    bob.Does("group.setRole", Params(", \"userID\": \"alice\", \"role\": \"owner\""));
    HEARS(heard, "talk: 5 is alice");
}

/// What a call of the interface gives as counters.
template <class Call> V2TIMStringToInt64Map CountersOf(Call call) {
    Value<V2TIMStringToInt64Map> counters;
    call(&counters);
    return counters.Get();
}

/// Alice counts with Bob, whose numbers are on the other side of 0.
void TheCounters(Person &bob) {
    using Told = V2TIMValueCallback<V2TIMStringToInt64Map>;
    constexpr int64_t LARGEST = 9'007'199'254'740'991;
    const V2TIMStringToInt64Map first{{"likes", 0}, {"\"gifts\"", LARGEST}};
    auto set = CountersOf([&](Told *told) { Groups().SetGroupCounters("talk", first, told); });
    CHECK(set.Size() == 2 && set.Get("\"gifts\"") == LARGEST && set.Count("likes") == 1);
    bob.Does("group.setAttributes", Params(", \"add\": {\"likes\": -7}"));
    HEARS(heard, "talk: likes is -7");
    auto more = CountersOf([](Told *told) { Groups().IncreaseGroupCounter("talk", "likes", 9, told); });
    CHECK(more.Size() == 1 && more.Get("likes") == 2);
    auto fewer = CountersOf([](Told *told) { Groups().DecreaseGroupCounter("talk", "likes", 5, told); });
    CHECK(fewer.Get("likes") == -3);
    for (const V2TIMStringVector &keys : {V2TIMStringVector(), V2TIMStringVector{"likes", "none"}}) {
        auto read = CountersOf([&](Told *told) { Groups().GetGroupCounters("talk", keys, told); });
        CHECK(read.Get("likes") == -3 && read.Size() == (keys.Empty() ? 2 : 1));
    }
    for (const int64_t value : {LARGEST + 1, INT64_MAX, INT64_MIN}) {
        Failed<V2TIMStringToInt64Map> tooLarge;
        Groups().DecreaseGroupCounter("talk", "likes", value, &tooLarge);
        CHECK(tooLarge.Code() == 10004);
    }
}

/// The test is the back end, and waits for the line.
void TheNotice() {
    std::puts("a back end may say something");
    std::fflush(stdout);
    HEARS(heard, "talk: a back end says zehn Uhr fünf \"sharp\"");
}

/// What one did on another device is told; what one did here is not.
void TheOtherDevice(Person &desk) {
    desk.Does("group.create", "{\"groupID\": \"two\", \"name\": \"Two\", \"joinPolicy\": \"inviteOnly\", \"members\": [\"bob\"]}");
    HEARS(heard, "two: created elsewhere");
    Value<V2TIMGroupInfoResultVector> infos;
    Groups().GetGroupsInfo({"two"}, &infos);
    // Made by a native client, which keeps no type of Tencent's.
    CHECK(infos.Get()[0].info.groupType == "Work");
    desk.Does("group.setRole", "{\"groupID\": \"two\", \"userID\": \"bob\", \"role\": \"owner\"}");
    HEARS(heard, "two: 5 is bob");
    desk.Does("group.quit", "{\"groupID\": \"two\"}");
    HEARS(heard, "two: quit elsewhere");
    desk.Does("group.dismiss", Params(""));
    HEARS(heard, "talk: dismissed by alice");
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
    News news;
    Sdk().AddGroupListener(&news);
    WrongParameters();
    TheFirstMembers();
    TheMembers(bob, carol);
    TheDescription(bob);
    TheCounters(bob);
    TheRoles(bob);
    TheNotice();
    Person desk(argv[1], argv[3]);
    TheOtherDevice(desk);
    Sdk().RemoveGroupListener(&news);
    Sdk().UnInitSDK();
    std::puts("groups from their creation to their end");
    return 0;
}
