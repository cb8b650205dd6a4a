/// What groups and their members are, and who is told of them.
#ifndef WIGWAG_V2TIM_GROUP_H
#define WIGWAG_V2TIM_GROUP_H

#include <cstdint>

#include "V2TIMString.h"

/// Who may join a group by themselves.
enum V2TIMGroupAddOpt {
    /// Nobody: members add others.
    V2TIM_GROUP_ADD_FORBID = 0,
    /// There are no applications here, so it means the same as FORBID.
    V2TIM_GROUP_ADD_AUTH = 1,
    /// Anybody.
    V2TIM_GROUP_ADD_ANY = 2,
};

/// What of a V2TIMGroupInfo SetGroupInfo() changes; the numbers may be added up.
enum V2TIMGroupInfoModifyFlag {
    /// Nothing.
    V2TIM_GROUP_INFO_MODIFY_FLAG_UNKNOWN = 0x00,
    /// `groupName`
    V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_NAME = 0x01,
    /// `groupAddOpt`
    V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION = 0x10,
};

/// What changed in a group's description.
enum V2TIMGroupInfoChangeType {
    /// `value` is the name.
    V2TIM_GROUP_INFO_CHANGE_TYPE_NAME = 0x01,
    /// `value` is the userID of the owner.
    V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER = 0x05,
};

/// What a member may do in a group.
enum V2TIMGroupMemberRole {
    /// Not told.
    V2TIM_GROUP_MEMBER_UNDEFINED = 0,
    /// Speaks, invites and adds.
    V2TIM_GROUP_MEMBER_ROLE_MEMBER = 200,
    /// Removes members and changes the description, too.
    V2TIM_GROUP_MEMBER_ROLE_ADMIN = 300,
    /// Does everything.
    V2TIM_GROUP_MEMBER_ROLE_OWNER = 400,
};

/// Which members are asked for; the numbers may be added up.
enum V2TIMGroupMemberFilter {
    /// All.
    V2TIM_GROUP_MEMBER_FILTER_ALL = 0x00,
    /// The owner.
    V2TIM_GROUP_MEMBER_FILTER_OWNER = 0x01,
    /// Admins.
    V2TIM_GROUP_MEMBER_FILTER_ADMIN = 0x02,
    /// All others.
    V2TIM_GROUP_MEMBER_FILTER_COMMON = 0x04,
};

/// What became of one of several members.
enum V2TIMGroupMemberResult {
    /// Not done.
    V2TIM_GROUP_MEMBER_RESULT_FAIL = 0,
    /// Done; also for a user who was added and is a member already, or removed and is none.
    V2TIM_GROUP_MEMBER_RESULT_SUCC = 1,
};

/// A member, as callbacks name them.
struct V2TIMGroupMemberInfo {
    /// Who.
    V2TIMString userID;
};

/// Members, as callbacks name them.
using V2TIMGroupMemberInfoVector = V2TIMVector<V2TIMGroupMemberInfo>;

/// A member, as they are read.
struct V2TIMGroupMemberFullInfo : V2TIMGroupMemberInfo {
    /// See V2TIMGroupMemberRole.
    uint32_t role = V2TIM_GROUP_MEMBER_UNDEFINED;
    /// Server time, seconds.
    int64_t joinTime = 0;
};

/// Members, as they are read.
using V2TIMGroupMemberFullInfoVector = V2TIMVector<V2TIMGroupMemberFullInfo>;

/// A page of members.
struct V2TIMGroupMemberInfoResult {
    /// Give it to get the next page; 0 when this is the last.
    uint64_t nextSequence = 0;
    /// The members that the filter let through; perhaps none, though there is a next page.
    V2TIMGroupMemberFullInfoVector memberInfoList;
};

/// The answer for one of several members.
struct V2TIMGroupMemberOperationResult {
    /// Who.
    V2TIMString userID;
    /// What became of it.
    V2TIMGroupMemberResult result = V2TIM_GROUP_MEMBER_RESULT_FAIL;
};

/// The answers for several members.
using V2TIMGroupMemberOperationResultVector = V2TIMVector<V2TIMGroupMemberOperationResult>;

/// A first member of a new group.
struct V2TIMCreateGroupMemberInfo {
    /// Who.
    V2TIMString userID;
    /// A first member is a member, whatever stands here.
    uint32_t role = V2TIM_GROUP_MEMBER_ROLE_MEMBER;
};

/// First members of a new group.
using V2TIMCreateGroupMemberInfoVector = V2TIMVector<V2TIMCreateGroupMemberInfo>;

