/**
 * OpenIM's package, on one's own server: change the import and the address.
 *
 * ```ts
 * import { getSDK } from "@wigwag/sdk/openim";
 * const openIM = getSDK();
 * await openIM.login({ userID: "alice", token: "…", platformID: 5, wsAddr: "wss://chat.example.org" });
 * ```
 *
 * @packageDocumentation
 */

import type { OpenIMOptions } from "./login.js";
import { OpenIMSDK } from "./sdk.js";

export type {
  CallEventMap,
  CallEventName,
  InvitationAnswered,
  InvitationTold,
  InvitationToldBy,
  RoomTold,
} from "./callEvents.js";
export type { ChatEventMap, ReceiptInfo, RevokedInfo } from "./chatEvents.js";
export type { ConversationItem, CustomElem, MessageItem } from "./chatShapes.js";
export { OpenIMError } from "./codes.js";
export {
  CbEvents,
  GroupMemberFilter,
  GroupMemberRole,
  LoginStatus,
  MessageStatus,
  MessageType,
  Platform,
  SessionType,
} from "./constants.js";
export type { ConversationNews } from "./conversations.js";
export type { Listener, OpenIMEventMap, OpenIMEventName, WsResponse } from "./listeners.js";
export type { LoginParams, OpenIMOptions } from "./login.js";
export type { AdvancedGetMessageResult } from "./messages.js";
export type * as Params from "./params.js";
export { type Answer, OpenIMSDK } from "./sdk.js";
export type {
  BlackUserItem,
  CallingRoomData,
  CallingUser,
  GroupItem,
  GroupMemberItem,
  ParticipantInfo,
  RtcInvite,
  RtcInviteResults,
  SelfUserInfo,
  StartAppInvitation,
} from "./shapes.js";
export { EMPTY_LISTS, type EmptyList, NOT_SUPPORTED, type UnsupportedMethod } from "./unsupported.js";

let shared: OpenIMSDK | undefined;

/** The one object of the app, as OpenIM's packages have it; the options of the first call count. Use `new OpenIMSDK()` for several users on one page. */
export function getSDK(options?: OpenIMOptions): OpenIMSDK {
  shared ??= new OpenIMSDK(options);
  return shared;
}
