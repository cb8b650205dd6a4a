import { uuidv7 } from "@wigwag/sdk";
import { type Media, readNote, readPurpose, type Signal } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { endingOf, endOf, inputOfEvent, inputsOfOpening } from "./inputs.js";
import { type Call, type Effect, type Input, next } from "./machine.js";
import { CallMedia } from "./media.js";
import { type Tone, Tones } from "./tones.js";

/** Timeout of a call, s. */
const RINGS_S = 30;

/** How long after the deadline a page that hears nothing from the server stops ringing, ms. */
const GRACE_MS = 1_000;

/** The key in the session storage for the inviteID of an outgoing call, so that a reloaded page goes on calling. */
const CALLING_KEY = "wigwag.calling";

/** The calls of this page: it feeds the machine with inputs and carries out its effects. */
export class Calls {
  readonly call = new Store<Call>({ at: "idle" });
  readonly media: CallMedia;
  readonly #session: Session;
  readonly #tones = new Tones();
  readonly #ends: (() => void)[];
  /** Signals that arrived while the server had not confirmed this page's accept yet. */
  #early: Signal[] = [];
  /** Effects that are being carried out. */
  readonly #doing = new Set<Promise<void>>();
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, stun: readonly string[]) {
    this.#session = session;
    this.media = new CallMedia(
      stun,
      (signals) => this.#sendSignals(signals),
      () => this.#about((inviteID) => ({ kind: "lost", inviteID, now: performance.now() })),
    );
    // A page that rings or calls can go on after a reload; a page that talks cannot.
    const leave = () => this.call.get().at === "talking" && this.hangUp();
    addEventListener("pagehide", leave);
    this.#ends = [
      session.on((event) => {
        this.#signalled(event);
        const input = inputOfEvent(event, session.me, performance.now());
        if (input !== undefined) {
          this.#input(input);
        }
      }),
      session.onOpening(() => this.#opened()),
      session.client.on("state", ({ status }) => status === "open" && this.media.repair()),
      () => removeEventListener("pagehide", leave),
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

  /** Ends this page's call, and resolves when the server has heard of it. An incoming call goes on ringing on other devices. */
  async close(): Promise<void> {
    const { at } = this.call.get();
    if (at === "calling" || at === "talking") {
      this.hangUp();
    }
    this.#ends.forEach((end) => {
      end();
    });
    clearTimeout(this.#deadline);
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
    const { call, effects } = next(before, input, this.#session.me);
    this.call.set(call);
    for (const effect of effects) {
      const doing = this.#do(effect).finally(() => this.#doing.delete(doing));
      this.#doing.add(doing);
    }
    if (call !== before) {
      this.#follow(call);
    }
  }

  /** Sets tones, media and the deadline by the state of the call. */
  #follow(call: Call): void {
    this.#tones.play(toneOf(call));
    this.#watchDeadline(call);
    rememberCalling(call);
    if (call.at === "idle" || call.at === "over" || call.at === "ringing") {
      this.#early = [];
      this.media.close();
    } else {
      this.media.openDevices(call.media);
    }
    if (call.at === "talking") {
      this.media.connect(call.media, call.role === "offers");
      this.media.take(this.#early.splice(0));
    }
  }

  async #do(effect: Effect): Promise<void> {
    const session = this.#session;
    try {
      switch (effect.do) {
        case "invite": {
          const { inviteID, peer: invitee, media } = effect;
          const purpose = { scene: "call", media } as const;
          const { deadline, time } = await session.invite({ inviteID, invitee, timeout: RINGS_S }, purpose);
          return this.#input({
            kind: "called",
            inviteID,
            ...(deadline === undefined ? {} : { endsAt: performance.now() + deadline - time }),
          });
        }
        case "accept":
          await session.accept(effect.inviteID);
          return this.#input({ kind: "picked", inviteID: effect.inviteID, now: performance.now() });
        case "reject":
          return void (await session.reject(effect.inviteID, effect.busy ? { scene: "call", busy: true } : undefined));
        case "cancel":
          return void (await session.cancel(effect.inviteID));
        case "end": {
          const { inviteID, seconds, peer } = effect;
          return void (await session.note({ userID: peer }, { scene: "call", action: "end", inviteID, seconds }, "stored"));
        }
      }
    } catch (thrown) {
      this.#input({ kind: "failed", inviteID: effect.inviteID, ...endingOf(thrown) });
    }
  }

  #signalled(event: Parameters<Parameters<Session["on"]>[0]>[0]): void {
    const call = this.call.get();
    if (event.type !== "message.received" || event.message.sender === this.#session.me || call.at === "idle") {
      return;
    }
    const note = readNote(event.message.content.data);
    if (
      note?.scene === "call" &&
      note.action === "signal" &&
      note.inviteID === call.inviteID &&
      event.message.sender === call.peer
    ) {
      if (call.at === "talking") {
        this.media.take(note.signals);
      } else if (call.at === "answering") {
        this.#early.push(...note.signals);
      }
    }
  }

  async #sendSignals(signals: Signal[]): Promise<void> {
    const call = this.call.get();
    if (call.at === "talking") {
      const { inviteID, peer } = call;
      await this.#session.note({ userID: peer }, { scene: "call", action: "signal", inviteID, signals }, "none");
    }
  }

  #opened(): void {
    const { me } = this.#session;
    const { invitations } = this.#session.client;
    for (const input of inputsOfOpening(invitations.all(), this.call.get(), me, performance.now())) {
      this.#input(input);
    }
    const calling = invitations.get(sessionStorage.getItem(CALLING_KEY) ?? "");
    const purpose = readPurpose(calling?.data);
    const [invitee] = calling?.invitees ?? [];
    if (calling?.status === "open" && calling.inviter === me && invitee !== undefined && purpose?.scene === "call") {
      const { inviteID } = calling;
      const until = endOf(calling, performance.now());
      this.#input({ kind: "restored", inviteID, peer: invitee.userID, media: purpose.media, ...until });
    }
  }

  /** The server's event ends the ringing. A page that cannot hear it stops after the deadline. */
  #watchDeadline(call: Call): void {
    clearTimeout(this.#deadline);
    if ((call.at === "ringing" || call.at === "calling") && call.endsAt !== undefined) {
      const { inviteID, endsAt } = call;
      this.#deadline = setTimeout(() => this.#input({ kind: "gone", inviteID }), endsAt + GRACE_MS - performance.now());
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
