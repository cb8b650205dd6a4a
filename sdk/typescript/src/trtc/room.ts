import type { Wigwag } from "../client.js";
import type { EventOf } from "../events.js";
import type { CallEntry, CallView, RoomId, UserId } from "../wire/index.js";
import type { Snapshot } from "./figures.js";
import { type Kind, Link } from "./link.js";
import { MOST_PEOPLE, type Other, othersIn, presentIn } from "./people.js";
import { type DevicesOn, read, type Signal, written } from "./signals.js";

/** What a room tells who entered it. */
export interface RoomPort {
  came(userID: UserId): void;
  left(userID: UserId): void;
  /** Somebody's track; it is there whether or not something is sent on it. */
  received(userID: UserId, track: MediaStreamTrack): void;
  switched(userID: UserId, on: DevicesOn): void;
  linked(userID: UserId, state: RTCPeerConnectionState): void;
  /** The user went on with the call on another device. */
  moved(): void;
  failed(message: string, thrown?: unknown): void;
}

/** What is sent to everybody in the room. */
export interface Outgoing {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
}

interface Peer extends Other {
  readonly link: Link;
}

/** Signals that came before it was known that their sender is in the call, at most. */
const MOST_EARLY = 64;

/**
 * One room, as one user is in it: the call of the server's that has the room's name. Who is in the call is connected to; who hangs up, is
 * lost or goes to another call is not any more. The user may enter before the call begins, as a caller does, or before their accept.
 */
export class Room {
  readonly name: RoomId;
  readonly #client: Wigwag;
  readonly #me: UserId;
  readonly #port: RoomPort;
  readonly #peers = new Map<UserId, Peer>();
  readonly #ends: (() => void)[];
  #present: readonly UserId[] = [];
  #outgoing: Outgoing = { audio: null, video: null };
  #early: EventOf<"call.signal">[] = [];
  /** Known from a reply, or from the book once the user is in a call with the room's name. */
  #callID: string | undefined;
  #access: Promise<RTCIceServer[]> | undefined;
  #isLooking = false;
  #isFull = false;
  /** With which device the user is in the call; another one later is where the call has gone. */
  #myDevice: string | undefined;
  #closed = false;
  #isLeft = false;

