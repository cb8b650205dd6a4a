/// Who is online, and what users say of themselves.
#ifndef WIGWAG_V2TIM_STATUS_H
#define WIGWAG_V2TIM_STATUS_H

#include "V2TIMString.h"

enum V2TIMUserStatusType {
    /// Of users who do not know one.
    V2TIM_USER_STATUS_UNKNOWN = 0,
    V2TIM_USER_STATUS_ONLINE = 1,
    V2TIM_USER_STATUS_OFFLINE = 2,
    /// Does not come: who has never signed in is offline.
    V2TIM_USER_STATUS_UNLOGINED = 3,
};

/// How a user is.
struct V2TIMUserStatus {
    V2TIMString userID;
    V2TIMUserStatusType statusType = V2TIM_USER_STATUS_UNKNOWN;
    /// What they say of themselves while they are online, at most 100 bytes; empty when that is nothing.
    V2TIMString customStatus;
};

using V2TIMUserStatusVector = V2TIMVector<V2TIMUserStatus>;

#endif
