/**
 * The V2TIM surface: the calls, callbacks and results of `react-native-tim-js`, on the Wigwag server.
 *
 * @packageDocumentation
 */
export type { WebSocketConstructor, WebSocketLike } from "../transport/socket.js";
export type { CursorStore } from "../transport/tab.js";
export {
  GroupAddOptEnum,
  GroupInfoChangeTypeEnum,
  GroupMemberFilterTypeEnum,
  GroupMemberRoleTypeEnum,
  LoginStatusEnum,
  LogLevelEnum,
  MessageElemType,
  MessagePriorityEnum,
  MessageStatusEnum,
} from "./enums.js";
export type { V2TimGroupChangeInfo, V2TimGroupListener, V2TimGroupMemberInfo } from "./groupNews.js";
export type { V2TimGroupInfo, V2TimGroupMemberFullInfo } from "./groupShape.js";
export {
  type V2TimGroupCreation,
  type V2TimGroupInfoChange,
  type V2TimGroupInfoResult,
  V2TimGroupManager,
  type V2TimGroupMember,
  type V2TimGroupMemberInfoResult,
  type V2TimGroupMemberOperationResult,
} from "./groups.js";
export type {
  V2TimAdvancedMsgListener,
  V2TimMessageReceipt,
  V2TimSimpleMsgListener,
  V2TimUserInfo,
} from "./inbox.js";
export type { V2TimSignalingListener } from "./invitations.js";
export { TencentImSDKPlugin, V2TIMManager, type V2TimSDKListener } from "./manager.js";
export type {
  V2TimCustomElem,
  V2TimMessage,
  V2TimOfflinePushInfo,
  V2TimSignalingInfo,
  V2TimTextElem,
} from "./message.js";
export {
  V2TIMMessageManager,
  type V2TimCustomMessage,
  type V2TimMsgCreateInfoResult,
  type V2TimSending,
} from "./messages.js";
export type { V2TimCallback, V2TimValueCallback } from "./results.js";
export type { V2TimSendOptions } from "./sending.js";
export type { V2TimServer, V2TimStorage } from "./session.js";
export {
  V2TIMSignalingManager,
  type V2TimInviteResult,
  type V2TimInviting,
} from "./signaling.js";
export type { V2TimUserStatus } from "./statuses.js";
export { V2TIMConversationManager, V2TIMFriendshipManager, V2TIMOfflinePushManager } from "./unsupported.js";
export {
  FriendApplicationTypeEnum,
  FriendRelationType,
  FriendResponseTypeEnum,
  FriendType,
  GetGroupMessageReadMemberListFilter,
  GroupApplicationTypeEnum,
  HistoryMsgGetTypeEnum,
  ReceiveMsgOptEnum,
} from "./unsupportedEnums.js";