  constructor(client: Wigwag, me: UserId, name: RoomId, port: RoomPort) {
    this.#client = client;
    this.#me = me;
    this.name = name;
    this.#port = port;
    this.#ends = [
      client.on("event", () => this.#follow(), { ownActs: true }),
      client.on("call.signal", (event) => this.#signalled(event)),
      client.on("resync", () => this.#follow()),
      client.on("state", ({ status }) => status === "open" && this.#each(({ link }) => link.repair())),
    ];
  }

  /** Finds the call, if it runs, and comes into it where the user neither rings nor is in it yet: a group's, without an invitation. */
  start(): void {
    this.#follow();
    if (this.#callID === undefined) {
      void this.#join().catch((thrown) => this.#port.failed(`room ${this.name} cannot be entered`, thrown));
    }
  }

  /** The reply to an invite or an accept says which call the room is. */
  async enters(reply: Promise<CallEntry | undefined>, isOurs: (call: CallEntry) => boolean): Promise<void> {
    // It stands for the question how the media are reached until it is known to be another room's.
    const before = this.#access;
    const entry = reply.then((call) => (call !== undefined && isOurs(call) ? call : undefined)).catch(() => undefined);
    const access = entry.then((call) => (call === undefined ? (before ?? this.#ask()) : iceServersOf(call)));
    this.#access = access;
    const call = await entry;
    if (call === undefined) {
      this.#access = this.#access === access ? before : this.#access;
    } else {
      this.#callID = call.callID;
    }
    if (call !== undefined && this.#isLeft) {
      // The user has left before the server had them in.
      this.#hangUp(call.callID);
    }
    this.#follow();
  }

  /** Sends these tracks to everybody, and says which devices are on. */
  send(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    this.#each(({ link }) => this.#provide(link));
  }

  /** What the browser counts, by userID. */
  reports(): Promise<Snapshot["reports"]> {
    return Promise.all([...this.#peers.values()].map(async ({ userID, link }) => [userID, await link.report()] as const));
  }

  /** Leaves the room, and the call with it. */
  leave(): void {
    const call = this.#call();
    this.close();
    this.#isLeft = true;
    if (call !== undefined && othersIn(call, this.#me) !== undefined) {
      this.#hangUp(call.callID);
    }
  }

  /** Ends the connections; the call goes on elsewhere. */
  close(): void {
    this.#closed = true;
    for (const end of this.#ends) {
      end();
    }
    this.#each(({ link }) => link.close());
    this.#peers.clear();
    this.#early = [];
  }

  #hangUp(callID: string): void {
    this.#client.calls
      .hangUp({ callID })
      .catch((thrown) => this.#port.failed("the server did not hear of the end of the call", thrown));
  }

  #call(): CallView | undefined {
    const { calls } = this.#client;
    return this.#callID === undefined
      ? calls.running().find(({ roomID, people }) => roomID === this.name && isIn(people, this.#me))
      : calls.known(this.#callID);
  }

  /** Connects to whom the call has, and to nobody else. */
  #follow(): void {
    const call = this.#call();
    if (this.#closed || (call === undefined && this.#callID !== undefined)) {
      return this.#look();
    }
    const others = othersIn(call, this.#me);
    if (others !== undefined) {
      this.#callID ??= call?.callID;
      const device = call?.people.find(({ userID }) => userID === this.#me)?.device?.deviceID;
      this.#myDevice ??= device;
      if (device !== this.#myDevice && device !== undefined) {
        this.close();
        return this.#port.moved();
      }
    }
    const present = others === undefined ? [] : presentIn(call, this.#me);
    this.#tellPresence(present);
    this.#connect(others ?? []);
    this.#tellFull(present.length >= MOST_PEOPLE);
  }

  #tellFull(isFull: boolean): void {
    if (isFull && !this.#isFull) {
      this.#port.failed(`more than ${MOST_PEOPLE} are in the room: those who came last exchange no media`);
    }
    this.#isFull = isFull;
  }

  #tellPresence(now: readonly UserId[]): void {
    const before = this.#present;
    this.#present = now;
    for (const userID of before.filter((one) => !now.includes(one))) {
      this.#drop(userID);
      this.#port.left(userID);
    }
    for (const userID of now.filter((one) => !before.includes(one))) {
      this.#port.came(userID);
    }
  }

  #connect(others: readonly Other[]): void {
    for (const other of others) {
      const peer = this.#peers.get(other.userID);
      if (peer === undefined || (peer.deviceID !== other.deviceID && other.deviceID !== "")) {
        this.#drop(other.userID);
        this.#meet(other);
      }
    }
  }

  #meet(other: Other): void {
    this.#access ??= this.#ask();
    const { userID } = other;
    const link = new Link(other.offers, this.#access, {
      send: (signals) => this.#signal(userID, signals),
      received: (track) => this.#port.received(userID, track),
      switched: (on) => this.#port.switched(userID, on),
      moved: (state) => this.#port.linked(userID, state),
    });
    this.#peers.set(userID, { ...other, link });
    this.#provide(link);
    const early = this.#early.filter(({ sender }) => sender === userID);
    this.#early = this.#early.filter(({ sender }) => sender !== userID);
    for (const event of early) {
      this.#signalled(event);
    }
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

  #signal(to: UserId, signals: readonly Signal[]): Promise<unknown> {
    return this.#callID === undefined || this.#closed
      ? Promise.resolve()
      : this.#client.calls.signal({ callID: this.#callID, to, data: written(signals) });
  }

  /** Signals reach only people in the same call; what another device of theirs sends is not for this link. */
  #signalled(event: EventOf<"call.signal">): void {
    const { sender, to, device, callID, roomID, data } = event;
    if (sender === this.#me || (to !== undefined && to !== this.#me)) {
      return;
    }
    const peer = this.#peers.get(sender);
    if (peer === undefined) {
      if (this.#early.length < MOST_EARLY && (callID === this.#callID || roomID === this.name)) {
        this.#early.push(event);
      }
    } else if (callID === this.#callID && (peer.deviceID === "" || device === undefined || device.deviceID === peer.deviceID)) {
      peer.link.take(read(data));
    }
  }

  /** The book does not know the call any more: the server does. */
  #look(): void {
    const callID = this.#callID;
    if (callID !== undefined && !this.#isLooking && !this.#closed) {
      this.#isLooking = true;
      void this.#client.calls
        .get({ callID })
        .finally(() => {
          this.#isLooking = false;
        })
        .then(() => this.#call() && this.#follow())
        .catch((thrown) => this.#port.failed("the call of the room cannot be read", thrown));
    }
  }

  async #join(): Promise<void> {
    const found = await this.#client.calls.get({ roomID: this.name }).catch(() => undefined);
    const me = found?.call.people.find(({ userID }) => userID === this.#me);
    // Who rings comes in by the accept; and a room without a call is that of a caller who has not called yet.
    if (this.#closed || found === undefined || found.call.endedAt !== undefined || me?.state === "ringing") {
      return;
    }
    if (me?.state !== "joined") {
      const joined = this.#client.calls.join({ callID: found.call.callID });
      await Promise.all([this.enters(joined, () => true), joined]);
    }
    this.#callID ??= found.call.callID;
    this.#follow();
  }

  /** How the media are reached, where no reply has said it. Who is in the call already asks by joining it once more. */
  async #ask(): Promise<RTCIceServer[]> {
    const callID = this.#callID ?? this.#call()?.callID;
    const joined = callID === undefined ? undefined : await this.#client.calls.join({ callID }).catch(() => undefined);
    return iceServersOf(joined);
  }

  #each(act: (peer: Peer) => void): void {
    for (const peer of this.#peers.values()) {
      act(peer);
    }
  }
}

function isIn(people: CallView["people"], me: UserId): boolean {
  return people.some(({ userID, state }) => userID === me && state === "joined");
}

function iceServersOf(entry: Pick<CallEntry, "media"> | undefined): RTCIceServer[] {
  return entry?.media.iceServers ?? [];
}
