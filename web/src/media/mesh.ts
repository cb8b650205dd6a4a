import type { MediaAccess } from "@wigwag/sdk";
import type { Signal } from "../session/payload.js";
import { Store } from "../session/store.js";
import { PeerLink } from "./link.js";
import type { Other } from "./people.js";
import type { TrackKind, Transport, TransportParts, TransportView } from "./transport.js";

/** A connection from this page to each other page: nothing stands between them but, where it is needed, a TURN server. */
export class Mesh implements Transport {
  readonly view = new Store<TransportView>({ reach: "open", links: new Map() });
  readonly #iceServers: RTCIceServer[];
  readonly #parts: TransportParts;
  readonly #links = new Map<string, PeerLink>();
  #others: readonly Other[] = [];
  /** What goes out instead of the local tracks, also on connections that come later. */
  readonly #replaced = new Map<TrackKind, MediaStreamTrack | null>();
  /** Those of whom no media came for too long. */
  readonly #silent = new Set<string>();

  /** `stun`: servers that tell a browser behind a router its public address, where the server names none for the call. */
  constructor(access: MediaAccess | undefined, stun: readonly string[], parts: TransportParts) {
    this.#iceServers = iceServersIn(access) ?? stun.map((urls) => ({ urls }));
    this.#parts = parts;
  }

  meets(others: readonly Other[]): void {
    this.#others = others;
    for (const userID of [...this.#links.keys()]) {
      if (!others.some((other) => other.userID === userID)) {
        this.#drop(userID);
      }
    }
    for (const other of others) {
      if (!this.#links.has(other.userID)) {
        this.#link(other);
      }
    }
    this.#show();
  }

  take(userID: string, signals: readonly Signal[]): void {
    const other = this.#others.find((one) => one.userID === userID);
    if (other !== undefined && signals.some((signal) => "page" in signal && signal.page === "again")) {
      // Their page is another one than before.
      this.#drop(userID);
      this.#link(other);
      this.#show();
    } else {
      this.#links.get(userID)?.take(signals);
    }
  }

  async replace(kind: TrackKind, track: MediaStreamTrack | null): Promise<void> {
    this.#replaced.set(kind, track);
    await Promise.all([...this.#links.values()].map((link) => link.replace(kind, track)));
  }

  tellDevices(): void {
    for (const link of this.#links.values()) {
      link.tellDevices();
    }
  }

  /** What another page sends comes here, played or not. */
  plays(): void {}

  level(userID: string): number {
    return this.#links.get(userID)?.level() ?? 0;
  }

  repair(): void {
    for (const link of this.#links.values()) {
      link.repair();
    }
  }

  leaves(): void {
    for (const userID of this.#links.keys()) {
      void this.#parts.send(userID, [{ page: "away" }]).catch(() => undefined);
    }
  }

  async returns(userIDs: readonly string[]): Promise<void> {
    await Promise.all(userIDs.map((userID) => this.#parts.send(userID, [{ page: "again" }])));
  }

  close(): void {
    this.meets([]);
  }

  #link({ userID, offers }: Other): void {
    const { kinds, screen, devices, send } = this.#parts;
    const link = new PeerLink({
      iceServers: this.#iceServers,
      offers,
      kinds,
      local: this.#parts.local(),
      screen,
      devices,
      send: (signals) => send(userID, signals),
      lost: () => this.#fallsSilent(userID),
    });
    for (const [kind, track] of this.#replaced) {
      void link.replace(kind, track);
    }
    link.view.subscribe(() => this.#show());
    this.#links.set(userID, link);
  }

  #drop(userID: string): void {
    this.#links.get(userID)?.close();
    this.#links.delete(userID);
    this.#silent.delete(userID);
  }

  #fallsSilent(userID: string): void {
    this.#silent.add(userID);
    if ([...this.#links.keys()].every((other) => this.#silent.has(other))) {
      this.#parts.lost([...this.#links.values()].every((link) => link.view.get().state === "away"));
    }
  }

  #show(): void {
    const links = new Map([...this.#links].map(([userID, link]) => [userID, link.view.get()] as const));
    for (const [userID, { state }] of links) {
      if (state === "connected") {
        this.#silent.delete(userID);
      }
    }
    this.view.set({ reach: "open", links });
  }
}

/** The ICE servers that the server named; undefined when it named none. */
function iceServersIn(access: MediaAccess | undefined): RTCIceServer[] | undefined {
  const { iceServers } = (access ?? {}) as { iceServers?: RTCIceServer[] };
  return iceServers?.length ? iceServers : undefined;
}
