import type { UserId } from "../wire/index.js";
import type { Carrier, CarrierPort, Outgoing } from "./carrier.js";
import type { Snapshot } from "./figures.js";
import { type Kind, Link } from "./link.js";
import { MOST_PEOPLE, nearest, type Other } from "./people.js";
import type { Signal } from "./signals.js";

interface Peer extends Other {
  readonly link: Link;
}

/** A connection from this page to each other one. */
export class Mesh implements Carrier {
  readonly #iceServers: RTCIceServer[];
  readonly #port: CarrierPort;
  readonly #peers = new Map<UserId, Peer>();
  #outgoing: Outgoing = { audio: null, video: null };
  #isFull = false;

  constructor(iceServers: RTCIceServer[], port: CarrierPort) {
    this.#iceServers = iceServers;
    this.#port = port;
  }

  meets(everybody: readonly Other[]): void {
    const others = nearest(everybody);
    for (const userID of this.#peers.keys()) {
      if (!others.some((other) => other.userID === userID)) {
        this.#drop(userID);
      }
    }
    for (const other of others) {
      const peer = this.#peers.get(other.userID);
      if (peer === undefined || (peer.deviceID !== other.deviceID && other.deviceID !== "")) {
        this.#drop(other.userID);
        this.#meet(other);
      }
    }
    this.#tellFull(everybody.length >= MOST_PEOPLE);
  }

  send(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    this.#each(({ link }) => this.#provide(link));
  }

  /** What another device of theirs sends is not for the connection. */
  take(sender: UserId, deviceID: string, signals: readonly Signal[]): void {
    const peer = this.#peers.get(sender);
    if (peer !== undefined && (peer.deviceID === "" || deviceID === "" || deviceID === peer.deviceID)) {
      peer.link.take(signals);
    }
  }

  repair(): void {
    this.#each(({ link }) => link.repair());
  }

  reports(): Promise<Snapshot["reports"]> {
    return Promise.all([...this.#peers.values()].map(async ({ userID, link }) => [userID, await link.report()] as const));
  }

  close(): void {
    this.#each(({ link }) => link.close());
    this.#peers.clear();
  }

  #tellFull(isFull: boolean): void {
    if (isFull && !this.#isFull) {
      this.#port.failed(`more than ${MOST_PEOPLE} are in the room: those who came last exchange no media`);
    }
    this.#isFull = isFull;
  }

  #meet(other: Other): void {
    const { userID } = other;
    const link = new Link(other.offers, this.#iceServers, {
      send: (signals) => this.#port.signal(userID, signals),
      received: (track) => this.#port.received(userID, track),
      switched: (on) => this.#port.switched(userID, on),
      moved: (state) => this.#port.linked(userID, state),
    });
    this.#peers.set(userID, { ...other, link });
    this.#provide(link);
  }

  #drop(userID: UserId): void {
    this.#peers.get(userID)?.link.close();
    this.#peers.delete(userID);
  }

  #provide(link: Link): void {
    const { audio, video } = this.#outgoing;
    for (const [kind, track] of Object.entries({ audio, video }) as [Kind, MediaStreamTrack | null][]) {
      link.replace(kind, track);
    }
    link.tell({ microphone: audio?.enabled === true, camera: video?.enabled === true });
  }

  #each(act: (peer: Peer) => void): void {
    for (const peer of this.#peers.values()) {
      act(peer);
    }
  }
}
