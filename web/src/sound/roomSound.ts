import { type CallView, type EventOf, type KnownEvent, type MediaAccess, uuidv7, WigwagError } from "@wigwag/sdk";
import { Meeting, type ServerMedia } from "../media/meeting.js";
import { type Other, peopleOf } from "../media/people.js";
import type { Room } from "../rooms/room.js";
import { readNote, readSignals, type Signal } from "../session/payload.js";
import { Store } from "../session/store.js";
import { Microphone } from "./microphone.js";
import { type Effect, type Input, isIn, isSound, next, OFF, type Part, SOUND, type Sound } from "./rules.js";
import { type Levels, louder } from "./voices.js";

/** How long a page that waits may take to come in, s: it answers by itself, at once. */
const OPENS_S = 10;

/** How often voices are measured, ms. */
const MEASURED_MS = 100;

/**
 * The sound of one room: a group call of the room's, into which whoever turns the sound on comes without being rung. All who have it
 * on are connected to each other; only those who may be heard send their microphone, and nobody else is played.
 */
export class RoomSound {
  readonly sound = new Store<Sound>(OFF);
  /** The users who may be heard, in the order in which the room shows them. */
  readonly speakers = new Store<readonly string[]>([]);
  /** How loud the others are who may be heard. */
  readonly levels = new Store<Levels>(new Map());
  readonly microphone = new Microphone();
  readonly meeting: Meeting;
  readonly room: Room;
  readonly #ends: (() => void)[];
  /** When this page opened the call with somebody who did not come, ms of this page's clock. */
  readonly #inVain = new Map<string, number>();
  /** Those of them who wait again, until that invitation is over. */
  readonly #later = new Set<string>();
  /** Another page of this user's was in the call that this one enters. */
  #returns = false;
  #measuring: ReturnType<typeof setInterval> | undefined;

  constructor(room: Room, media: ServerMedia) {
    this.room = room;
    if (media.media === "none") {
      this.sound.set({ at: "off", why: "signalingOnly" });
    }
    this.meeting = new Meeting(media, {
      kinds: ["audio"],
      local: () => Promise.resolve(new MediaStream()),
      screen: () => undefined,
      devices: () => {
        const { state, troubles } = this.microphone.view.get();
        return { microphone: state === "on", camera: false, missing: troubles.microphone === undefined ? [] : ["microphone"] };
      },
      send: (to, signals) => this.#send(to, signals),
      access: () => this.#asksForAccess(),
      // Who is there is the server's to say; a link without sound says so.
      lost: () => undefined,
    });
    const { session } = room;
    const leave = () => void this.turnOff();
    addEventListener("pagehide", leave);
    this.#ends = [
      session.on((event) => this.#hears(event)),
      // Steps may be missing: the call is read again.
      session.onOpening(() => void this.#follows()),
      session.onClosing(() => this.turnOff()),
      session.client.on("state", ({ status }) => status === "open" && this.meeting.repair()),
      this.microphone.view.subscribe(() => this.#sends()),
      room.view.subscribe(() => this.#leavesWithRoom()),
      () => removeEventListener("pagehide", leave),
    ];
  }

  /** Whether this user may be heard. */
  get speaks(): boolean {
    return this.speakers.get().includes(this.room.session.me);
  }

  turnOn(): void {
    void this.#input({ kind: "turnOn", inCall: this.#isInCall() });
  }

  /** Resolves when the server has heard of it. */
  turnOff(): Promise<void> {
    return this.#input({ kind: "turnOff" });
  }

  /** Says who may be heard from now on. */
  speak(speakers: readonly string[]): void {
    this.speakers.update((before) => (before.join() === speakers.join() ? before : speakers));
    this.meeting.plays("audio", speakers);
    this.#usesMicrophone();
  }

  close(): void {
    void this.turnOff();
    for (const end of this.#ends) {
      end();
    }
  }

  /** Resolves when what follows from it has been done. */
  async #input(input: Input): Promise<void> {
    const { sound, effects } = next(this.sound.get(), input, this.#part());
    this.sound.set(sound);
    const done = effects.map((effect) => this.#do(effect));
    if (sound.at !== "on") {
      this.meeting.close();
    }
    this.#usesMicrophone();
    this.#measures(sound.at === "on");
    await Promise.all(done);
  }

  #part(): Part {
    return { me: this.room.session.me, owner: this.room.view.get().owner, most: this.meeting.most };
  }

  async #do(effect: Effect): Promise<void> {
    const { session, groupID } = this.room;
    try {
      switch (effect.do) {
        case "look":
          return void this.#input({ kind: "found", call: await this.#find() });
        case "tell":
          return void (await session.note({ groupID }, { scene: "room", action: "sound" }, "none"));
        case "open": {
          const { callID: inviteID, invitee } = effect;
          this.#inVain.set(invitee, performance.now());
          const wish = {
            inviteID,
            groupID,
            inviteeList: [invitee],
            timeout: OPENS_S,
            onlineUserOnly: true,
            call: { mediaType: SOUND },
          };
          const { call } = await session.inviteInGroup(wish, { scene: "room", action: "sound" });
          return call && (await this.#entered(inviteID, call.media));
        }
        case "join":
          return await this.#entered(effect.callID, (await session.client.calls.join({ callID: effect.callID })).media);
        case "leave":
          return void (await session.client.calls.hangUp({ callID: effect.callID }));
      }
    } catch (thrown) {
      const reason = thrown instanceof WigwagError ? thrown.reason : undefined;
      console.warn("the sound of the room", effect.do, thrown);
      if (effect.do === "look" || effect.do === "open" || effect.do === "join") {
        void this.#input({ kind: "failed", reason });
      }
    }
  }

  /** The room's call, if one runs. */
  async #find(): Promise<CallView | undefined> {
    const { session, groupID } = this.room;
    try {
      const { call } = await session.patiently(() => session.client.calls.get({ groupID }));
      this.#returns = isIn(call, session.me);
      return isSound(call, groupID) ? call : undefined;
    } catch (thrown) {
      if (thrown instanceof WigwagError && thrown.reason === "unknownCall") {
        return undefined;
      }
      throw thrown;
    }
  }

  /** This page is in. The others may be connected to another page of this user's, which was not left in order. */
  async #entered(callID: string, access: MediaAccess): Promise<void> {
    const { session } = this.room;
    const { call } = await session.patiently(() => session.client.calls.get({ callID }));
    void this.#input({ kind: "entered", call, provider: access.provider });
    if (this.sound.get().at !== "on") {
      return;
    }
    this.meeting.reaches(access);
    this.meeting.plays("audio", this.speakers.get());
    this.#sends();
    if (this.#returns) {
      await this.meeting.returns(this.#hearersOf(call).map(({ userID }) => userID));
    }
    this.#meets();
  }

  #hears(event: KnownEvent): void {
    if (event.type === "call.signal") {
      this.#signalled(event);
      return;
    }
    if (event.type === "message.received" && event.message.groupID === this.room.groupID) {
      const note = readNote(event.message.content.data);
      if (note?.scene === "room" && event.message.sender !== this.room.session.me) {
        this.#wants(event.message.sender);
      }
      return;
    }
    if ("groupID" in event && event.groupID === this.room.groupID) {
      if (event.type === "call.joined") {
        this.#inVain.delete(event.userID);
      }
      void this.#input({ kind: "heard", event });
      this.#meets();
    }
  }

  /** Somebody's page waits. Who did not come the last time waits until that invitation is over. */
  #wants(by: string): void {
    const rest = (this.#inVain.get(by) ?? Number.NEGATIVE_INFINITY) + OPENS_S * 1_000 - performance.now();
    if (rest > 0) {
      this.#waits(by, rest);
      return;
    }
    void this.#input({ kind: "wanted", by, fresh: uuidv7(Date.now(), Math.random) });
  }

  /** However often they say so. */
  #waits(by: string, ms: number): void {
    if (!this.#later.has(by)) {
      this.#later.add(by);
      setTimeout(() => {
        this.#later.delete(by);
        this.#wants(by);
      }, ms);
    }
  }

