import {
  type Acted,
  type CallEntry,
  type CallView,
  type EventOf,
  type KnownEvent,
  type MediaAccess,
  uuidv7,
  WigwagError,
} from "@wigwag/sdk";
import type { ServerMedia } from "../media/meeting.js";
import { NOBODY, type People, peopleOf } from "../media/people.js";
import { type Media, mediaOf, readSignals, type Signal } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { SOUND } from "../sound/rules.js";
import { endingOf, inputOfDevices, inputOfEvent, inputsOfOpening } from "./inputs.js";
import { type Call, type Effect, type Input, isFree, next } from "./machine.js";
import { CallMedia } from "./media.js";
import { type Tone, Tones } from "./tones.js";

/** Timeout of a call, s. */
const RINGS_S = 30;

/** The key in the session storage for the inviteID of an outgoing call, so that a reloaded page goes on calling. */
const CALLING_KEY = "wigwag.calling";

/** The key in the session storage for the call that this page left: it is written when the page is left, so that no copy of the tab has it. */
const TALKING_KEY = "wigwag.talking";

/** A call of this user that goes on without this page. */
export interface Elsewhere {
  readonly callID: string;
  readonly peer: string;
  readonly media: Media;
}

/** Signals of one other in a call. */
interface Early {
  readonly callID: string;
  readonly sender: string;
  readonly signals: readonly Signal[];
}

/** Batches of signals that may wait: some of each of five others. */
const MOST_EARLY = 50;

/** The calls of this page: it feeds the machine with inputs and carries out its effects. */
export class Calls {
  readonly call = new Store<Call>({ at: "idle" });
  /** Whether the call stands beside the scene, which can be used meanwhile; otherwise it covers the scene. */
  readonly small = new Store(false);
  /** Whether the user looks at their camera and microphone, outside a call. */
  readonly checking = new Store(false);
  /** Who is in the call, besides this user. */
  readonly people = new Store<People>(NOBODY);
  /** The call that this user is in with another of their devices. */
  readonly elsewhere = new Store<Elsewhere | undefined>(undefined);
  readonly media: CallMedia;
  /** The call that this page was in before it was loaded again. */
  #left: Elsewhere | undefined = takeLeft();
  /** The call that ended on this page last: the server may not have heard of it yet. */
  #done: string | undefined;
  /** The call that the user has accepted outside the page, until it rings here. */
  #awaited: string | undefined;
  /** Whether the user has answered a video call by voice. */
  #byVoice = false;
  /** The call that this page goes on with, before it is in it. */
  #goingOn: string | undefined;
  readonly #session: Session;
  readonly #tones = new Tones();
  readonly #ends: (() => void)[];
  /** Signals of others that came before this page knew that both are in the call. */
  #early: Early[] = [];
  /** Effects that are being carried out. */
  readonly #doing = new Set<Promise<void>>();

