import type { Wigwag } from "../client.js";
import type { EventOf } from "../events.js";
import type { CallEntry, CallView, MediaAccess, RoomId, UserId } from "../wire/index.js";
import type { Carrier, CarrierPort, MediaPort, Outgoing } from "./carrier.js";
import type { Snapshot } from "./figures.js";
import { liveKitClient } from "./livekit/client.js";
import { LiveKit } from "./livekit/livekit.js";
import { Mesh } from "./mesh.js";
import { type Other, othersIn } from "./people.js";
import { read, type Signal, written } from "./signals.js";

/** What a room tells who entered it. */
export interface RoomPort extends MediaPort {
  came(userID: UserId): void;
  left(userID: UserId): void;
}

/** Signals that came before it was known that their sender is in the call, at most. */
const MOST_EARLY = 64;

/**
 * One room, as one user is in it: the call of the server's that has the room's name. Who is in the call is connected to; who hangs up, is
 * lost or goes to another call is not any more. The user may enter before the call begins, as a caller does, or before their accept. What
 * carries the media the server says, in its reply to who comes in.
 */
export class Room {
  readonly name: RoomId;
  readonly #client: Wigwag;
  readonly #me: UserId;
  readonly #port: RoomPort;
  readonly #ends: (() => void)[];
  #present: readonly UserId[] = [];
  #outgoing: Outgoing = { audio: null, video: null };
  #early: EventOf<"call.signal">[] = [];
  /** Known from a reply, or from the book once the user is in a call with the room's name. */
  #callID: string | undefined;
  #access: Promise<MediaAccess> | undefined;
  #carrier: Carrier | undefined;
  #isChoosing = false;
  #isLooking = false;
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
      client.on("state", ({ status }) => status === "open" && this.#repair()),
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
    const access = entry.then((call) => (call === undefined ? (before ?? this.#ask()) : call.media));
    // Whoever waits for it is told.
    access.catch(() => {});
    this.#access = access;
    const call = await entry;
    if (call === undefined) {
      this.#access = this.#access === access ? before : this.#access;
    } else {
      this.#callID = call.callID;
      preload(call.media);
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
    this.#carrier?.send(outgoing);
  }

  /** What the browser counts, by userID. */
  async reports(): Promise<Snapshot["reports"]> {
    return (await this.#carrier?.reports()) ?? [];
  }

  /** Leaves the room, and the call with it. */
  leave(): void {
    const call = this.#call();
    this.#isLeft = true;
    if (call !== undefined && othersIn(call, this.#me) !== undefined) {
      // Before the connections end, by which the server may find that somebody is gone.
      this.#hangUp(call.callID);
    }
    this.close();
  }

  /** Ends the connections; the call goes on elsewhere. */
  close(): void {
    this.#closed = true;
    for (const end of this.#ends) {
      end();
    }
    this.#endCarrier();
    this.#early = [];
  }

  #endCarrier(): void {
    this.#carrier?.close();
    this.#carrier = undefined;
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
        return this.#moves();
      }
    }
    this.#tellPresence((others ?? []).map(({ userID }) => userID));
    this.#meet(others);
  }

  /** Undefined when the user is not in the call. */
  #meet(others: readonly Other[] | undefined): void {
    if (others === undefined) {
      this.#endCarrier();
    } else if (this.#carrier === undefined && others.length > 0) {
      void this.#choose();
    } else {
      this.#carrier?.meets(others);
      for (const event of this.#early.splice(0)) {
        this.#signalled(event);
      }
    }
  }

  /** The server says what carries the media of the call. While it does not, it is asked again with whatever happens next. */
  async #choose(): Promise<void> {
    if (this.#isChoosing) {
      return;
    }
    this.#isChoosing = true;
    const asked = this.#access ?? this.#ask();
    this.#access = asked;
    try {
      this.#takes(await asked);
    } catch (thrown) {
      this.#access = this.#access === asked ? undefined : this.#access;
      this.#fails("the server does not say how the media are reached", thrown);
    } finally {
      this.#isChoosing = false;
    }
  }

  #takes(access: MediaAccess): void {
    if (!this.#closed && this.#carrier === undefined) {
      const { provider, iceServers = [] } = access;
      const port = this.#carrierPort();
      // Where the server knows of no media, pages exchange them all the same.
      this.#carrier = provider === "livekit" ? new LiveKit(access, port) : new Mesh(iceServers, port);
      this.#carrier.send(this.#outgoing);
      this.#follow();
    }
  }

  #carrierPort(): CarrierPort {
    const port = this.#port;
    return {
      received: (userID, track) => port.received(userID, track),
      switched: (userID, on) => port.switched(userID, on),
      linked: (userID, state) => port.linked(userID, state),
      failed: (...told) => this.#fails(...told),
      moved: () => this.#moves(),
      signal: (to, signals) => this.#signal(to, signals),
      access: () => this.#ask(),
    };
  }

  #moves(): void {
    this.close();
    this.#port.moved();
  }

  #fails(...told: Parameters<MediaPort["failed"]>): void {
    if (!this.#closed) {
      this.#port.failed(...told);
    }
  }

  #repair(): void {
    this.#carrier?.repair();
    this.#follow();
  }

  #tellPresence(now: readonly UserId[]): void {
    const before = this.#present;
    this.#present = now;
    for (const userID of before.filter((one) => !now.includes(one))) {
      this.#port.left(userID);
    }
    for (const userID of now.filter((one) => !before.includes(one))) {
      this.#port.came(userID);
    }
  }

  #signal(to: UserId, signals: readonly Signal[]): Promise<unknown> {
    return this.#callID === undefined || this.#closed
      ? Promise.resolve()
      : this.#client.calls.signal({ callID: this.#callID, to, data: written(signals) });
  }

  /** Signals reach only people in the same call. */
  #signalled(event: EventOf<"call.signal">): void {
    const { sender, to, device, callID, roomID, data } = event;
    if (sender === this.#me || (to !== undefined && to !== this.#me)) {
      return;
    }
    if (callID !== this.#callID || !this.#present.includes(sender) || this.#carrier === undefined) {
      if (this.#early.length < MOST_EARLY && (callID === this.#callID || roomID === this.name)) {
        this.#early.push(event);
      }
    } else {
      this.#carrier.take(sender, device?.deviceID ?? "", read(data));
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

  /** How the media are reached, where no reply has said it, or what it said may have ended. Who is in the call asks by joining it once more. */
  async #ask(): Promise<MediaAccess> {
    const callID = this.#callID ?? this.#call()?.callID;
    if (callID === undefined) {
      throw new Error("the user is in no call of this room");
    }
    return (await this.#client.calls.join({ callID })).media;
  }
}

/** What carries the media is loaded while the others ring. Where it cannot be, that is told when it is needed. */
function preload({ provider }: MediaAccess): void {
  if (provider === "livekit") {
    liveKitClient().catch(() => {});
  }
}

function isIn(people: CallView["people"], me: UserId): boolean {
  return people.some(({ userID, state }) => userID === me && state === "joined");
}
