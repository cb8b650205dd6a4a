/** How much is logged. This surface logs nothing; the value is taken and not used. */
export enum LogLevelEnum {
  V2TIM_LOG_NONE = 0,
  V2TIM_LOG_DEBUG = 3,
  V2TIM_LOG_INFO = 4,
  V2TIM_LOG_WARN = 5,
  V2TIM_LOG_ERROR = 6,
}

/** Where the login stands. */
export enum LoginStatusEnum {
  /** Signed in; perhaps reconnecting just now. */
  V2TIM_STATUS_LOGINED = 1,
  /** Signing in. */
  V2TIM_STATUS_LOGINING = 2,
  /** Nobody is signed in. */
  V2TIM_STATUS_LOGOUT = 3,
}

/** A message's priority in its group. */
export enum MessagePriorityEnum {
  V2TIM_PRIORITY_DEFAULT = 0,
  V2TIM_PRIORITY_HIGH = 1,
  V2TIM_PRIORITY_NORMAL = 2,
  V2TIM_PRIORITY_LOW = 3,
}

/** What a message holds. */
export enum MessageElemType {
  /** A type that this surface has no element for. */
  V2TIM_ELEM_TYPE_NONE = 0,
  V2TIM_ELEM_TYPE_TEXT = 1,
  V2TIM_ELEM_TYPE_CUSTOM = 2,
  // Messages of these kinds are not there.
  V2TIM_ELEM_TYPE_IMAGE = 3,
  V2TIM_ELEM_TYPE_SOUND = 4,
  V2TIM_ELEM_TYPE_VIDEO = 5,
  V2TIM_ELEM_TYPE_FILE = 6,
  V2TIM_ELEM_TYPE_LOCATION = 7,
  V2TIM_ELEM_TYPE_FACE = 8,
  V2TIM_ELEM_TYPE_GROUP_TIPS = 9,
  V2TIM_ELEM_TYPE_MERGER = 10,
}

/** Where a message stands. */
export enum MessageStatusEnum {
  V2TIM_MSG_STATUS_SENDING = 1,
  V2TIM_MSG_STATUS_SEND_SUCC = 2,
  V2TIM_MSG_STATUS_SEND_FAIL = 3,
  /** Taken back by its sender. */
  V2TIM_MSG_STATUS_LOCAL_REVOKED = 6,
}

/** What a member may do in a group. */
export enum GroupMemberRoleTypeEnum {
  V2TIM_GROUP_MEMBER_UNDEFINED = 0,
  V2TIM_GROUP_MEMBER_ROLE_MEMBER = 200,
  V2TIM_GROUP_MEMBER_ROLE_ADMIN = 300,
  V2TIM_GROUP_MEMBER_ROLE_OWNER = 400,
}

/** Which members are asked for; the numbers may be added up. */
export enum GroupMemberFilterTypeEnum {
  V2TIM_GROUP_MEMBER_FILTER_ALL = 0,
  V2TIM_GROUP_MEMBER_FILTER_OWNER = 1,
  V2TIM_GROUP_MEMBER_FILTER_ADMIN = 2,
  V2TIM_GROUP_MEMBER_FILTER_COMMON = 4,
}

/** Who may join a group by himself. */
export enum GroupAddOptEnum {
  /** Nobody: members add others. */
  V2TIM_GROUP_ADD_FORBID = 0,
  /** Whoever an admin lets in. There are no applications here, so it means the same as FORBID. */
  V2TIM_GROUP_ADD_AUTH = 1,
  /** Anybody. */
  V2TIM_GROUP_ADD_ANY = 2,
}

/** What changed in a group's description. */
export enum GroupInfoChangeTypeEnum {
  V2TIM_GROUP_INFO_CHANGE_TYPE_NAME = 1,
  V2TIM_GROUP_INFO_CHANGE_TYPE_OWNER = 5,
}
