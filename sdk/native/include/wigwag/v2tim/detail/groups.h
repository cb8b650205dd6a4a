/// The group manager over the C library. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_GROUPS_H
#define WIGWAG_V2TIM_DETAIL_GROUPS_H

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "../V2TIMGroupManager.h"
#include "session.h"

namespace wigwag::v2tim::detail {

/// Where Tencent's surfaces keep the type of a group, by the names of its web package.
inline std::string ExtOf(const std::string &groupType) {
    JsonObject type;
    type.Text("type", groupType == "Work" ? "Private" : groupType == "Meeting" ? "ChatRoom" : groupType);
    JsonObject ext;
    return ext.Raw("tencent", type.Done()).Done();
}

inline std::string TypeOf(const Json &group) {
    const Json ext = Json::Read(Given(group["ext"].Text()));
    const std::string &kept = ext["tencent"]["type"].Text();
    if (kept.empty()) {
        return group["joinPolicy"].Text() == "free" ? "Public" : "Work";
    }
    return kept == "Private" ? "Work" : kept == "ChatRoom" ? "Meeting" : kept;
}

/// Empty when the option is none.
inline std::string PolicyOf(V2TIMGroupAddOpt option) {
    switch (option) {
    case V2TIM_GROUP_ADD_ANY:
        return "free";
    case V2TIM_GROUP_ADD_AUTH:
    case V2TIM_GROUP_ADD_FORBID:
        return "inviteOnly";
    }
    return std::string();
}

inline V2TIMGroupInfo GroupOf(const Json &group) {
    V2TIMGroupInfo info;
    info.groupID = group["groupID"].Text();
    info.groupType = TypeOf(group);
    info.groupName = group["name"].Text();
    info.owner = group["owner"].Text();
    info.createTime = static_cast<uint32_t>(group["createdAt"].Integer() / 1000);
    info.memberCount = static_cast<uint32_t>(group["memberCount"].Integer());
    info.groupAddOpt = group["joinPolicy"].Text() == "free" ? V2TIM_GROUP_ADD_ANY : V2TIM_GROUP_ADD_FORBID;
    return info;
}

/// A role by its number, and by its bit in a filter.
struct Role {
    V2TIMGroupMemberRole number;
    V2TIMGroupMemberFilter filter;
};

inline Role RoleOf(const std::string &name) {
    if (name == "owner") {
        return {V2TIM_GROUP_MEMBER_ROLE_OWNER, V2TIM_GROUP_MEMBER_FILTER_OWNER};
    }
    if (name == "admin") {
        return {V2TIM_GROUP_MEMBER_ROLE_ADMIN, V2TIM_GROUP_MEMBER_FILTER_ADMIN};
    }
    return {V2TIM_GROUP_MEMBER_ROLE_MEMBER, V2TIM_GROUP_MEMBER_FILTER_COMMON};
}

/// The members of a page that a filter lets through.
inline V2TIMGroupMemberFullInfoVector MembersIn(const Json &page, uint32_t filter) {
    V2TIMGroupMemberFullInfoVector members;
    for (const Json &member : page["members"].Items()) {
        const Role role = RoleOf(member["role"].Text());
        if (filter == V2TIM_GROUP_MEMBER_FILTER_ALL || (filter & role.filter) != 0) {
            V2TIMGroupMemberFullInfo told;
            told.userID = member["userID"].Text();
            told.role = role.number;
            told.joinTime = member["joinedAt"].Integer() / 1000;
            members.PushBack(told);
        }
    }
    return members;
}

/// The numbers by which this interface names pages that the server names by a text.
class Pages {
public:
    /// The number of the page after this text; 0 when there is none.
    uint64_t Keep(const std::string &of, const std::string &after) {
        if (after.empty()) {
            return 0;
        }
        const std::lock_guard<std::mutex> held(lock_);
        last_ += 1;
        kept_[last_] = {of, after};
        if (kept_.size() > MOST_KEPT) {
            kept_.erase(kept_.begin());
        }
        return last_;
    }

