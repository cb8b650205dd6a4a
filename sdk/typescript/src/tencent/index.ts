/**
 * Tencent's web package, on one's own server: change the import and the address.
 *
 * ```ts
 * import TencentCloudChat from "@wigwag/sdk/tencent";
 * const chat = TencentCloudChat.create({ SDKAppID: 1400000001, url: "wss://chat.example.org" });
 * ```
 *
 * @packageDocumentation
 */
import { create, setServer } from "./chats.js";
import { EVENT, TSignaling, TYPES } from "./constants.js";

export type { CreateOptions, LoggedIn } from "./account.js";
export { create, type ServerOptions, setServer } from "./chats.js";
export { ChatSDK } from "./client.js";
export { ChatError, type ChatErrorDetails, type Success } from "./codes.js";
export { type ConversationType, EVENT, TSignaling, TYPES, type TypesNamed } from "./constants.js";
export type { Conversation } from "./conversationShape.js";
export type { DeletedConversations, Done } from "./conversations.js";
export type { Group, GroupMember } from "./groupShape.js";
export type { MessageList } from "./history.js";
export type { Invited, OnFailure, OnSuccess, Signaling } from "./invitations.js";
export type { AnyHandler, ChatEvent, Handler } from "./listeners.js";
export type { AddedMembers } from "./members.js";
export type { NotSent, Sent } from "./messages.js";
export type * as Options from "./options.js";
export type { NoFriend, Unwatched, UserStatus } from "./profiles.js";
export type { Message, Profile } from "./shapes.js";
export type { GroupSignaling } from "./signalingEvents.js";
export type { UnsupportedCall, UnsupportedCalls } from "./unsupported.js";
export type { Friend, FriendApplication, FriendGroup, SimplifiedMessage, Topic, UserInfo } from "./unsupportedShapes.js";

/** The version of Tencent's package that this surface follows. */
export const VERSION = "3.6.6";

/** The name that Tencent's package exports. */
const TencentCloudChat = {
  /** Makes a chat, or gives the one of the SDKAppID; see `create`. */
  create,
  /** Sets the address for chats that are made without one; see `setServer`. Not in Tencent's package. */
  setServer,
  EVENT,
  TYPES,
  TSignaling,
  VERSION,
};

/** Tencent's package declares enumerations; apps use their names as types too. */
declare namespace TencentCloudChat {
  /** The name of an event. */
  type EVENT = import("./constants.js").EVENT;
  /** A value of a field or parameter. */
  type TYPES = import("./constants.js").TYPES;
  /** The name of a signaling event, or the number of an action. */
  type TSignaling = import("./constants.js").TSignaling;
}

export default TencentCloudChat;
