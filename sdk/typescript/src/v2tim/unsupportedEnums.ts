// Enumerations of what is not there. Nothing gives such a value; apps name them.

/** Whose application to be a friend it is. */
export enum FriendApplicationTypeEnum {
  V2TIM_FRIEND_APPLICATION_COME_IN = 1,
  V2TIM_FRIEND_APPLICATION_SEND_OUT = 2,
  V2TIM_FRIEND_APPLICATION_BOTH = 3,
}

/** How two users know each other. */
export enum FriendRelationType {
  V2TIM_FRIEND_RELATION_TYPE_NONE = 0,
  V2TIM_FRIEND_RELATION_TYPE_IN_MY_FRIEND_LIST = 1,
  V2TIM_FRIEND_RELATION_TYPE_IN_OTHER_FRIEND_LIST = 2,
  V2TIM_FRIEND_RELATION_TYPE_BOTH_WAY = 3,
}

/** How an application to be a friend is accepted. */
export enum FriendResponseTypeEnum {
  V2TIM_FRIEND_ACCEPT_AGREE = 0,
  V2TIM_FRIEND_ACCEPT_AGREE_AND_ADD = 1,
}

/** Whether a friend is one on one side or on both. */
export enum FriendType {
  V2TIM_FRIEND_TYPE_SINGLE = 1,
  V2TIM_FRIEND_TYPE_BOTH = 2,
}

/** Which members are asked for: those who have read a message, or the others. */
export enum GetGroupMessageReadMemberListFilter {
  V2TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_READ = 0,
  V2TIM_GROUP_MESSAGE_READ_MEMBERS_FILTER_UNREAD = 1,
}

/** What an application to join a group is. */
export enum GroupApplicationTypeEnum {
  V2TIM_GROUP_APPLICATION_GET_TYPE_JOIN = 0,
  V2TIM_GROUP_APPLICATION_GET_TYPE_INVITE = 1,
}

/** Where history is read, and in which direction. */
export enum HistoryMsgGetTypeEnum {
  V2TIM_GET_CLOUD_OLDER_MSG = 1,
  V2TIM_GET_CLOUD_NEWER_MSG = 2,
  V2TIM_GET_LOCAL_OLDER_MSG = 3,
  V2TIM_GET_LOCAL_NEWER_MSG = 4,
}

/** How messages of a conversation are told. */
export enum ReceiveMsgOptEnum {
  V2TIM_RECEIVE_MESSAGE = 0,
  V2TIM_NOT_RECEIVE_MESSAGE = 1,
  V2TIM_RECEIVE_NOT_NOTIFY_MESSAGE = 2,
}
