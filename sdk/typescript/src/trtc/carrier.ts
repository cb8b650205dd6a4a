import type { MediaAccess, UserId } from "../wire/index.js";
import type { Snapshot } from "./figures.js";
import type { Other } from "./people.js";
import type { DevicesOn, Signal } from "./signals.js";

/** What is sent to everybody in the room. */
export interface Outgoing {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  /** Whether the picture is a shared screen. */
  readonly isScreen?: boolean;
}

/**
 * Why media do not flow: the page has no client for LiveKit (`noLiveKit`), LiveKit does not take the token (`refused`) or cannot be reached
 * (`unreachable`).
 */
export type Trouble = "noLiveKit" | "refused" | "unreachable" | "other";

/** What carries media tells of them. */
export interface MediaPort {
  /** Somebody's track; it is there whether or not something is sent on it. */
  received(userID: UserId, track: MediaStreamTrack): void;
  switched(userID: UserId, on: DevicesOn): void;
  /** How the connection to somebody stands; "" is whoever stands between everybody. */
  linked(userID: UserId, state: RTCPeerConnectionState): void;
  /** The user went on with the call on another device. */
  moved(): void;
  failed(message: string, thrown?: unknown, trouble?: Trouble): void;
}

/** What carries media needs of the room. */
export interface CarrierPort extends MediaPort {
  /** Sends signals to somebody in the call. */
  signal(to: UserId, signals: readonly Signal[]): Promise<unknown>;
  /** Asks the server once more how the media are reached. Rejects when it does not say. */
  access(): Promise<MediaAccess>;
}

/** What carries the media of a call. Tell it whom the user meets, and again whenever that changes, and close it at the end. */
export interface Carrier {
  /** Connects to all of these, and leaves those who are not among them. */
  meets(others: readonly Other[]): void;
  /** Sends these tracks to everybody, and says which devices are on. */
  send(outgoing: Outgoing): void;
  /** Applies signals of somebody whom the user meets; `deviceID` is "" where it is not known. */
  take(sender: UserId, deviceID: string, signals: readonly Signal[]): void;
  /** The server can be reached again: what was lost on the way is made up for. */
  repair(): void;
  /** What the browser counts, by userID. */
  reports(): Promise<Snapshot["reports"]>;
  close(): void;
}