    /// The text; nothing when the number is of no page of this list, or too old.
    std::optional<std::string> Find(const std::string &of, uint64_t number) {
        const std::lock_guard<std::mutex> held(lock_);
        const auto found = kept_.find(number);
        return found != kept_.end() && found->second.first == of ? std::optional(found->second.second) : std::nullopt;
    }

private:
    /// A page's successor is asked for at once or never; those of a thousand lists that are read side by side are known.
    static constexpr size_t MOST_KEPT = 1'000;

    std::mutex lock_;
    uint64_t last_ = 0;
    std::map<uint64_t, std::pair<std::string, std::string>> kept_;
};

/// The counters that a reply or an event names.
inline V2TIMStringToInt64Map CountersIn(const Json &told) {
    V2TIMStringToInt64Map counters;
    for (const Json &counter : told["counters"].Items()) {
        counters.Insert(counter.Key(), counter.Integer());
    }
    return counters;
}

class GroupManager final : public V2TIMGroupManager {
public:
    explicit GroupManager(Session &session) : session_(session) {
        session.Tells([this](const WigwagEvent &event, Line &line) { Hear(event, line.userID); });
    }

    void AddGroupListener(V2TIMGroupListener *listener) { listeners_.Add(listener); }
    void RemoveGroupListener(V2TIMGroupListener *listener) { listeners_.Remove(listener); }

    void CreateGroup(const V2TIMGroupInfo &info, const V2TIMCreateGroupMemberInfoVector &memberList,
                     V2TIMValueCallback<V2TIMString> *callback) override {
        const bool optionGiven = (info.modifyFlag & V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION) != 0;
        const std::string byType = info.groupType == "Work" ? "inviteOnly" : "free";
        const std::string policy = optionGiven ? PolicyOf(info.groupAddOpt) : byType;
        if (info.groupType.Empty() || policy.empty()) {
            return Fail(callback, InvalidParams("groupType must not be empty, and groupAddOpt must be one of V2TIMGroupAddOpt"));
        }
        V2TIMStringVector members;
        for (const V2TIMCreateGroupMemberInfo &member : memberList) {
            members.PushBack(member.userID);
        }
        JsonObject params;
        params.Text("name", info.groupName.Text()).TextIfAny("groupID", info.groupID.Text());
        params.Text("joinPolicy", policy).Text("ext", ExtOf(info.groupType.Text())).List("members", members);
        session_.Fetch("group.create", params, callback, [](const Json &created) { return V2TIMString(created["groupID"].Text()); });
    }

    void GetJoinedGroupList(V2TIMValueCallback<V2TIMGroupInfoVector> *callback) override {
        ReadJoined(std::make_shared<V2TIMGroupInfoVector>(), std::string(), callback);
    }

    void GetGroupsInfo(const V2TIMStringVector &groupIDList, V2TIMValueCallback<V2TIMGroupInfoResultVector> *callback) override {
        if (groupIDList.Empty() || groupIDList.Size() > MOST_GROUPS) {
            return Fail(callback, InvalidParams("groupIDList must have 1 to 50 groups"));
        }
        const auto client = session_.Client();
        if (const auto *failure = std::get_if<Failure>(&client)) {
            return Fail(callback, *failure);
        }
        const auto gathered = std::make_shared<Gathered>(groupIDList, callback);
        for (size_t index = 0; index < groupIDList.Size(); index++) {
            const auto failure = session_.Request("group.info", Of(groupIDList[index]).Done(), [gathered, index](const WigwagReply &reply) {
                gathered->Answer(index, reply);
            });
            if (failure) {
                gathered->Refuse(index, *failure);
            }
        }
    }

    void SetGroupInfo(const V2TIMGroupInfo &info, V2TIMCallback *callback) override {
        JsonObject params = Of(info.groupID);
        if ((info.modifyFlag & V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_NAME) != 0) {
            params.Text("name", info.groupName.Text());
        }
        if ((info.modifyFlag & V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION) != 0) {
            params.Text("joinPolicy", PolicyOf(info.groupAddOpt));
        }
        session_.Do("group.setInfo", params, callback);
    }

