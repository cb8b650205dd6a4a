// What the calls take, in the names of Tencent's package.

import type { TYPES } from "./constants.js";
import type { Message } from "./shapes.js";

/** One of `TYPES`, as the enumeration that Tencent's package declares or as it is. */
export type Value = TYPES | string;

/** A function as an app passes it on that gives no type to it. */
// biome-ignore lint/complexity/noBannedTypes: Tencent's package declares it so, and apps have such variables
export type AnyCallback = Function;

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
  offlinePushInfo?: OfflinePushInfo | object | undefined;
  /**
   * Tells how far it is by `TSignaling.INVITATION_PROGRESS`: `{inviteID, invitee, step, deviceID?, platform?}`, where `step` is `unreachable`,
   * `sent`, `acknowledged`, `ringing`, `pushed` or `pushRefused`. Not in Tencent's package. Default: false.
   */
  progress?: boolean | undefined;
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
  conversationType: Value;
  // biome-ignore lint/suspicious/noExplicitAny: its fields depend on the kind of message
  payload: any;
  priority?: Value | undefined;
  cloudCustomData?: string | undefined;
  needReadReceipt?: boolean | undefined;
  /** Only these members of the group: such a message can be made and not sent (7014). */
  receiverList?: string[] | undefined;
  /** Taken and not used: nothing is uploaded. */
  onProgress?: AnyCallback | undefined;
  /** Taken and not used: messages have no extensions here. */
  isSupportExtension?: boolean | undefined;
  /** Taken and not used: nothing is moderated here. */
  customModerationConfigurationID?: string | undefined;
}

/** `getMessageReactions` */
export interface Messages {
  messageList: Message[];
  /** Taken and not used: nobody reacts here. */
  maxUserCountPerReaction?: number | undefined;
}

/** `sendMessage` */
export interface SendMessage {
  onlineUserOnly?: boolean | undefined;
  offlinePushInfo?: OfflinePushInfo | object | undefined;
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
  /** Taken and not used: give a `sequence`. */
  time?: number | undefined;
  /** 0 older (the default), 1 newer. */
  direction?: number | undefined;
  /** At most 100. Default: 15. */
  count?: number | undefined;
}

/** `getConversationList` */
export interface ConversationFilter {
  /** `TYPES.CONV_C2C` or `TYPES.CONV_GROUP`. */
  type?: Value | undefined;
  /** Refused (7014): conversations have no groups here. */
  groupName?: string | undefined;
  /** Refused (7014): conversations have no marks here. */
  markType?: number | undefined;
  /** Only those with unread messages. */
  hasUnreadCount?: boolean | undefined;
  /** Only those where one is mentioned, which here is none. */
  hasGroupAtInfo?: boolean | undefined;
}

/** `pinConversation` */
export interface PinConversation {
  conversationID: string;
  /** False takes the pin away. */
  isPinned: boolean;
}

/** `deleteConversation` */
export interface DeleteConversations {
  conversationIDList: string[];
  /** Must not be false (7014). */
  clearHistoryMessage?: boolean;
}

/** `setAllMessageRead` */
export interface ReadAll {
  /** `TYPES.READ_ALL_MSG` (the default), `READ_ALL_C2C_MSG` or `READ_ALL_GROUP_MSG`. */
  scope?: Value | undefined;
}

/** `joinGroup`, `getGroupProfile` */
export interface Group {
  groupID: string;
  /** Taken and not used: all fields come. */
  groupCustomFieldFilter?: string[] | undefined;
  /** Taken and not used. */
  type?: Value | undefined;
  /** Taken and not used: nobody is asked. */
  applyMessage?: string | undefined;
}

interface GroupDescription {
  avatar?: string | undefined;
  introduction?: string | undefined;
  notification?: string | undefined;
  /** Where permission would be asked for, only members add others. */
  joinOption?: Value | undefined;
  groupCustomField?: { key: string; value: string }[] | undefined;
}

/** `createGroup` */
export interface CreateGroup extends GroupDescription {
  name: string;
  /** Default: `TYPES.GRP_WORK`. All types work alike here; only that nobody joins a work group by himself. */
  type?: Value | undefined;
  groupID?: string | undefined;
  /** Taken and not used: there are no topics. */
  isSupportTopic?: boolean | undefined;
  /** Taken and not used: the server's configuration says how many. */
  maxMemberNum?: number | undefined;
  memberList?: { userID: string }[] | undefined;
}

/** `updateGroupProfile` */
export interface UpdateGroup extends GroupDescription {
  groupID: string;
  /** Refused (7014) when true: nobody is muted here. */
  muteAllMembers?: boolean | undefined;
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
  role: Value;
}

/** `initGroupAttributes`, `setGroupAttributes` */
export interface GroupAttributes {
  groupID: string;
  /** At most 16 in a group; a key has at most 32 bytes, a value 4 KiB, and all together 16 KiB. */
  groupAttributes: Record<string, string>;
}

/** `setGroupCounters` */
export interface GroupCounters {
  groupID: string;
  /** Integers; at most 20 in a group, and a key has at most 128 bytes. */
  counters: Record<string, number>;
}

/** `increaseGroupCounter`, `decreaseGroupCounter` */
export interface GroupCounterChange {
  groupID: string;
  key: string;
  /** By how much. */
  value: number;
}

/** `deleteGroupAttributes`, `getGroupAttributes`, `getGroupCounters` */
export interface GroupAttributeKeys {
  groupID: string;
  /** None: all of them. */
  keyList?: string[] | undefined;
}

/** `getGroupMemberList` */
export interface MemberPage {
  groupID: string;
  /** Default: 15. */
  count?: number | undefined;
  /** Default: 0. */
  offset?: number | string | undefined;
  /** Taken and not used, like `role`: all members come. */
  filter?: number | undefined;
  role?: string | undefined;
}

/** `getGroupMemberProfile`, `addGroupMember`, `deleteGroupMember` */
export interface GroupUsers {
  groupID: string;
  userIDList: string[];
  /** Taken and not used. */
  reason?: string | undefined;
  /** Taken and not used: nobody is banned here. */
  duration?: number | undefined;
  /** Taken and not used: all fields come. */
  memberCustomFieldFilter?: string[] | undefined;
}

/** `getUserProfile`, `addToBlacklist`, `removeFromBlacklist` */
export interface Users {
  userIDList: string[];
}

/** `setSelfStatus` */
export interface OwnStatus {
  /** At most 100 bytes; "" takes back what was said before. */
  customStatus: string;
}

/** `unsubscribeUserStatus` */
export interface SomeUsers {
  userIDList?: string[] | undefined;
}

/** `updateMyProfile` */
export interface UpdateProfile {
  nick?: string | undefined;
  avatar?: string | undefined;
  gender?: Value | undefined;
  selfSignature?: string | undefined;
  allowType?: Value | undefined;
  birthday?: number | undefined;
  location?: string | undefined;
  language?: number | undefined;
  messageSettings?: number | undefined;
  adminForbidType?: Value | undefined;
  level?: number | undefined;
  role?: number | undefined;
  profileCustomField?: { key: string; value: string }[] | undefined;
}
