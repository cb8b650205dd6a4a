// What the calls take, in the names of Tencent's package.

/** `login` */
export interface Login {
  userID: string;
  userSig: string;
}

/** Push settings; kept as they are for the server's push adapters. */
export interface OfflinePushInfo {
  disablePush?: boolean | undefined;
  disableVoipPush?: boolean | undefined;
  title?: string | undefined;
  description?: string | undefined;
  extension?: string | undefined;
  ignoreIOSBadge?: boolean | undefined;
  androidOPPOChannelID?: string | undefined;
  [field: string]: unknown;
}

interface Invitation {
  /** The app's own, at most 16 KiB. */
  data?: string | undefined;
  /** Seconds, at most 86,400; 0 = no deadline. Default: 0. */
  timeout?: number | undefined;
  /** Leaves no message and reaches only those who are online. Default: false. */
  onlineUserOnly?: boolean | undefined;
  offlinePushInfo?: OfflinePushInfo | undefined;
}

/** `invite`, `inviteSync` */
export interface Invite extends Invitation {
  userID: string;
}

/** `inviteInGroup`, `inviteInGroupSync` */
export interface InviteInGroup extends Invitation {
  groupID: string;
  inviteeList: string[];
}

/** `cancel`, `accept`, `reject` */
export interface Answer {
  inviteID: string;
  data?: string | undefined;
}

/** `hangUp` */
export interface Call {
  inviteID: string;
}

/** `modifyInvitation` */
export interface ModifyInvitation {
  inviteID: string;
  data: string;
}

/** `createTextMessage`, `createCustomMessage` … */
export interface MakeMessage {
  /** userID or groupID. */
  to: string;
  /** `TYPES.CONV_C2C` or `TYPES.CONV_GROUP`. */
  conversationType: string;
  // biome-ignore lint/suspicious/noExplicitAny: its fields depend on the kind of message
  payload: any;
  priority?: string | undefined;
  cloudCustomData?: string | undefined;
  needReadReceipt?: boolean | undefined;
}

/** `sendMessage` */
export interface SendMessage {
  onlineUserOnly?: boolean | undefined;
  offlinePushInfo?: OfflinePushInfo | undefined;
  messageControlInfo?:
    | {
        excludedFromUnreadCount?: boolean | undefined;
        excludedFromLastMessage?: boolean | undefined;
        /** Nothing is moderated here. */
        excludedFromContentModeration?: boolean | undefined;
      }
    | undefined;
}

/** `setMessageRead` */
export interface Conversation {
  /** `C2C` and the userID, or `GROUP` and the groupID. */
  conversationID: string;
}

/** `getMessageList` */
export interface MessagePage extends Conversation {
  /** That of the page after this one. */
  nextReqMessageID?: string | undefined;
  /** At most 100. Default: 15. */
  count?: number | undefined;
}

/** `getMessageListHopping` */
export interface MessageHop extends Conversation {
  sequence?: number | undefined;
  /** 0 older (the default), 1 newer. */
  direction?: number | undefined;
  /** At most 100. Default: 15. */
  count?: number | undefined;
}

/** `getConversationList` */
export interface ConversationFilter {
  /** `TYPES.CONV_C2C` or `TYPES.CONV_GROUP`. */
  type?: string | undefined;
}

/** `setAllMessageRead` */
export interface ReadAll {
  /** `TYPES.READ_ALL_MSG` (the default), `READ_ALL_C2C_MSG` or `READ_ALL_GROUP_MSG`. */
  scope?: string | undefined;
}

/** `joinGroup`, `getGroupProfile` */
export interface Group {
  groupID: string;
  /** Taken and not used. */
  type?: string | undefined;
  /** Taken and not used: nobody is asked. */
  applyMessage?: string | undefined;
}

interface GroupDescription {
  avatar?: string | undefined;
  introduction?: string | undefined;
  notification?: string | undefined;
  /** Where permission would be asked for, only members add others. */
  joinOption?: string | undefined;
  groupCustomField?: { key: string; value: string }[] | undefined;
}

/** `createGroup` */
export interface CreateGroup extends GroupDescription {
  name: string;
  /** Default: `TYPES.GRP_WORK`. All types work alike here; only that nobody joins a work group by himself. */
  type?: string | undefined;
  groupID?: string | undefined;
  memberList?: { userID: string }[] | undefined;
}

/** `updateGroupProfile` */
export interface UpdateGroup extends GroupDescription {
  groupID: string;
  name?: string | undefined;
}

/** `changeGroupOwner` */
export interface GroupOwner {
  groupID: string;
  newOwnerID: string;
}

/** `setGroupMemberRole` */
export interface GroupRole {
  groupID: string;
  userID: string;
  /** `TYPES.GRP_MBR_ROLE_ADMIN` or `TYPES.GRP_MBR_ROLE_MEMBER`. */
  role: string;
}

/** `getGroupMemberList` */
export interface MemberPage {
  groupID: string;
  /** Default: 15. */
  count?: number | undefined;
  /** Default: 0. */
  offset?: number | undefined;
}

/** `getGroupMemberProfile`, `addGroupMember`, `deleteGroupMember` */
export interface GroupUsers {
  groupID: string;
  userIDList: string[];
  /** Taken and not used. */
  reason?: string | undefined;
}

/** `getUserProfile`, `addToBlacklist`, `removeFromBlacklist` */
export interface Users {
  userIDList: string[];
}

/** `updateMyProfile` */
export interface UpdateProfile {
  nick?: string | undefined;
  avatar?: string | undefined;
  gender?: string | undefined;
  selfSignature?: string | undefined;
  allowType?: string | undefined;
  birthday?: number | undefined;
  location?: string | undefined;
  language?: number | undefined;
  messageSettings?: number | undefined;
  adminForbidType?: string | undefined;
  level?: number | undefined;
  role?: number | undefined;
  profileCustomField?: { key: string; value: string }[] | undefined;
}
