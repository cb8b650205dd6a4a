import { type Acted, type CallEntry, type EventOf, uuidv7, WigwagError } from "@wigwag/sdk";
import { type Media, mediaOf, readSignals, type Signal } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { endingOf, inputOfEvent, inputsOfOpening } from "./inputs.js";
import { type Call, type Effect, type Input, isFree, next } from "./machine.js";
import { CallMedia } from "./media.js";
import { type Tone, Tones } from "./tones.js";

/** Timeout of a call, s. */
const RINGS_S = 30;

/** The key in the session storage for the inviteID of an outgoing call, so that a reloaded page goes on calling. */
const CALLING_KEY = "wigwag.calling";

/** The calls of this page: it feeds the machine with inputs and carries out its effects. */
export class Calls {
  readonly call = new Store<Call>({ at: "idle" });
  /** Whether the call stands beside the scene, which can be used meanwhile; otherwise it covers the scene. */
  readonly small = new Store(false);
  /** Whether the user looks at their camera and microphone, outside a call. */
  readonly checking = new Store(false);
  readonly media: CallMedia;
  readonly #session: Session;
  readonly #tones = new Tones();
  readonly #ends: (() => void)[];
  /** Signals of the other side that came before this page knew that both are in the call. */
  #early: { readonly callID: string; readonly signals: readonly Signal[] }[] = [];
  /** Effects that are being carried out. */
  readonly #doing = new Set<Promise<void>>();

  constructor(session: Session, stun: readonly string[]) {
    this.#session = session;
    this.media = new CallMedia(
      stun,
      (signals) => this.#sendSignals(signals),
      () => this.#about((inviteID) => ({ kind: "lost", inviteID, now: performance.now() })),
    );
    // A page that rings or calls can go on after a reload; a page that talks cannot.
    const leave = () => this.call.get().at === "talking" && this.hangUp();
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

  answer(): void {
    this.#input({ kind: "answer" });
  }

  decline(): void {
    this.#input({ kind: "decline" });
  }

  /** Cancels a call that was not answered, or ends one that was. */
  hangUp(): void {
    this.#input({ kind: "hangUp", now: performance.now() });
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
      this.media.close();
    } else {
      this.media.openDevices(call.media);
    }
    if (call.at === "talking") {
      this.media.connect(call.media, call.role === "offers");
      for (const { callID, signals } of this.#early.splice(0)) {
        this.media.take(callID === call.inviteID ? signals : []);
      }
    }
  }

  async #do(effect: Effect): Promise<void> {
    const session = this.#session;
    try {
      switch (effect.do) {
        case "invite": {
          const { inviteID, peer: invitee, media } = effect;
          const wish = { inviteID, invitee, timeout: RINGS_S, call: { mediaType: media } };
          return this.#called(await session.invite(wish, { scene: "call", media }), invitee);
        }
        case "accept":
          this.#enters((await session.accept(effect.inviteID)).call);
          return this.#input({ kind: "picked", inviteID: effect.inviteID, now: performance.now() });
        case "reject":
          return void (await session.reject(effect.inviteID, effect.busy ? { scene: "call", busy: true } : undefined));
        case "cancel":
          return await this.#takeBack(effect.inviteID);
        case "hangUp":
          return await session.hangUp(effect.inviteID, effect.seconds);
      }
    } catch (thrown) {
      this.#input({ kind: "failed", inviteID: effect.inviteID, ...endingOf(thrown) });
    }
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

  /** What the server tells this page alone of the way to the other one. */
  #enters(entry: CallEntry | undefined): void {
    this.media.reaches(entry?.media);
  }

  /** A page that was loaded again asks for what the reply to its invite had said. */
  async #enterAgain(callID: string): Promise<void> {
    const entry = await this.#session.client.calls.join({ callID }).catch(() => undefined);
    this.#enters(entry);
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
    const call = this.call.get();
    const signals = call.at !== "idle" && sender === call.peer ? readSignals(data) : undefined;
    if (signals === undefined) {
      return;
    }
    if (call.at === "answering" || call.at === "calling") {
      this.#early.push({ callID, signals });
    } else if (call.at === "talking" && callID === call.inviteID) {
      this.media.take(signals);
    }
  }

  async #sendSignals(signals: Signal[]): Promise<void> {
    const call = this.call.get();
    if (call.at === "talking") {
      await this.#session.signal(call.inviteID, call.peer, signals);
    }
  }

  #opened(): void {
    const { me } = this.#session;
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
    }
  }
}

function toneOf(call: Call): Tone {
  return call.at === "ringing" ? "ring" : call.at === "calling" ? "ringback" : "none";
}

function rememberCalling(call: Call): void {
  if (call.at === "calling") {
    sessionStorage.setItem(CALLING_KEY, call.inviteID);
  } else {
    sessionStorage.removeItem(CALLING_KEY);
  }
}
