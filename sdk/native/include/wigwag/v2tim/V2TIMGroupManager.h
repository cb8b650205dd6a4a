/// Groups: create them, their members, their descriptions.
#ifndef WIGWAG_V2TIM_GROUP_MANAGER_H
#define WIGWAG_V2TIM_GROUP_MANAGER_H

#include "V2TIMCallback.h"
#include "V2TIMGroup.h"

/// Groups beyond what V2TIMManager has. Its listeners are added there: V2TIMManager::AddGroupListener().
class V2TIMGroupManager {
public:
    virtual ~V2TIMGroupManager() = default;

    /// Creates a group and owns it; gives its groupID. First members who do not exist, or do not let one add them, are left out.
    virtual void CreateGroup(const V2TIMGroupInfo &info, const V2TIMCreateGroupMemberInfoVector &memberList,
                             V2TIMValueCallback<V2TIMString> *callback) = 0;

    /// Gives the groups one is in, all of them.
    virtual void GetJoinedGroupList(V2TIMValueCallback<V2TIMGroupInfoVector> *callback) = 0;

    /// Gives descriptions of groups one is in, 1 to 50 of them, in the order asked for.
    virtual void GetGroupsInfo(const V2TIMStringVector &groupIDList, V2TIMValueCallback<V2TIMGroupInfoResultVector> *callback) = 0;

    /// Changes what `info.modifyFlag` names; for owners and admins.
    virtual void SetGroupInfo(const V2TIMGroupInfo &info, V2TIMCallback *callback) = 0;

    /// Pages through the members, 100 at once, in byte order of their userIDs.
    ///
    /// @param filter see V2TIMGroupMemberFilter; a page has only those of the 100 that it lets through
    /// @param nextSeq 0 for the first page, then what the page before gave. The newest 1,000 such numbers are known; others fail with 6017
    virtual void GetGroupMemberList(const V2TIMString &groupID, uint32_t filter, uint64_t nextSeq,
                                    V2TIMValueCallback<V2TIMGroupMemberInfoResult> *callback) = 0;

    /// Adds users to a group, 1 to 100. All of them or, when one does not exist or does not let one add them, none.
    virtual void InviteUserToGroup(const V2TIMString &groupID, const V2TIMStringVector &userList,
                                   V2TIMValueCallback<V2TIMGroupMemberOperationResultVector> *callback) = 0;

    /// Removes members from a group, 1 to 100, whose role is below one's own. `reason` is taken and not used.
    virtual void KickGroupMember(const V2TIMString &groupID, const V2TIMStringVector &memberList, const V2TIMString &reason,
                                 V2TIMValueCallback<V2TIMGroupMemberOperationResultVector> *callback) = 0;

    /// Makes a member an admin, or an admin a member; for the owner.
    ///
    /// @param role V2TIM_GROUP_MEMBER_ROLE_MEMBER or V2TIM_GROUP_MEMBER_ROLE_ADMIN
    virtual void SetGroupMemberRole(const V2TIMString &groupID, const V2TIMString &userID, uint32_t role, V2TIMCallback *callback) = 0;

    /// Hands one's group over; one is an admin from then on.
    virtual void TransferGroupOwner(const V2TIMString &groupID, const V2TIMString &userID, V2TIMCallback *callback) = 0;

    /// Sets some of a group's counters, which every member may; gives what they are now. At most 20 in a group, keys of 1 to 128 bytes, values
    /// at most 2^53 - 1 from 0. Fails with 8511 over 5 changes a second in a group.
    virtual void SetGroupCounters(const V2TIMString &groupID, const V2TIMStringToInt64Map &counters,
                                  V2TIMValueCallback<V2TIMStringToInt64Map> *callback) = 0;

    /// Gives some of a group's counters; without keys all.
    virtual void GetGroupCounters(const V2TIMString &groupID, const V2TIMStringVector &keys,
                                  V2TIMValueCallback<V2TIMStringToInt64Map> *callback) = 0;

    /// Adds to a counter, which begins at 0; gives what it is now. The server adds, so that of two who do it at once both count.
    virtual void IncreaseGroupCounter(const V2TIMString &groupID, const V2TIMString &key, int64_t value,
                                      V2TIMValueCallback<V2TIMStringToInt64Map> *callback) = 0;

    /// Takes from a counter, likewise.
    virtual void DecreaseGroupCounter(const V2TIMString &groupID, const V2TIMString &key, int64_t value,
                                      V2TIMValueCallback<V2TIMStringToInt64Map> *callback) = 0;
};

#endif