    void GetGroupMemberList(const V2TIMString &groupID, uint32_t filter, uint64_t nextSeq,
                            V2TIMValueCallback<V2TIMGroupMemberInfoResult> *callback) override {
        const auto after = nextSeq == 0 ? std::optional(std::string()) : pages_.Find(groupID.Text(), nextSeq);
        if (filter > ALL_ROLES || !after) {
            return Fail(callback, InvalidParams("filter must be of V2TIMGroupMemberFilter, and nextSeq what the page before gave"));
        }
        JsonObject params = Of(groupID);
        params.TextIfAny("after", *after).Number("limit", MEMBERS_AT_ONCE);
        session_.Fetch("group.members", params, callback, [this, groupID, filter](const Json &page) {
            V2TIMGroupMemberInfoResult result;
            result.memberInfoList = MembersIn(page, filter);
            result.nextSequence = pages_.Keep(groupID.Text(), page["next"].Text());
            return result;
        });
    }

    void InviteUserToGroup(const V2TIMString &groupID, const V2TIMStringVector &userList,
                           V2TIMValueCallback<V2TIMGroupMemberOperationResultVector> *callback) override {
        ChangeMembers("group.addMembers", groupID, userList, callback);
    }
    void KickGroupMember(const V2TIMString &groupID, const V2TIMStringVector &memberList, const V2TIMString &,
                         V2TIMValueCallback<V2TIMGroupMemberOperationResultVector> *callback) override {
        ChangeMembers("group.removeMembers", groupID, memberList, callback);
    }

    void SetGroupMemberRole(const V2TIMString &groupID, const V2TIMString &userID, uint32_t role, V2TIMCallback *callback) override {
        if (role != V2TIM_GROUP_MEMBER_ROLE_MEMBER && role != V2TIM_GROUP_MEMBER_ROLE_ADMIN) {
            return Fail(callback, InvalidParams("role must be 200 (member) or 300 (admin)"));
        }
        const char *name = role == V2TIM_GROUP_MEMBER_ROLE_ADMIN ? "admin" : "member";
        session_.Do("group.setRole", Of(groupID).Text("userID", userID.Text()).Text("role", name), callback);
    }
    void TransferGroupOwner(const V2TIMString &groupID, const V2TIMString &userID, V2TIMCallback *callback) override {
        session_.Do("group.setRole", Of(groupID).Text("userID", userID.Text()).Text("role", "owner"), callback);
    }

    void SetGroupCounters(const V2TIMString &groupID, const V2TIMStringToInt64Map &counters,
                          V2TIMValueCallback<V2TIMStringToInt64Map> *callback) override {
        session_.Fetch("group.setAttributes", Of(groupID).Integers("counters", counters), callback, CountersIn);
    }
    void GetGroupCounters(const V2TIMString &groupID, const V2TIMStringVector &keys,
                          V2TIMValueCallback<V2TIMStringToInt64Map> *callback) override {
        session_.Fetch("group.attributes", Of(groupID), callback, [keys](const Json &board) {
            const V2TIMStringToInt64Map all = CountersIn(board);
            V2TIMStringToInt64Map wanted;
            for (const V2TIMString &key : keys) {
                if (all.Count(key) > 0) {
                    wanted.Insert(key, all.Get(key));
                }
            }
            return keys.Empty() ? all : wanted;
        });
    }
    void IncreaseGroupCounter(const V2TIMString &groupID, const V2TIMString &key, int64_t value,
                              V2TIMValueCallback<V2TIMStringToInt64Map> *callback) override {
        session_.Fetch("group.setAttributes", Of(groupID).Integers("add", V2TIMStringToInt64Map{{key, value}}), callback, CountersIn);
    }
    void DecreaseGroupCounter(const V2TIMString &groupID, const V2TIMString &key, int64_t value,
                              V2TIMValueCallback<V2TIMStringToInt64Map> *callback) override {
        // The lowest number has no counterpart; it is too large for a counter as it is.
        IncreaseGroupCounter(groupID, key, value == INT64_MIN ? value : -value, callback);
    }

private:
    /// The answers of several questions; told when the last one is there. They may come on two threads: a question that is not sent is
    /// answered on the app's own.
    class Gathered {
    public:
        Gathered(const V2TIMStringVector &groupIDs, V2TIMValueCallback<V2TIMGroupInfoResultVector> *callback)
            : missing_(groupIDs.Size()), callback_(callback) {
            for (const V2TIMString &groupID : groupIDs) {
                V2TIMGroupInfoResult result;
                result.info.groupID = groupID;
                results_.PushBack(result);
            }
        }

