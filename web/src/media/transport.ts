/** What carries the media of a call between this page and the others in it. */

import type { MediaAccess } from "@wigwag/sdk";
import type { DevicesOn, Signal } from "../session/payload.js";
import type { Store } from "../session/store.js";
import type { Other } from "./people.js";

/** How media come from one other person in a call. */
export interface LinkView {
  /** `away`: they have left their page, perhaps to load it again. */
  readonly state: "connecting" | "connected" | "interrupted" | "away";
  /** What they send. */
  readonly remote?: MediaStream;
  /** Their devices; undefined until they have told. */
  readonly theirs?: DevicesOn;
}

export interface TransportView {
  /** Whether this page reaches what stands between it and the others. Where nothing does, it is always `open`, and each link tells of itself. */
  readonly reach: "connecting" | "open" | "unreachable";
  /** By userID. */
  readonly links: ReadonlyMap<string, LinkView>;
}

/** What is sent and received: one track of each, at most. */
export type TrackKind = "audio" | "video";

/** What a transport needs of the page. */
export interface TransportParts {
  readonly kinds: readonly TrackKind[];
  /** The camera and the microphone, as soon as they are open. */
  readonly local: () => Promise<MediaStream>;
  /** What is sent in the place of the camera's picture. */
  readonly screen: () => MediaStreamTrack | undefined;
  readonly devices: () => DevicesOn;
  /** Sends signals to somebody in the call. */
  readonly send: (to: string, signals: Signal[]) => Promise<unknown>;
  /** Asks the server once more how to reach the media: what it said before may have ended. Rejects when it does not say. */
  readonly access: () => Promise<MediaAccess | undefined>;
  /** Called when nobody's media came for too long; `left`, because all have left their pages. */
  readonly lost: (left: boolean) => void;
}

/**
 * The media of one call. Tell it first whom this page meets, and again whenever that changes; close it at the end. All else may come in any
 * order.
 */
export interface Transport {
  readonly view: Store<TransportView>;
  /** Connects to all of these, and leaves those who are not among them. */
  meets(others: readonly Other[]): void;
  /** Applies signals of somebody whom this page meets. */
  take(userID: string, signals: readonly Signal[]): void;
  /** Sends this track in the place of the one of its kind; null for nothing. */
  replace(kind: TrackKind, track: MediaStreamTrack | null): Promise<void>;
  /** Tells the others which devices are on. */
  tellDevices(): void;
  /** Whose sound or pictures the page plays; by default everybody's. The others' need not be sent here. */
  plays(kind: TrackKind, userIDs: readonly string[]): void;
  /** How loud somebody is now, 0 to 1. */
  level(userID: string): number;
  /** Tries again at once; for use when the network is back, or the user does not want to wait. */
  repair(): void;
  /** The page is left, perhaps to be loaded again. */
  leaves(): void;
  /** This page takes the place of another one of this user's, to which these were connected. */
  returns(userIDs: readonly string[]): Promise<void>;
  close(): void;
}

/** How long a call goes on without media, ms: as long as people wait before they say "hello?" for the third time. */
export const LOST_AFTER_MS = 20_000;

/** How long a page waits for another one that was left, ms: loading it again takes some seconds, on a slow phone ten. */
export const AWAY_MS = 15_000;
