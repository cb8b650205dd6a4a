import type { WigwagError } from "./errors.js";
import type { EventHead, Events, EventType, InvitationView, InviteId, JsonObject, UserId, UserStatus } from "./wire/index.js";

/** What only a listener with `ownActs` gets. */
export interface OwnMark {
  /** This device did it. Absent on all other events, also on what another device of the user did (`self`). */
  readonly own?: true;
}

/** An event of one type: the viewer's own part, then what everybody who is told gets alike. */
export type EventOf<T extends EventType> = EventHead & { type: T } & Events[T] & OwnMark;

/** An event of a type this version knows; narrow it by `type`. */
export type KnownEvent = { [T in EventType]: EventOf<T> }[EventType];

/** An event of any type, also of one that is newer than this version. */
export type AnyEvent = EventHead & { type: string } & JsonObject & OwnMark;

/** Where the connection stands. */
export type State =
  /** `connect` was not called yet. */
  | { readonly status: "idle" }
  /** The first connection is being made. */
  | { readonly status: "connecting" }
  /** Signed in. `serverTime`: the server's clock at that moment, ms; with `Date.now()` it says how far the device's clock is off. */
  | { readonly status: "open"; readonly userID: UserId; readonly serverTime: number }
  /** The connection was lost; the next attempt comes in `retryInMs`, or at once when the network comes back. */
  | { readonly status: "reconnecting"; readonly retryInMs: number; readonly why: string }
  /** It will not connect again by itself; `why` is the reason. */
  | { readonly status: "closed"; readonly why: WigwagError };

/** The stream starts anew: what the app keeps about open invitations is replaced by this list. */
export interface Resync {
  /** What is open now: as inviter, as invitee, and in groups; oldest first. */
  readonly openInvitations: InvitationView[];
  /** `noCursor`: the first session of this device. `cursorTooOld`: events may be missing in between. */
  readonly why: "noCursor" | "cursorTooOld";
}

/** A frame as it went over the wire; tokens are left out. */
export interface FrameSeen {
  readonly direction: "sent" | "received";
  /** JSON. */
  readonly text: string;
}

/** Also those that have no words below. */
type ProtocolEvents = { [T in EventType]: EventOf<T> };

/** How a listener wants to be told. */
export interface ListenOptions {
  /**
   * Also told what this device does to invitations itself (invite, accept, reject, cancel, modify), marked `own`: at the place of the
   * reply in the stream and before the promise of the command resolves, once. When the reply was lost, the event comes after the
   * reconnect, marked `own` too; only a modification is then not marked, because its event does not say which device made it.
   * Default: false, and nothing is told of an act whose reply came.
   */
  readonly ownActs?: boolean;
}

/**
 * What can be listened to, by name: every event of the protocol, and what the client tells about itself.
 *
 * Events of the protocol come in the order of the stream, each once. The device that acts hears none of what it did; the user's other
 * devices do, marked `self`. A listener with `ownActs` hears its own acts on invitations, too.
 */