        void Answer(size_t index, const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Refuse(index, FailureOf(reply.trouble));
            }
            const V2TIMGroupInfo info = GroupOf(Json::Read(reply.json)["group"]);
            Note([&] { results_[index].info = info; });
        }

        void Refuse(size_t index, const Failure &failure) {
            Note([&] {
                results_[index].resultCode = failure.code;
                results_[index].resultMsg = failure.words;
            });
        }

    private:
        template <class Change> void Note(Change &&change) {
            {
                const std::lock_guard<std::mutex> held(lock_);
                change();
                missing_ -= 1;
                if (missing_ > 0) {
                    return;
                }
            }
            Succeed(callback_, results_);
        }

        std::mutex lock_;
        size_t missing_;
        V2TIMGroupInfoResultVector results_;
        V2TIMValueCallback<V2TIMGroupInfoResultVector> *callback_;
    };

    static JsonObject Of(const V2TIMString &groupID) {
        JsonObject params;
        params.Text("groupID", groupID.Text());
        return params;
    }

    /// Reads page after page to the last one. Groups come in byte order, so a list ends: a page that does not go on from the one before is
    /// refused.
    void ReadJoined(const std::shared_ptr<V2TIMGroupInfoVector> &found, const std::string &after,
                    V2TIMValueCallback<V2TIMGroupInfoVector> *callback) {
        JsonObject params;
        params.TextIfAny("after", after);
        const auto failure = session_.Request("group.list", params.Done(), [this, found, after, callback](const WigwagReply &reply) {
            if (reply.result != WIGWAG_RESULT_OK) {
                return Fail(callback, FailureOf(reply.trouble));
            }
            const Json page = Json::Read(reply.json);
            for (const Json &group : page["groups"].Items()) {
                found->PushBack(GroupOf(group));
            }
            const std::string &next = page["next"].Text();
            if (next.empty()) {
                return Succeed(callback, *found);
            }
            if (next <= after) {
                return Fail(callback, Unreadable("the server's list of groups does not end"));
            }
            ReadJoined(found, next, callback);
        });
        if (failure) {
            Fail(callback, *failure);
        }
    }

    /// All or nothing.
    void ChangeMembers(const char *method, const V2TIMString &groupID, const V2TIMStringVector &userIDs,
                       V2TIMValueCallback<V2TIMGroupMemberOperationResultVector> *callback) {
        JsonObject params = Of(groupID);
        params.List("userIDs", userIDs);
        session_.Fetch(method, params, callback, [userIDs](const Json &) {
            V2TIMGroupMemberOperationResultVector results;
            for (const V2TIMString &userID : userIDs) {
                results.PushBack({userID, V2TIM_GROUP_MEMBER_RESULT_SUCC});
            }
            return results;
        });
    }

