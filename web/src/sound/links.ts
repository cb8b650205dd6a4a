import type { MediaAccess } from "@wigwag/sdk";
import { iceServersIn } from "../media/ice.js";
import { type LinkView, PeerLink } from "../media/link.js";
import type { Other } from "../media/people.js";
import type { DevicesOn, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";
import { MOST_HEARD } from "./rules.js";

/** Signals of one other that came before this page had heard that they are there. */
interface Early {
  readonly sender: string;
  readonly signals: readonly Signal[];
}

/** Batches of signals that may wait: some of each of the others. */
const MOST_EARLY = 4 * MOST_HEARD;

/** What the links of a room's sound need of the page. */
export interface SoundParts {
  readonly send: (to: string, signals: Signal[]) => Promise<unknown>;
  /** What goes out; null for nothing. */
  readonly track: () => MediaStreamTrack | null;
  readonly devices: () => DevicesOn;
}

/**
 * The connections to all others who have a room's sound on. Each is made at once, with a place for both voices, so whoever gets a
 * microphone later is heard without another offer.
 */
export class SoundLinks {
  /** By userID. */
  readonly view = new Store<ReadonlyMap<string, LinkView>>(new Map());
  readonly #parts: SoundParts;
  readonly #usual: RTCIceServer[];
  #iceServers: RTCIceServer[];
  readonly #links = new Map<string, PeerLink>();
  #others: readonly Other[] = [];
  #early: Early[] = [];

  constructor(stun: readonly string[], parts: SoundParts) {
    this.#usual = stun.map((urls) => ({ urls }));
    this.#iceServers = this.#usual;
    this.#parts = parts;
  }

  /** The server told how the next connections reach the other browsers. */
  reaches(access: MediaAccess): void {
    this.#iceServers = iceServersIn(access) ?? this.#usual;
  }

  /** Connects to the browsers of all others, and leaves those who have gone. */
  connect(others: readonly Other[]): void {
    this.#others = others;
    for (const [userID, link] of this.#links) {
      if (!others.some((other) => other.userID === userID)) {
        link.close();
        this.#links.delete(userID);
      }
    }
    for (const other of others) {
      if (!this.#links.has(other.userID)) {
        this.#link(other);
      }
    }
    this.#show();
    for (const { sender, signals } of this.#early.splice(0)) {
      this.take(sender, signals);
    }
  }

  /** Applies signals of another browser, or keeps them until this page connects to it. */
  take(sender: string, signals: readonly Signal[]): void {
    const other = this.#others.find(({ userID }) => userID === sender);
    if (other === undefined) {
      this.#early = [...this.#early, { sender, signals }].slice(-MOST_EARLY);
    } else if (signals.some((signal) => "page" in signal)) {
      // Their page is another one than before.
      this.#link(other);
      this.#show();
    } else {
      this.#links.get(sender)?.take(signals);
    }
  }

  /** Sends what the microphone gives now, and tells whether it is on. */
  speaks(): void {
    for (const link of this.#links.values()) {
      void link.replace("audio", this.#parts.track());
      link.tellDevices();
    }
  }

  /** How loud somebody is, 0 to 1. */
  level(userID: string): number {
    return this.#links.get(userID)?.level() ?? 0;
  }

  /** Restarts interrupted connections; for use when the network is back. */
  repair(): void {
    for (const link of this.#links.values()) {
      link.repair();
    }
  }

  close(): void {
    this.#early = [];
    if (this.#links.size > 0) {
      this.connect([]);
    }
  }

  #link({ userID, offers }: Other): void {
    this.#links.get(userID)?.close();
    const link = new PeerLink({
      iceServers: this.#iceServers,
      offers,
      kinds: ["audio"],
      local: Promise.resolve(new MediaStream()),
      screen: () => undefined,
      devices: this.#parts.devices,
      send: (signals) => this.#parts.send(userID, signals),
      // Who is there is the server's to say; a link without sound says so.
      lost: () => undefined,
    });
    void link.replace("audio", this.#parts.track());
    link.view.subscribe(() => this.#show());
    this.#links.set(userID, link);
  }

  #show(): void {
    this.view.set(new Map([...this.#links].map(([userID, link]) => [userID, link.view.get()])));
  }
}
