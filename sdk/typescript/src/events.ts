import type { WigwagError } from "./errors.js";
import type { EventHead, Events, EventType, InvitationView, JsonObject, UserId } from "./wire/index.js";

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
  /** Signed in. */
  | { readonly status: "open"; readonly userID: UserId }
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

/** What can be listened to, by name: every event of the protocol, and what the client tells about itself. */
export type ClientEvents = { [T in EventType]: EventOf<T> } & {
  /** Every event of the stream, also of types that this version does not know. */
  event: AnyEvent;
  /** The connection changed. */
  state: State;
  /** The stream starts anew. */
  resync: Resync;
  /** A frame was sent or received; for showing what happens, not for building on it. */
  frame: FrameSeen;
  /** Something failed that no promise tells of, such as storing the cursor. */
  warning: WigwagError;
};

/** The name of something that can be listened to. */
export type ClientEventName = keyof ClientEvents;
