import type { MediaAccess, MediaProvider } from "@wigwag/sdk";
import type { Signal } from "../session/payload.js";
import type { ServerFacts } from "../session/server.js";
import { Store } from "../session/store.js";
import { LiveKit } from "./livekit/livekit.js";
import { Mesh } from "./mesh.js";
import { MOST_HEARD, MOST_PEOPLE, type Other } from "./people.js";
import type { TrackKind, Transport, TransportParts, TransportView } from "./transport.js";

/** What the server says of media before the first call. */
export type ServerMedia = Pick<ServerFacts, "stun" | "media">;

/** Signals of one other that came before this page had heard that they are there. */
interface Early {
  readonly sender: string;
  readonly signals: readonly Signal[];
}

/** Batches of signals that may wait: four of each of 15 others. */
const MOST_EARLY = 64;

const APART: TransportView = { reach: "open", links: new Map() };

/**
 * The media of this page's calls, one call at a time, over what the server names for each (`reaches`). What is said before that counts from then on.
 */
export class Meeting {
  readonly view = new Store<TransportView>(APART);
  readonly #server: ServerMedia;
  readonly #parts: TransportParts;
  #transport: Transport | undefined;
  #others: readonly Other[] = [];
  #early: Early[] = [];
  readonly #played = new Map<TrackKind, readonly string[]>();

  constructor(server: ServerMedia, parts: TransportParts) {
    this.#server = server;
    this.#parts = parts;
  }

  /** The most people in a call whose media one page can carry, its own user included. */
  get most(): number {
    if (this.#server.media === "livekit") {
      // How many LiveKit lets in is the server's to say, in its answer to whoever comes in.
      return Number.POSITIVE_INFINITY;
    }
    return this.#parts.kinds.includes("video") ? MOST_PEOPLE : MOST_HEARD;
  }

  /** The server told how the call's media are reached; undefined when it told nothing. */
  reaches(access: MediaAccess | undefined): void {
    this.#transport?.close();
    const transport = this.#transportFor(access);
    this.#transport = transport;
    transport.view.subscribe(() => this.#transport === transport && this.view.set(transport.view.get()));
    for (const [kind, userIDs] of this.#played) {
      transport.plays(kind, userIDs);
    }
    this.#meets();
  }

  /** Connects to all of these, and leaves those who are not among them. */
  meets(others: readonly Other[]): void {
    this.#others = others;
    this.#meets();
  }

  /** Applies signals of another page, or keeps them until this page meets it. */
  take(sender: string, signals: readonly Signal[]): void {
    if (this.#transport !== undefined && this.#others.some(({ userID }) => userID === sender)) {
      this.#transport.take(sender, signals);
    } else {
      this.#early = [...this.#early, { sender, signals }].slice(-MOST_EARLY);
    }
  }

  /** Sends this track in the place of the one of its kind; null for nothing. */
  async replace(kind: TrackKind, track: MediaStreamTrack | null): Promise<void> {
    await this.#transport?.replace(kind, track);
  }

  tellDevices(): void {
    this.#transport?.tellDevices();
  }

  /** Whose sound or pictures the page plays; by default everybody's. */
  plays(kind: TrackKind, userIDs: readonly string[]): void {
    this.#played.set(kind, userIDs);
    this.#transport?.plays(kind, userIDs);
  }

  /** How loud somebody is now, 0 to 1. */
  level(userID: string): number {
    return this.#transport?.level(userID) ?? 0;
  }

  /** Tries again at once what does not work: the network is back, or the user does not want to wait. */
  repair(): void {
    this.#transport?.repair();
  }

  /** The page is left, perhaps to be loaded again. */
  leaves(): void {
    this.#transport?.leaves();
  }

  /** This page takes the place of another one of this user's, to which these were connected. */
  async returns(userIDs: readonly string[]): Promise<void> {
    await this.#transport?.returns(userIDs);
  }

  close(): void {
    this.#transport?.close();
    this.#transport = undefined;
    this.#others = [];
    this.#early = [];
    this.#played.clear();
    this.view.set(APART);
  }

  /** Where the server knows no media, pages exchange them all the same. */
  #transportFor(access: MediaAccess | undefined): Transport {
    const provider: MediaProvider = access?.provider ?? this.#server.media;
    return provider === "livekit" ? new LiveKit(access, this.#parts) : new Mesh(access, this.#server.stun, this.#parts);
  }

  #meets(): void {
    const transport = this.#transport;
    if (transport !== undefined) {
      transport.meets(this.#others);
      for (const { sender, signals } of this.#early.splice(0)) {
        this.take(sender, signals);
      }
      this.view.set(transport.view.get());
    }
  }
}
