/**
 * The native client of the Wigwag signaling server.
 *
 * @packageDocumentation
 */
export type { Peer, WithPeer } from "./api/caller.js";
export type { AnyCall, Calls as CallsApi, WhichCall } from "./api/calls.js";
export type { Conversations as ConversationsApi } from "./api/conversations.js";
export type { Groups as GroupsApi } from "./api/groups.js";
export type { Invitations as InvitationsApi } from "./api/invitations.js";
export type { CustomMessage, MessageExtras, Messages as MessagesApi, TextMessage } from "./api/messages.js";
export type { Inviting, Signaling as SignalingApi } from "./api/signaling.js";
export type { Users as UsersApi } from "./api/users.js";
export { type Connected, Wigwag } from "./client.js";
export { type ErrorDetails, LOCAL_REASONS, type LocalReason, WigwagError } from "./errors.js";
export type {
  AnyEvent,
  ClientEventName,
  ClientEvents,
  EventOf,
  FrameSeen,
  KnownEvent,
  ListenOptions,
  OwnMark,
  Resync,
  State,
} from "./events.js";
export { signalingOf } from "./history.js";
export { uuidv7 } from "./ids.js";
export type { StreamPlace } from "./machine/border.js";
export type { WigwagOptions } from "./options.js";
export { ACTION_OF, eventOfAction, type SpokenEvent, type SpokenEventType } from "./signalingText.js";
export type { WebSocketConstructor, WebSocketLike } from "./transport/socket.js";
export type { CursorStore } from "./transport/tab.js";
export * from "./wire/index.js";