    void Hear(const WigwagEvent &event, const std::string &userID) {
        const std::string name = Taken(event.name);
        if (name.rfind("group.", 0) != 0) {
            return;
        }
        const Json told = Json::Read(event.json);
        const V2TIMString groupID(told["groupID"].Text());
        if (name == "group.membersAdded") {
            Added(groupID, told, userID);
        } else if (name == "group.membersRemoved") {
            Removed(groupID, told, userID);
        } else if (name == "group.dismissed") {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnGroupDismissed(groupID, Named(told["by"])); });
        } else if (name == "group.infoChanged") {
            Changed(groupID, V2TIM_GROUP_INFO_CHANGE_TYPE_NAME, told["name"].Text());
        } else if (name == "group.roleChanged") {
            RoleChanged(groupID, told);
        } else if (name == "group.notice") {
            const std::string &data = told["data"].Text();
            const V2TIMBuffer bytes(reinterpret_cast<const uint8_t *>(data.data()), data.size());
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnReceiveRESTCustomData(groupID, bytes); });
        } else if (name == "group.attributesChanged") {
            for (const auto &[key, value] : CountersIn(told)) {
                listeners_.Tell([&, &key = key, value = value](V2TIMGroupListener &one) { one.OnGroupCounterChanged(groupID, key, value); });
            }
        }
    }

    static V2TIMGroupMemberInfo Named(const Json &userID) { return {userID.Text()}; }

    /// Who creates a group is told as the one who adds, and is one of those added.
    void Added(const V2TIMString &groupID, const Json &told, const std::string &userID) {
        const std::string &by = told["by"].Text();
        V2TIMGroupMemberInfoVector added;
        bool isIn = false;
        for (const Json &member : told["userIDs"].Items()) {
            if (member.Text() == by) {
                isIn = true;
            } else {
                added.PushBack(Named(member));
            }
        }
        const bool isMade = told["created"].IsTrue() || (isIn && !added.Empty());
        if (isMade && by == userID) {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnGroupCreated(groupID); });
        } else if (added.Empty()) {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnMemberEnter(groupID, {Named(told["by"])}); });
        } else {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnMemberInvited(groupID, Named(told["by"]), added); });
        }
    }

    void Removed(const V2TIMString &groupID, const Json &told, const std::string &userID) {
        const std::string &by = told["by"].Text();
        V2TIMGroupMemberInfoVector removed;
        bool isQuit = false;
        for (const Json &member : told["userIDs"].Items()) {
            isQuit = isQuit || member.Text() == by;
            removed.PushBack(Named(member));
        }
        if (!isQuit) {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnMemberKicked(groupID, Named(told["by"]), removed); });
        } else if (by == userID) {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnQuitFromGroup(groupID); });
        } else {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnMemberLeave(groupID, Named(told["by"])); });
        }
    }

    void RoleChanged(const V2TIMString &groupID, const Json &told) {
        const V2TIMGroupMemberInfo by = Named(told["by"]);
        const V2TIMGroupMemberInfoVector members{Named(told["userID"])};
        const Role role = RoleOf(told["role"].Text());
        if (role.number == V2TIM_GROUP_MEMBER_ROLE_OWNER) {
            Changed(groupID, V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER, told["userID"].Text());
        } else if (role.number == V2TIM_GROUP_MEMBER_ROLE_ADMIN) {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnGrantAdministrator(groupID, by, members); });
        } else {
            listeners_.Tell([&](V2TIMGroupListener &one) { one.OnRevokeAdministrator(groupID, by, members); });
        }
    }

    void Changed(const V2TIMString &groupID, V2TIMGroupInfoChangeType type, const std::string &value) {
        listeners_.Tell([&](V2TIMGroupListener &one) { one.OnGroupInfoChanged(groupID, {{type, value}}); });
    }

    /// The field's bound of one question.
    static constexpr size_t MOST_GROUPS = 50;
    /// The server's default of a page.
    static constexpr uint64_t MEMBERS_AT_ONCE = 100;
    /// All the filters together.
    static constexpr uint32_t ALL_ROLES = 7;

    Session &session_;
    Listeners<V2TIMGroupListener> listeners_;
    Pages pages_;
};

} // namespace wigwag::v2tim::detail

#endif