/// A group's description.
struct V2TIMGroupInfo {
    /// Its name on the server. Empty in CreateGroup(): the server makes one.
    V2TIMString groupID;
    /// "Work" groups are filled by their members; all others, such as "Public", "Meeting" and "AVChatRoom", can be joined by anybody.
    V2TIMString groupType;
    /// Shown to people.
    V2TIMString groupName;
    /// Who owns it.
    V2TIMString owner;
    /// Server time, seconds.
    uint32_t createTime = 0;
    /// How many members it has.
    uint32_t memberCount = 0;
    /// Who may join. In CreateGroup() it counts with V2TIM_GROUP_INFO_MODIFY_FLAG_GROUP_ADD_OPTION in `modifyFlag` only; default there: as
    /// the type says.
    V2TIMGroupAddOpt groupAddOpt = V2TIM_GROUP_ADD_FORBID;
    /// See V2TIMGroupInfoModifyFlag; 0 in what is read.
    uint32_t modifyFlag = V2TIM_GROUP_INFO_MODIFY_FLAG_UNKNOWN;
};

/// Descriptions of groups.
using V2TIMGroupInfoVector = V2TIMVector<V2TIMGroupInfo>;

/// The answer for one of several groups.
struct V2TIMGroupInfoResult {
    /// 0, or why there is no `info`.
    int resultCode = 0;
    /// For developers.
    V2TIMString resultMsg;
    /// The description; in a failure it has the groupID alone.
    V2TIMGroupInfo info;
};

/// The answers for several groups.
using V2TIMGroupInfoResultVector = V2TIMVector<V2TIMGroupInfoResult>;

/// One change of a group's description.
struct V2TIMGroupChangeInfo {
    /// What changed.
    V2TIMGroupInfoChangeType type = V2TIM_GROUP_INFO_CHANGE_TYPE_NAME;
    /// What it is now.
    V2TIMString value;
};

/// Changes of a group's description.
using V2TIMGroupChangeInfoVector = V2TIMVector<V2TIMGroupChangeInfo>;

/// Told what happens to one's groups, from a thread of the library's.
class V2TIMGroupListener {
public:
    virtual ~V2TIMGroupListener() = default;
    /// Members joined by themselves.
    virtual void OnMemberEnter(const V2TIMString &groupID, const V2TIMGroupMemberInfoVector &memberList) {
        (void)groupID, (void)memberList;
    }
    /// A member left.
    virtual void OnMemberLeave(const V2TIMString &groupID, const V2TIMGroupMemberInfo &member) { (void)groupID, (void)member; }
    /// Members were added by another; perhaps oneself.
    virtual void OnMemberInvited(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                                 const V2TIMGroupMemberInfoVector &memberList) {
        (void)groupID, (void)opUser, (void)memberList;
    }
    /// Members were removed; perhaps oneself.
    virtual void OnMemberKicked(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                                const V2TIMGroupMemberInfoVector &memberList) {
        (void)groupID, (void)opUser, (void)memberList;
    }
    /// One created a group on another device.
    virtual void OnGroupCreated(const V2TIMString &groupID) { (void)groupID; }
    /// The group is no more.
    virtual void OnGroupDismissed(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser) { (void)groupID, (void)opUser; }
    /// Its name, its rule for joining or its owner changed; the name is told in the first two cases.
    virtual void OnGroupInfoChanged(const V2TIMString &groupID, const V2TIMGroupChangeInfoVector &changeInfos) {
        (void)groupID, (void)changeInfos;
    }
    /// Members became admins.
    virtual void OnGrantAdministrator(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                                      const V2TIMGroupMemberInfoVector &memberList) {
        (void)groupID, (void)opUser, (void)memberList;
    }
    /// Members are admins no more.
    virtual void OnRevokeAdministrator(const V2TIMString &groupID, const V2TIMGroupMemberInfo &opUser,
                                       const V2TIMGroupMemberInfoVector &memberList) {
        (void)groupID, (void)opUser, (void)memberList;
    }
    /// One left the group on another device.
    virtual void OnQuitFromGroup(const V2TIMString &groupID) { (void)groupID; }
    /// A back end tells members something.
    virtual void OnReceiveRESTCustomData(const V2TIMString &groupID, const V2TIMBuffer &customData) { (void)groupID, (void)customData; }
    /// Another member, or one's other device, changed a counter. What changed while one was offline is not told: read the counters again.
    virtual void OnGroupCounterChanged(const V2TIMString &groupID, const V2TIMString &key, int64_t newValue) {
        (void)groupID, (void)key, (void)newValue;
    }
};

#endif
