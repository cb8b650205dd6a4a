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
import type { CreateOptions } from "./account.js";
import { ChatSDK } from "./client.js";
import { EVENT, TSignaling, TYPES } from "./constants.js";

export type { CreateOptions, LoggedIn } from "./account.js";
export { ChatSDK } from "./client.js";
export { ChatError, type ChatErrorDetails, type Success } from "./codes.js";
export { EVENT, TSignaling, TYPES } from "./constants.js";
export type { Conversation } from "./conversationShape.js";
export type { Done } from "./conversations.js";
export type { Group, GroupMember } from "./groupShape.js";
export type { MessageList } from "./history.js";
export type { Invited, OnFailure, OnSuccess, Signaling } from "./invitations.js";
export type { ChatEvent, Handler } from "./listeners.js";
export type { AddedMembers } from "./members.js";
export type { NotSent, Sent } from "./messages.js";
export type * as Options from "./options.js";
export type { Message, Profile } from "./shapes.js";

/** The version of Tencent's package that this surface follows. */
export const VERSION = "3.6.6";

/** Makes a chat. Each call makes another one, so that several users can be signed in on one page. */
export function create(options: CreateOptions): ChatSDK {
  return new ChatSDK(options);
}

/** The name that Tencent's package exports. */
const TencentCloudChat = {
  /** Makes a chat; see `create`. */
  create,
  EVENT,
  TYPES,
  TSignaling,
  VERSION,
};

/** Tencent's package declares enumerations; apps use their names as types too. */
declare namespace TencentCloudChat {
  /** The name of an event. */
  type EVENT = typeof import("./constants.js").EVENT[keyof typeof import("./constants.js").EVENT];
  /** A value of a field or parameter. */
  type TYPES = typeof import("./constants.js").TYPES[keyof typeof import("./constants.js").TYPES];
  /** The name of a signaling event, or the number of an action. */
  type TSignaling = typeof import("./constants.js").TSignaling[keyof typeof import("./constants.js").TSignaling];
}

export default TencentCloudChat;