  constructor(session: Session, server: ServerMedia) {
    this.#session = session;
    this.media = new CallMedia(server, {
      send: (to, signals) => this.#sendSignals(to, signals),
      access: () => this.#asksForAccess(),
      lost: (left) => this.#about((inviteID) => ({ kind: "lost", inviteID, left, now: performance.now() })),
    });
    const leave = () => this.#leaves();
    const askFirst = (event: Event) => this.call.get().at === "talking" && event.preventDefault();
    addEventListener("pagehide", leave);
    addEventListener("beforeunload", askFirst);
    this.#ends = [
      session.on((event) => {
        if (event.type === "call.signal") {
          this.#signalled(event);
        }
        const input = inputOfEvent(event, session.me, performance.now());
        if (input !== undefined) {
          this.#input(input);
        }
        this.#saysThatItRings(event);
        this.#meets();
        this.#looksElsewhere();
      }),
      session.onOpening(() => this.#opened()),
      // A page that cannot hear of the end stops ringing at the deadline.
      session.client.on("ringOver", ({ inviteID }) => this.#input({ kind: "gone", inviteID })),
      session.client.on("state", ({ status }) => status === "open" && this.media.repair()),
      () => removeEventListener("pagehide", leave),
      () => removeEventListener("beforeunload", askFirst),
    ];
  }

  /** Calls a user. */
  start(peer: string, media: Media): void {
    this.#input({ kind: "call", inviteID: uuidv7(Date.now(), Math.random), peer, media });
  }

  /** Calls somebody into the call that is going on. False when they are in another call. Rejects with a WigwagError. */
  async add(userID: string): Promise<boolean> {
    const call = this.call.get();
    if (call.at !== "talking") {
      return true;
    }
    const { client } = this.#session;
    const { mediaType, roomID } = (await client.calls.get({ callID: call.inviteID })).call;
    const inviteID = uuidv7(Date.now(), Math.random);
    const wish = { inviteID, invitee: userID, timeout: RINGS_S, call: { mediaType, roomID } };
    const { call: entry } = await this.#session.invite(wish, { scene: "call", media: call.media });
    this.#meets();
    return entry?.busyLineUserIDList?.includes(userID) !== true;
  }

  /** Answers; a video call with the camera, or by voice alone. */
  answer(byVoice = false): void {
    this.#byVoice = byVoice;
    this.#input({ kind: "answer" });
  }

  /** The user has accepted this call outside the page: it is answered at once, or as soon as the page has heard of it. */
  answerTo(inviteID: string): void {
    this.#awaited = inviteID;
    this.#answersAwaited();
  }

  decline(): void {
    this.#input({ kind: "decline" });
  }

  /** Stops the sound on all of this user's devices. The caller goes on hearing that it rings. */
  silence(): void {
    this.#input({ kind: "silence" });
  }

  /** Declines this call; false when it does not ring here. */
  declines(inviteID: string): boolean {
    const call = this.call.get();
    const rings = call.at === "ringing" && call.inviteID === inviteID;
    if (rings) {
      this.decline();
    }
    return rings;
  }

  /** Cancels a call that was not answered, or ends one that was. */
  hangUp(): void {
    this.#input({ kind: "hangUp", now: performance.now() });
  }

  /** Goes on with a call of this user on this page: it was in it before, or another of their devices is. */
  async goOn({ callID, peer, media }: Elsewhere): Promise<void> {
    const { client, me } = this.#session;
    const { call } = await this.#session.patiently(() => client.calls.get({ callID }));
    if (!isIn(call, me) || !isFree(this.call.get())) {
      this.#looksElsewhere();
      return;
    }
    this.#done = undefined;
    this.#enters(await client.calls.join({ callID }));
    this.#goingOn = callID;
    const others = call.people.filter(({ userID, state }) => userID !== me && state === "joined");
    await this.media.returns(others.map(({ userID }) => userID));
    const since = performance.now() - call.durationMs;
    this.#input({ kind: "returned", inviteID: callID, peer: others[0]?.userID ?? peer, media, since });
    this.#looksElsewhere();
  }

  dismiss(): void {
    this.#input({ kind: "dismiss" });
  }

  /** Puts the call in progress beside the scene, or over it. */
  resize(small: boolean): void {
    this.small.set(small && this.call.get().at === "talking");
  }

  /** Ends this page's call, and resolves when the server has heard of it. An incoming call goes on ringing on other devices. */
  async close(): Promise<void> {
    const { at } = this.call.get();
    if (at === "calling" || at === "talking") {
      this.hangUp();
    }
    this.#ends.forEach((end) => {
      end();
    });
    this.media.close();
    this.#tones.play("none");
    await Promise.allSettled(this.#doing);
  }

