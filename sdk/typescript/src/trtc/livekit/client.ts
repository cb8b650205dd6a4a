import { pageRooms } from "../../pageRooms.js";

/**
 * What is used of `livekit-client` 2. The app hands the library in, so that the package neither has it among its dependencies nor needs its
 * types.
 */
export interface LiveKitClient {
  readonly Room: new (options?: object) => LiveKitRoom;
}

/** Gives LiveKit's client, as `() => import("livekit-client")` does. */
export type LiveKitLoader = () => Promise<LiveKitClient>;

/**
 * Names LiveKit's client, for the calls of servers with `calls.provider = "livekit"`. It counts for all of the page, from the next call on.
 * The first call over LiveKit loads it, and pages of other servers never do.
 *
 * ```ts
 * setLiveKit(() => import("livekit-client"));
 * ```
 */
export function setLiveKit(load: LiveKitLoader): void {
  pageRooms.liveKit = load;
}

/** LiveKit's client; undefined where the app has named none. Rejects when it cannot be loaded. */
export async function liveKitClient(): Promise<LiveKitClient | undefined> {
  return (await pageRooms.liveKit?.()) as LiveKitClient | undefined;
}

/** A place in a room of a LiveKit server. */
export interface LiveKitRoom {
  readonly localParticipant: LiveKitLocal;
  /** By identity, which is the userID. */
  readonly remoteParticipants: ReadonlyMap<string, LiveKitRemote>;
  connect(url: string, token: string, options?: object): Promise<void>;
  disconnect(stopTracks?: boolean): Promise<void>;
  on(event: string, listener: (...told: never[]) => void): unknown;
  once(event: string, listener: (...told: never[]) => void): unknown;
}

/** The user there. */
export interface LiveKitLocal {
  readonly trackPublications: ReadonlyMap<string, LiveKitPublication>;
  getTrackPublication(source: string): LiveKitSent | undefined;
  publishTrack(track: MediaStreamTrack, options?: object): Promise<LiveKitSent>;
}

/** Somebody else there. */
export interface LiveKitRemote {
  readonly trackPublications: ReadonlyMap<string, LiveKitReceived>;
}

/** A track that somebody publishes. */
export interface LiveKitPublication {
  readonly kind: string;
  /** `microphone`, `camera`, `screen_share` or another. */
  readonly source: string;
  readonly isMuted: boolean;
  readonly track?: LiveKitTrack | undefined;
}

/** One of the user's own. */
export interface LiveKitSent extends LiveKitPublication {
  readonly track?: LiveKitSentTrack | undefined;
  mute(): Promise<unknown>;
  unmute(): Promise<unknown>;
}

/** One of somebody else's. */
export interface LiveKitReceived extends LiveKitPublication {
  /** Whether LiveKit sends it here. */
  setEnabled(enabled: boolean): void;
  /** 0 (low) to 2 (high). */
  setVideoQuality(quality: number): void;
}

/** What is published. */
export interface LiveKitTrack {
  readonly mediaStreamTrack: MediaStreamTrack;
  getRTCStatsReport?(): Promise<RTCStatsReport | undefined>;
}

/** What the user publishes. */
export interface LiveKitSentTrack extends LiveKitTrack {
  replaceTrack(track: MediaStreamTrack, userProvided?: boolean): Promise<unknown>;
}