  /** Connects to those who have the sound on now. */
  #meets(): void {
    const sound = this.sound.get();
    const call = sound.at === "on" ? this.room.session.client.calls.known(sound.callID) : undefined;
    if (call !== undefined) {
      this.meeting.meets(this.#hearersOf(call));
    }
  }

  #hearersOf(call: CallView): readonly Other[] {
    return peopleOf(call, this.room.session.me, this.meeting.most).others;
  }

  /** Events were missed: what the call is now is read. */
  async #follows(): Promise<void> {
    const sound = this.sound.get();
    const { session } = this.room;
    const read = (callID: string) => session.patiently(() => session.client.calls.get({ callID }));
    const got = sound.at === "on" ? await read(sound.callID).catch(() => undefined) : undefined;
    void this.#input({ kind: "missed", call: got?.call });
    this.#meets();
  }

  #signalled({ callID, sender, data }: EventOf<"call.signal">): void {
    const sound = this.sound.get();
    const signals = readSignals(data);
    if (signals !== undefined && (sound.at === "on" || sound.at === "entering") && sound.callID === callID) {
      this.meeting.take(sender, signals);
    }
  }

  async #send(to: string, signals: Signal[]): Promise<void> {
    const sound = this.sound.get();
    if (sound.at === "on") {
      const { session } = this.room;
      await session.patiently(() => session.signal(sound.callID, to, signals));
    }
  }

  /** What the server said of the way to the media has ended. Asking again changes nothing for others. */
  async #asksForAccess(): Promise<MediaAccess> {
    const sound = this.sound.get();
    if (sound.at !== "on") {
      throw new Error("the sound is off");
    }
    return (await this.room.session.client.calls.join({ callID: sound.callID })).media;
  }

  /** Sends what the microphone gives now, and tells whether it is on. */
  #sends(): void {
    void this.meeting.replace("audio", this.microphone.track);
    this.meeting.tellDevices();
  }

  #usesMicrophone(): void {
    this.microphone.want(this.sound.get().at !== "off" && this.speaks);
  }

  #measures(on: boolean): void {
    if (!on) {
      clearInterval(this.#measuring);
      this.#measuring = undefined;
      this.levels.set(new Map());
      return;
    }
    this.#measuring ??= setInterval(() => {
      const { me } = this.room.session;
      const others = this.speakers.get().filter((userID) => userID !== me);
      this.levels.update((before) => louder(before, new Map(others.map((userID) => [userID, this.meeting.level(userID)]))));
    }, MEASURED_MS);
  }

  #leavesWithRoom(): void {
    const { status } = this.room.view.get();
    if (status === "gone" || status === "removed") {
      void this.turnOff();
    }
  }

  /** Whether the user is in a call that is not the room's: turning the sound on would end it for them. */
  #isInCall(): boolean {
    const { session, groupID } = this.room;
    return session.client.calls.running().some((call) => !isSound(call, groupID) && isIn(call, session.me));
  }
}
