type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;
type Pascal<S extends string> = S extends `${infer First}_${infer Rest}`
  ? `${Capitalize<Lowercase<First>>}${Pascal<Rest>}`
  : Capitalize<Lowercase<S>>;

function each(names: string, entry: (name: string) => [string, string]): never {
  return Object.fromEntries(names.split(" ").map(entry)) as never;
}

function camel(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Values that are called as their constants are, in one word behind others: `SNS_TYPE_BOTH_WAY` is `CheckResult_Type_BothWay`. */
function titled<Before extends string, Names extends string, Title extends string = "">(
  before: Before,
  names: Names,
  title = "" as Title,
): { readonly [Name in Words<Names> as `${Before}${Name}`]: `${Title}${Pascal<Name>}` } {
  return each(names, (name) => [before + name, title + camel(`_${name}`)]);
}

/** Most events are called as their constants are: `GROUP_LIST_UPDATED` is `onGroupListUpdated`. */
function named<Names extends string>(names: Names): { readonly [Name in Words<Names>]: `on${Pascal<Name>}` } {
  return each(names, (name) => [name, camel(`on_${name}`)]);
}

/** Constants that are called as their values are: `NET_STATE_CHANGE` is `netStateChange`. */
function called<Names extends string, Before extends string = "">(
  names: Names,
  before = "" as Before,
): { readonly [Name in Words<Names> as `${Before}${Name}`]: Uncapitalize<Pascal<Name>> } {
  return each(names, (name) => [before + name, camel(name)]);
}

/** And those of signaling: `INVITEE_ACCEPTED` is `ts_invitee_accepted`. */
function lower<Names extends string>(names: Names): { readonly [Name in Words<Names>]: `ts_${Lowercase<Name>}` } {
  return each(names, (name) => [name, `ts_${name.toLowerCase()}`]);
}

/** Names of the events for `chat.on`; those of Tencent's package, as far as this server has something to tell. */
export const EVENT = {
  SDK_READY: "sdkStateReady",
  SDK_NOT_READY: "sdkStateNotReady",
  ...called("SDK_DESTROY BLACKLIST_UPDATED KICKED_OUT ERROR NET_STATE_CHANGE GROUP_ATTRIBUTES_UPDATED"),
  // From MESSAGE_MODIFIED on of features that are not there: apps may listen, and nothing comes.
  ...named(
    "MESSAGE_RECEIVED MESSAGE_REVOKED MESSAGE_READ_BY_PEER CONVERSATION_LIST_UPDATED TOTAL_UNREAD_MESSAGE_COUNT_UPDATED GROUP_LIST_UPDATED PROFILE_UPDATED MESSAGE_MODIFIED MESSAGE_READ_RECEIPT_RECEIVED CONVERSATION_GROUP_LIST_UPDATED CONVERSATION_IN_GROUP_UPDATED GROUP_COUNTER_UPDATED TOPIC_CREATED TOPIC_DELETED TOPIC_UPDATED USER_STATUS_UPDATED FRIEND_LIST_UPDATED FRIEND_GROUP_LIST_UPDATED FRIEND_APPLICATION_LIST_UPDATED ROOM_CUSTOM_DATA_RECEIVED MESSAGE_EXTENSIONS_UPDATED MESSAGE_EXTENSIONS_DELETED MESSAGE_REACTIONS_UPDATED MY_FOLLOWERS_LIST_UPDATED MY_FOLLOWING_LIST_UPDATED MUTUAL_FOLLOWERS_LIST_UPDATED ALL_RECEIVE_MESSAGE_OPT_UPDATED SERVER_CONFIG_UPDATED PINNED_GROUP_MESSAGE_UPDATED",
  ),
} as const;

/** The name of an event; Tencent's package declares an enumeration. */
export type EVENT = (typeof EVENT)[keyof typeof EVENT];

/** Values of fields and parameters. */
export const TYPES = {
  MSG_TEXT: "TIMTextElem",
  MSG_IMAGE: "TIMImageElem",
  MSG_AUDIO: "TIMSoundElem",
  MSG_FILE: "TIMFileElem",
  MSG_FACE: "TIMFaceElem",
  MSG_VIDEO: "TIMVideoFileElem",
  MSG_LOCATION: "TIMLocationElem",
  MSG_GRP_TIP: "TIMGroupTipElem",
  MSG_GRP_SYS_NOTICE: "TIMGroupSystemNoticeElem",
  MSG_CUSTOM: "TIMCustomElem",
  MSG_MERGER: "TIMRelayElem",
  ...titled("MSG_PRIORITY_", "HIGH NORMAL LOW LOWEST"),
  CONV_C2C: "C2C",
  CONV_GROUP: "GROUP",
  CONV_TOPIC: "TOPIC",
  CONV_SYSTEM: "@TIM#SYSTEM",
  CONV_AT_ME: 1,
  CONV_AT_ALL: 2,
  CONV_AT_ALL_AT_ME: 3,
  GRP_WORK: "Private",
  GRP_MEETING: "ChatRoom",
  GRP_AVCHATROOM: "AVChatRoom",
  ...titled("GRP_", "PUBLIC COMMUNITY"),
  ...titled("GRP_MBR_ROLE_", "OWNER ADMIN MEMBER CUSTOM"),
  GRP_TIP_MBR_JOIN: 1,
  GRP_TIP_MBR_QUIT: 2,
  GRP_TIP_MBR_KICKED_OUT: 3,
  GRP_TIP_MBR_SET_ADMIN: 4,
  GRP_TIP_MBR_CANCELED_ADMIN: 5,
  GRP_TIP_GRP_PROFILE_UPDATED: 6,
  GRP_TIP_MBR_PROFILE_UPDATED: 7,
  MSG_REMIND_ACPT_AND_NOTE: "AcceptAndNotify",
  MSG_REMIND_ACPT_NOT_NOTE: "AcceptNotNotify",
  MSG_REMIND_DISCARD: "Discard",
  ...titled("GENDER_", "UNKNOWN FEMALE MALE", "Gender_Type_"),
  KICKED_OUT_MULT_ACCOUNT: "multipleAccount",
  KICKED_OUT_MULT_DEVICE: "multipleDevice",
  KICKED_OUT_USERSIG_EXPIRED: "userSigExpired",
  KICKED_OUT_REST_API: "REST_API_Kick",
  ...titled("ALLOW_TYPE_", "ALLOW_ANY NEED_CONFIRM DENY_ANY", "AllowType_Type_"),
  ...titled("FORBID_TYPE_", "NONE SEND_OUT", "AdminForbid_Type_"),
  ...titled("JOIN_OPTIONS_", "FREE_ACCESS NEED_PERMISSION DISABLE_APPLY"),
  JOIN_STATUS_SUCCESS: "JoinedSuccess",
  JOIN_STATUS_ALREADY_IN_GROUP: "AlreadyInGroup",
  JOIN_STATUS_WAIT_APPROVAL: "WaitAdminApproval",
  ...called("CONNECTED CONNECTING DISCONNECTED", "NET_STATE_"),
  MSG_AT_ALL: "__kImSDK_MesssageAtALL__",
  READ_ALL_C2C_MSG: "readAllC2CMessage",
  READ_ALL_GROUP_MSG: "readAllGroupMessage",
  READ_ALL_MSG: "readAllMessage",
  // Of features that are not there, older names, and what only Tencent's own packages use.
  MSG_SOUND: "TIMSoundElem",
  MSG_GEO: "TIMLocationElem",
  CONV_MARK_TYPE_STAR: 1,
  CONV_MARK_TYPE_UNREAD: 2,
  CONV_MARK_TYPE_FOLD: 4,
  CONV_MARK_TYPE_HIDE: 8,
  GRP_PRIVATE: "Private",
  GRP_CHATROOM: "ChatRoom",
  ...titled("GRP_", "ROOM LIVE"),
  GRP_TIP_BAN_AVCHATROOM_MEMBER: 10,
  GRP_TIP_UNBAN_AVCHATROOM_MEMBER: 11,
  RECEIVE_WITH_OFFLINE_PUSH_EXCEPT_AT: "AcceptNotNotifyExceptAt",
  NOT_RECEIVE_OFFLINE_PUSH_EXCEPT_AT: "AcceptNotNotifyExceptAt",
  NOT_RECEIVE_MSG_EXCEPT_AT: "NotReceiveMsgExceptAt",
  ...titled("INVITE_OPTIONS_", "FREE_ACCESS NEED_PERMISSION DISABLE_INVITE"),
  GRP_PROFILE_OWNER_ID: "ownerID",
  ...called(
    "CREATE_TIME LAST_INFO_TIME MEMBER_NUM MAX_MEMBER_NUM JOIN_OPTION INVITE_OPTION INTRODUCTION NOTIFICATION",
    "GRP_PROFILE_",
  ),
  GRP_PROFILE_MUTE_ALL_MBRS: "muteAllMembers",
  ...titled("SNS_ADD_TYPE_", "SINGLE BOTH", "Add_Type_"),
  ...titled("SNS_DELETE_TYPE_", "SINGLE BOTH", "Delete_Type_"),
  ...titled("SNS_CHECK_TYPE_", "SINGLE BOTH", "CheckResult_Type_"),
  ...titled("SNS_TYPE_", "NO_RELATION A_WITH_B B_WITH_A BOTH_WAY", "CheckResult_Type_"),
  ...titled("SNS_APPLICATION_", "AGREE AGREE_AND_ADD", "Response_Action_"),
  SNS_APPLICATION_TYPE_BOTH: "Pendency_Type_Both",
  SNS_APPLICATION_SENT_TO_ME: "Pendency_Type_ComeIn",
  SNS_APPLICATION_SENT_BY_ME: "Pendency_Type_SendOut",
  USER_STATUS_UNKNOWN: 0,
  USER_STATUS_ONLINE: 1,
  USER_STATUS_OFFLINE: 2,
  USER_STATUS_UNLOGINED: 3,
  IOS_OFFLINE_PUSH_NO_SOUND: "push.no_sound",
  IOS_OFFLINE_PUSH_DEFAULT_SOUND: "default",
} as const;

/** A value of a field or parameter; Tencent's package declares an enumeration. */
export type TYPES = (typeof TYPES)[keyof typeof TYPES];

/** The values whose names begin so. */
export type TypesNamed<Beginning extends string> = (typeof TYPES)[Extract<keyof typeof TYPES, `${Beginning}${string}`>];

/** The kinds of conversations. */
export type ConversationType = TypesNamed<"CONV_C2C" | "CONV_GROUP" | "CONV_TOPIC" | "CONV_SYSTEM">;

/** Names of the events for `chat.addSignalingListener`, and the values of a signaling's `actionType`. */
export const TSignaling = {
  ...called("NEW_INVITATION_RECEIVED"),
  // Tencent's package has neither CALL_HUNG_UP, since its invitations lead into no call of the server's, nor INVITATION_PROGRESS, which says how
  // far an invitation is that was made with `progress`.
  ...lower(
    "INVITEE_ACCEPTED INVITEE_REJECTED INVITATION_CANCELLED INVITATION_TIMEOUT INVITATION_MODIFIED CALL_HUNG_UP INVITATION_PROGRESS",
  ),
  ACTION_TYPE_UNKNOWN: 0,
  ACTION_TYPE_INVITE: 1,
  ACTION_TYPE_CANCEL_INVITE: 2,
  ACTION_TYPE_ACCEPT_INVITE: 3,
  ACTION_TYPE_REJECT_INVITE: 4,
  ACTION_TYPE_INVITE_TIMEOUT: 5,
} as const;

/** The name of a signaling event, or the number of an action; Tencent's package declares an enumeration. */
export type TSignaling = (typeof TSignaling)[keyof typeof TSignaling];
