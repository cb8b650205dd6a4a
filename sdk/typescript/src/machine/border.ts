import type { WigwagError } from "../errors.js";
import type { AnyEvent, Resync, State } from "../events.js";
import type { InviteId, Platform, UserId, UserStatus } from "../wire/index.js";
import type { Outcome } from "./heard.js";

/** How far a user's stream has been read. */
export interface StreamPlace {
  /** Whose stream. */
  readonly userID: UserId;
  /** The last cursor taken over. */
  readonly cursor: number;
}

/** What a machine is told once. */
export interface Settings {
  /** Sent with the sign-in, to be told early when the token is another user's. */
  readonly userID?: UserId | undefined;
  /** This device. */
  readonly deviceID: string;
  /** What kind of device it is. */
  readonly platform: Platform;
  /** The stored place. */
  readonly place?: StreamPlace | undefined;
  /** Whether asking for a token again can give another one than this, which has expired. */
  readonly renewsToken: (expired: string | undefined) => boolean;
  /** Whether somebody asks for own acts just now. */
  readonly ownActs: () => boolean;
  /** How long a command waits for its reply, ms, reconnects included. */
  readonly requestTimeoutMs: number;
  /** First and widest window of the reconnect delays, ms. */
  readonly reconnectMs: readonly [first: number, widest: number];
  /** Chance for the reconnect delays: 0 ≤ random() < 1. */
  readonly random: () => number;
}

/** What happened outside. */
export type Input =
  /** Begin. */
  | { readonly kind: "start" }
  /** The token asked for. */
  | { readonly kind: "token"; readonly token: string }
  /** There is no token now. */
  | { readonly kind: "noToken"; readonly why: string }
  /** The connection asked for is there. */
  | { readonly kind: "connected" }
  /** A text frame came. */
  | { readonly kind: "frame"; readonly text: string }
  /** The connection, or the attempt to make one, ended; with the close code if the other side sent one. */
  | { readonly kind: "disconnected"; readonly code?: number | undefined; readonly why: string }
  /** The network may have changed, or a person is looking: do not wait, and make sure that the connection lives. */
  | { readonly kind: "nudge" }
  /** The app holds as many events as it may: they are skipped until `room`. */
  | { readonly kind: "full" }
  /** The app holds fewer events again. */
  | { readonly kind: "room" }
  /** The time of `nextWake` may have come. */
  | { readonly kind: "timePassed" }
  /** End for good. */
  | { readonly kind: "stop"; readonly why: WigwagError };

/** How an own act became known. */
export type Own =
  /** By its reply, or by the event that stands for a lost one: only those who ask for own acts are told. */
  | "replied"
  /** By the stream, after its command was given up: the others are told as of any event. */
  | "resumed";

/** What is to be done outside. */
export type Output =
  /** Get a token. */
  | { readonly kind: "fetchToken" }
  /** Make a connection. */
  | { readonly kind: "connect" }
  /** Drop the connection, or the attempt to make one. Nothing more is expected from it. */
  | { readonly kind: "disconnect" }
  /** Send a text frame; `secret` is a part of it that nobody may be shown. */
  | { readonly kind: "send"; readonly text: string; readonly secret?: string }
  /** Tell the app that the connection changed. */
  | { readonly kind: "state"; readonly state: State }
  /** Tell the app an event; each is told once, in order. `own`: this device did it, and somebody asked for own acts. */
  | { readonly kind: "event"; readonly event: AnyEvent; readonly own?: Own | undefined }
  /** Tell the app that the stream starts anew. */
  | { readonly kind: "resync"; readonly resync: Resync }
  /** Tell the app that the time of an invitation was over while it was offline. */
  | { readonly kind: "ringOver"; readonly inviteID: InviteId }
  /** Tell the app how a user is whom it watches. */
  | { readonly kind: "status"; readonly status: UserStatus }
  /** Complete a command. */
  | { readonly kind: "settle"; readonly request: number; readonly outcome: Outcome };