export interface ClientEvents extends ProtocolEvents {
  /**
   * Somebody is invited. Comes to the invitee and to the inviter's other devices; in a group to every member, so look whether you are
   * in `inviteeList`. Does not come when the invitation ended while this device was away: then only its end does. Does not come for
   * what was open at the sign-in: `invitations.open()` has it. With `quiet` it is to make no sound.
   */
  "invitation.received": EventOf<"invitation.received">;
  /**
   * An invitee accepted. Comes to the inviter and to the invitee's other devices, which stop ringing; in a group to every member. Does
   * not come to an invitee's device that accepted too late: its command was refused.
   */
  "invitation.accepted": EventOf<"invitation.accepted">;
  /**
   * An invitee rejected, or left the group (`reason`). Comes to whom `invitation.accepted` comes. Does not come when the deadline
   * passed: that is `invitation.timedOut`.
   */
  "invitation.rejected": EventOf<"invitation.rejected">;
  /**
   * The inviter took it back, left the group or dismissed it (`reason`). Comes to those who were pending and to the inviter's other
   * devices; in a group to every member, or with `notify: "parties"` to those who were pending only. Does not come when everybody had
   * answered.
   */
  "invitation.cancelled": EventOf<"invitation.cancelled">;
  /**
   * The deadline passed: once, with everybody who had not answered. Comes to the inviter and to them; in a group to every member. Does not
   * come without a deadline: after 24 hours such an invitation ends quietly.
   */
  "invitation.timedOut": EventOf<"invitation.timedOut">;
  /** Its data was replaced. Comes to the parties. Does not come when the data is what it was. */
  "invitation.modified": EventOf<"invitation.modified">;
  /**
   * How far an invitation is with a device of an invitee, when its inviter asked for `progress`: `unreachable` at once, or `sent`,
   * `acknowledged`, `ringing`, `pushed`, `pushRefused`. Comes to the inviter alone, while the invitee is pending. Does not come later to
   * whom was away for a minute: `signaling.get` has it.
   */
  "invitation.progress": EventOf<"invitation.progress">;
  /**
   * One silenced an invitation on another device: stop ringing, and go on showing it. Comes to the invitee's own devices alone; the invitation
   * goes on, and stays as it is in `invitations`.
   */
  "invitation.silenced": EventOf<"invitation.silenced">;
  /**
   * A message came, or another device of the user sent one. Does not come for the message that an act on an invitation leaves: the event
   * of the act carries it. `onlineUserOnly` messages do not come later to whom was away.
   */
  "message.received": EventOf<"message.received">;
  /** A message was taken back by its sender. Does not come to the device that did it. */
  "message.revoked": EventOf<"message.revoked">;
  /**
   * The other user of a one-to-one conversation has read up to a message, or oneself has on another device. Does not come for others in
   * a group: `messages.receipts` asks.
   */
  "message.read": EventOf<"message.read">;
  /** Members came to a group of one's, perhaps oneself. Does not come to the device that added them, joined or created the group. */
  "group.membersAdded": EventOf<"group.membersAdded">;
  /** Members left or were removed; those who were removed hear it, too. Does not come when the group was dismissed. */
  "group.membersRemoved": EventOf<"group.membersRemoved">;
  /** The group is no more. Each open invitation in it ends with an event of its own. Does not come to the device that did it. */
  "group.dismissed": EventOf<"group.dismissed">;
  /** A group's description changed. Does not come for its roles. */
  "group.infoChanged": EventOf<"group.infoChanged">;
  /** A member's role changed, or the group was handed over (`role` is then `owner`). */
  "group.roleChanged": EventOf<"group.roleChanged">;
  /**
   * A group's attributes changed: what is new and what is gone. Does not come later to whom was away for more than a minute, nor to the
   * device that wrote.
   */
  "group.attributesChanged": EventOf<"group.attributesChanged">;
  /** A back end tells members of a group something; nobody of them has said it, and it is in no history. Comes later to whom was away. */
  "group.notice": EventOf<"group.notice">;
  /**
   * More people ring in a call. Comes to those who are in it, and in a group to every member. Does not come for the invitation that opens
   * the call: that is `invitation.received`.
   */
  "call.invited": EventOf<"call.invited">;
  /**
   * Somebody came into a call, or goes on with another device; `self` with this device as `device` after an own accept in a group. Does
   * not come for the answer in a call between two: that is `invitation.accepted`.
   */
  "call.joined": EventOf<"call.joined">;
  /** People who rang will not come (`state`). Does not come in a call between two: the event of the invitation says it. */
  "call.declined": EventOf<"call.declined">;
  /** Somebody who was in a call is not any more; `endReason` says that the call is over. Does not come to the device that hung up. */
  "call.hungUp": EventOf<"call.hungUp">;
  /** A call ended without anybody's doing in it: its group was dismissed. */
  "call.ended": EventOf<"call.ended">;
  /** Somebody in a call sent a signal. Does not come to whom was away. */
  "call.signal": EventOf<"call.signal">;
  /** Missed calls were looked at on another device. */
  "call.seen": EventOf<"call.seen">;
  /** One's own profile was changed on another device. Does not come for the profiles of others. */
  "user.profileChanged": EventOf<"user.profileChanged">;
  /** One blocked somebody on another device. Does not come to the user who was blocked. */
  "user.blocked": EventOf<"user.blocked">;
  /** One unblocked somebody on another device. Does not come to the user who was blocked. */
  "user.unblocked": EventOf<"user.unblocked">;
  /** One changed on another device who may ring one, or add one to groups. Does not come to anybody else. */
  "user.reachChanged": EventOf<"user.reachChanged">;
  /** One changed on another device when one's devices ring without a sound. Does not come to anybody else. */
  "user.quietChanged": EventOf<"user.quietChanged">;
  /**
   * A user of those given to `users.watch` is like this from now on. It has no place in the stream: `event` does not tell it. Comes for all of
   * them when they are watched again after the connection was lost. Does not come more often than once in 5 s for a user.
   */
  "user.status": UserStatus;
  /** Each of the events above, before the listeners of its own name are told; also events of types that this version does not know. */
  event: AnyEvent;
  /**
   * The connection changed: `connecting` once after `connect`, `open` after each sign-in, `reconnecting` before each further attempt,
   * `closed` at the end. Does not come while a connection is tried.
   */
  state: State;
  /**
   * The stream starts anew: at the first sign-in of a device, and when events may be missing because its cursor was too old. Comes after
   * `state` is `open` and before any event. Does not come when the session resumes where it was.
   */
  resync: Resync;
  /**
   * The time of an open invitation was over while this client was offline: stop ringing. It has ended in `invitations`. What became of it
   * comes as an event when the session resumes, which is news only if somebody was faster. Does not come while the client is connected:
   * then `invitation.timedOut` does.
   */
  ringOver: { readonly inviteID: InviteId };
  /** A frame was sent or received; for showing what happens, not for building on it. Pings do not come. */
  frame: FrameSeen;
  /** Something failed that no promise tells of, such as storing the cursor. Lost connections do not come here: they are a `state`. */
  warning: WigwagError;
}

/** The name of something that can be listened to. */
export type ClientEventName = keyof ClientEvents;