  #about(input: (inviteID: string) => Input): void {
    const call = this.call.get();
    if (call.at !== "idle") {
      this.#input(input(call.inviteID));
    }
  }

  #input(input: Input): void {
    const before = this.call.get();
    const { call, effects } = next(before, input);
    this.call.set(call);
    for (const effect of effects) {
      const doing = this.#do(effect).finally(() => this.#doing.delete(doing));
      this.#doing.add(doing);
    }
    if (call !== before) {
      this.#follow(call);
      const ended = before.at === "talking" && call.at === "over" && call.why !== "answeredElsewhere";
      this.#done = ended ? before.inviteID : this.#done;
      this.#looksElsewhere();
    }
  }

  /** Sets tones and media by the state of the call. */
  #follow(call: Call): void {
    this.#tones.play(toneOf(call));
    rememberCalling(call);
    this.checking.update((checking) => checking && isFree(call));
    // How a small call ended is told in its place.
    this.small.update((small) => small && (call.at === "talking" || call.at === "over"));
    if (call.at === "idle" || call.at === "over" || call.at === "ringing") {
      this.#early = [];
      this.#byVoice &&= call.at === "ringing";
      this.media.close();
    } else {
      this.media.openDevices(this.#mediaOf(call));
    }
    if (call.at !== "talking") {
      this.people.set(NOBODY);
    }
    this.#meets();
    this.#answersAwaited();
  }

  #answersAwaited(): void {
    const call = this.call.get();
    if (call.at === "ringing" && call.inviteID === this.#awaited) {
      this.#awaited = undefined;
      this.answer();
    }
  }

  /** The caller wants to know that this page shows their call. */
  #saysThatItRings(event: KnownEvent): void {
    const call = this.call.get();
    if (event.type === "invitation.received" && event.progress && call.at === "ringing" && call.inviteID === event.inviteID) {
      void this.#session.client.signaling.ringing({ inviteID: event.inviteID }).catch(() => undefined);
    }
  }

  /** Connects to those who are in the call now. */
  #meets(): void {
    const call = this.call.get();
    if (call.at !== "talking") {
      return;
    }
    const known = this.#session.client.calls.running().find(({ callID }) => callID === call.inviteID);
    const people = known && peopleOf(known, this.#session.me, this.media.most);
    if (people !== undefined && people.others.length > 0) {
      this.people.set(people);
    } else if (this.people.get().others.length === 0) {
      this.people.set({ others: [{ userID: call.peer, offers: call.role === "offers" }], ringing: [] });
    }
    this.media.meets(this.people.get().others);
    for (const early of this.#early.splice(0)) {
      this.#take(early);
    }
  }

  /** What is opened for a call at its begin. */
  #mediaOf({ media }: { media: Media }): Media {
    return this.#byVoice ? "audio" : media;
  }

  /** The page is left, perhaps to be loaded again: the others wait for a moment. */
  #leaves(): void {
    const call = this.call.get();
    if (call.at !== "talking") {
      return;
    }
    const { inviteID: callID, peer, media } = call;
    sessionStorage.setItem(TALKING_KEY, JSON.stringify({ callID, peer, media } satisfies Elsewhere));
    this.media.leaves();
  }

  /** Finds the call that this user is in without this page. */
  #looksElsewhere(): void {
    const { client, me } = this.#session;
    const mine = this.call.get();
    // A room's sound is gone on with in its room.
    const runs = (call: CallView) => isIn(call, me) && call.callID !== this.#done && call.mediaType !== SOUND;
    const running = isFree(mine) ? client.calls.running().find(runs) : undefined;
    const other = running?.people.find(({ userID }) => userID !== me);
    if (running === undefined || other === undefined) {
      this.elsewhere.set(undefined);
    } else if (this.elsewhere.get()?.callID !== running.callID) {
      this.elsewhere.set({ callID: running.callID, peer: other.userID, media: mediaOf(running) });
    }
  }

  async #do(effect: Effect): Promise<void> {
    const session = this.#session;
    try {
      switch (effect.do) {
        case "invite": {
          const { inviteID, peer: invitee, media } = effect;
          const wish = { inviteID, invitee, timeout: RINGS_S, call: { mediaType: media }, progress: true };
          return this.#called(await session.invite(wish, { scene: "call", media }), invitee);
        }
        case "accept":
          return this.#accepted(await session.accept(effect.inviteID));
        case "reject":
          return void (await session.reject(effect.inviteID, effect.busy ? { scene: "call", busy: true } : undefined));
        case "silence":
          return await this.#silences(effect.inviteID);
        case "cancel":
          return await this.#takeBack(effect.inviteID);
        case "hangUp":
          return await session.hangUp(effect.inviteID, effect.seconds);
      }
    } catch (thrown) {
      this.#input({ kind: "failed", inviteID: effect.inviteID, ...endingOf(thrown) });
    }
  }

  /** This page is silent in any case. What fails leaves others ringing, or is news of how the call went, which comes by itself. */
  async #silences(inviteID: string): Promise<void> {
    await this.#session.client.signaling.silence({ inviteID }).catch((thrown: unknown) => {
      if (!(thrown instanceof WigwagError)) {
        throw thrown;
      }
    });
  }

  /** The reply to this page's invite. */
  #called({ inviteID, call }: Acted, peer: string): void {
    this.#enters(call);
    if (call?.accepted !== undefined) {
      this.#input({ kind: "met", inviteID, theirs: call.accepted, now: performance.now() });
    } else if (call?.busyLineUserIDList?.includes(peer)) {
      this.#input({ kind: "rejected", inviteID, self: false, busy: true });
    }
  }

  /** The reply to this page's accept. Of a call that ran before, the page learns who is in it. */
  async #accepted({ inviteID, call }: Acted): Promise<void> {
    this.#enters(call);
    const callID = call?.callID ?? inviteID;
    if (callID !== inviteID) {
      await this.#looksUp(callID);
    }
    this.#input({ kind: "picked", inviteID, callID, now: performance.now() });
  }

  /** Reads a call, which the client follows from then on. Without it, the page connects to whoever called it. */
  async #looksUp(callID: string): Promise<void> {
    await this.#session.patiently(() => this.#session.client.calls.get({ callID })).catch(() => undefined);
  }

  /** What the server tells this page alone of the way to the other one. */
  #enters(entry: CallEntry | undefined): void {
    this.media.reaches(entry?.media);
  }

  /** A page that was loaded again asks for what the reply to its invite had said. */
  async #enterAgain(callID: string): Promise<void> {
    const entry = await this.#session.client.calls.join({ callID }).catch(() => undefined);
    this.#enters(entry);
  }

  /** A page that was loaded again asks for what the events about the other side's devices had said. */
  async #looksHowFar(inviteID: string): Promise<void> {
    const got = await this.#session.client.signaling.get({ inviteID }).catch(() => undefined);
    const input = got && inputOfDevices(got.invitation);
    if (input !== undefined) {
      this.#input(input);
    }
  }

  /** Cancels, or hangs up when the other one was faster and is in the call. */
  async #takeBack(inviteID: string): Promise<void> {
    try {
      await this.#session.cancel(inviteID);
    } catch (thrown) {
      if (!(thrown instanceof WigwagError) || thrown.reason !== "settled") {
        throw thrown;
      }
      await this.#session.hangUp(inviteID, 0);
    }
  }

  #signalled({ callID, sender, data }: EventOf<"call.signal">): void {
    const { at } = this.call.get();
    const signals = readSignals(data);
    if (signals !== undefined && (at === "answering" || at === "calling" || at === "talking")) {
      this.#take({ callID, sender, signals });
    }
  }

  /** Applies signals, or keeps them until this page is in the call. */
  #take(early: Early): void {
    const call = this.call.get();
    const { callID, sender, signals } = early;
    if (call.at !== "talking") {
      this.#early = [...this.#early, early].slice(-MOST_EARLY);
    } else if (callID === call.inviteID) {
      this.media.take(sender, signals);
    }
  }

  async #sendSignals(to: string, signals: Signal[]): Promise<void> {
    const call = this.call.get();
    const callID = call.at === "talking" ? call.inviteID : isFree(call) ? this.#goingOn : undefined;
    if (callID !== undefined) {
      await this.#session.patiently(() => this.#session.signal(callID, to, signals));
    }
  }

  /** What the server said of the way to the media has ended. Asking again changes nothing for others. */
  async #asksForAccess(): Promise<MediaAccess> {
    const call = this.call.get();
    if (call.at !== "talking") {
      throw new Error("there is no call any more");
    }
    return (await this.#session.client.calls.join({ callID: call.inviteID })).media;
  }

  #opened(): void {
    const { me } = this.#session;
    const call = this.call.get();
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined) {
      void this.goOn(left).catch(() => undefined);
    } else {
      // Another device of the user's may be in a call, of which this page has heard nothing yet.
      void this.#session
        .patiently(() => this.#session.client.calls.list({ limit: 1 }))
        .then(
          () => this.#looksElsewhere(),
          () => undefined,
        );
    }
    if (call.at === "talking") {
      void this.#looksUp(call.inviteID).then(() => this.#meets());
    }
    const { invitations } = this.#session.client;
    for (const input of inputsOfOpening(invitations.all(), this.call.get(), me)) {
      this.#input(input);
    }
    const calling = invitations.get(sessionStorage.getItem(CALLING_KEY) ?? "");
    const [invitee] = calling?.invitees ?? [];
    if (calling?.status === "open" && calling.inviter === me && invitee !== undefined && calling.call !== undefined) {
      const { inviteID, call } = calling;
      this.#input({ kind: "restored", inviteID, peer: invitee.userID, media: mediaOf(call) });
      void this.#enterAgain(inviteID);
      void this.#looksHowFar(inviteID);
    }
  }
}

function isIn({ people, endedAt }: Pick<CallView, "people" | "endedAt">, me: string): boolean {
  return endedAt === undefined && people.some(({ userID, state }) => userID === me && state === "joined");
}

/** The call that this page was in when it was left, once. */
function takeLeft(): Elsewhere | undefined {
  const kept = sessionStorage.getItem(TALKING_KEY);
  sessionStorage.removeItem(TALKING_KEY);
  try {
    return (JSON.parse(kept ?? "null") as Elsewhere | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function toneOf(call: Call): Tone {
  return call.at === "ringing" ? (call.quiet ? "none" : "ring") : call.at === "calling" ? "ringback" : "none";
}

function rememberCalling(call: Call): void {
  if (call.at === "calling") {
    sessionStorage.setItem(CALLING_KEY, call.inviteID);
  } else {
    sessionStorage.removeItem(CALLING_KEY);
  }
}
