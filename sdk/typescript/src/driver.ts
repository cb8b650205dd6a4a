import type { Book } from "./book/book.js";
import type { Emitter } from "./emitter.js";
import { type WigwagError, wordsOf } from "./errors.js";
import type { AnyEvent, State } from "./events.js";
import { Held } from "./held.js";
import type { Input, Output, Own, Settings, StreamPlace } from "./machine/border.js";
import { Machine } from "./machine/machine.js";
import { now } from "./now.js";
import { watchPresence } from "./transport/presence.js";
import { Saver } from "./transport/saver.js";
import { Link, type WebSocketConstructor } from "./transport/socket.js";
import type { CursorStore } from "./transport/tab.js";
import type { Method, Methods, UserId } from "./wire/index.js";

/** Who has to know how far a driver has come. */
export interface Life {
  /** Somebody is signed in and it is known what is open; called perhaps often. */
  open(userID: UserId): void;
  /** It will not connect again; called before listeners are told. */
  end(why: WigwagError): void;
}

/** What a driver works with. */
export interface Parts {
  readonly settings: Omit<Settings, "ownActs">;
  readonly book: Book;
  readonly life: Life;
  readonly url: string;
  readonly webSocket: WebSocketConstructor;
  readonly token: () => string | Promise<string>;
  readonly store: CursorStore | undefined;
  readonly emitter: Emitter;
}

interface Reply {
  readonly resolve: (result: never) => void;
  readonly reject: (error: WigwagError) => void;
}

/** Longest delay a timer of JavaScript can hold, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The shell around the machine: the socket, the clock, the token, the store of cursors, and who listens. */
export class Driver {
  readonly #parts: Parts;
  readonly #machine: Machine;
  readonly #saver: Saver;
  readonly #replies = new Map<number, Reply>();
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: () => void = () => {};
  #carrying = false;
  #fetches = 0;
  readonly #held = new Held(() => this.#freed());
  /** The machine was told that the app holds too many events. */
  #full = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#machine = new Machine({ ...parts.settings, ownActs: () => parts.emitter.wantsOwnActs }, parts.book);
    this.#saver = new Saver(parts.store, (error) => parts.emitter.emit("warning", error));
  }

  start(): void {
    this.#unwatch = watchPresence(
      () => this.#input({ kind: "nudge" }),
      () => void this.#saver.flush(),
    );
    this.#input({ kind: "start" });
  }

  /** Ends the session; resolves when the cursor is stored. */
  async stop(why: WigwagError): Promise<void> {
    this.#held.clear();
    this.#input({ kind: "stop", why });
    // A listener may have asked for it: then the outputs are carried out when it has returned.
    await undefined;
    await this.#saver.flush();
  }

  /** Sends a command whose params are JSON; settles once, whatever happens. */
  call<M extends Method>(method: M, params: string): Promise<Methods[M]["result"]> {
    return new Promise((resolve, reject) => {
      const request = this.#machine.command(method, params, now());
      this.#replies.set(request, { resolve, reject });
      this.#carryOut();
    });
  }

  /** Where the stream was left, for a client that connects again later. */
  get place(): StreamPlace | undefined {
    return this.#machine.place;
  }

  #input(input: Input): void {
    this.#machine.handle(input, now());
    this.#carryOut();
  }

  /** Does what the machine wants, in order. A listener that calls the client adds to the end of it. */
  #carryOut(): void {
    if (this.#carrying) {
      return;
    }
    this.#carrying = true;
    for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) {
      this.#do(output);
    }
    this.#carrying = false;
    this.#afterwards();
  }

  #do(output: Output): void {
    switch (output.kind) {
      case "fetchToken":
        return void this.#fetchToken();
      case "connect":
        return this.#dial();
      case "disconnect":
        return this.#hangUp();
      case "send":
        return this.#send(output.text, output.secret);
      case "state":
        return this.#moved(output.state);
      case "event":
        return this.#tell(output.event, output.own);
      case "resync":
        return this.#parts.emitter.emit("resync", output.resync);
      case "ringOver":
        return this.#parts.emitter.emit("ringOver", { inviteID: output.inviteID });
      case "status":
        return this.#parts.emitter.emit("user.status", output.status);
      case "settle":
        return this.#settle(output.request, output.outcome);
    }
  }

  #moved(state: State): void {
    if (state.status === "closed") {
      this.#parts.life.end(state.why);
    }
    this.#parts.emitter.emit("state", state);
  }

  /** Everything is told: the place may be kept, and the next wish of the machine is known. */
  #afterwards(): void {
    this.#keepPlace();
    if (this.#machine.ready !== undefined) {
      this.#parts.life.open(this.#machine.ready);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const wake = this.#machine.nextWake();
    if (wake !== undefined) {
      const delay = Math.min(Math.max(0, Math.ceil(wake - now())), LONGEST_TIMER_MS);
      this.#timer = setTimeout(() => this.#input({ kind: "timePassed" }), delay);
    }
    if (this.#machine.stopped !== undefined) {
      this.#unwatch();
    }
  }

  async #fetchToken(): Promise<void> {
    const fetch = ++this.#fetches;
    let input: Input;
    try {
      const token: unknown = await this.#parts.token();
      const sound = typeof token === "string" && token !== "";
      input = sound ? { kind: "token", token } : { kind: "noToken", why: "the token function gave no text" };
    } catch (thrown) {
      input = { kind: "noToken", why: wordsOf(thrown) };
    }
    // One that was given up may still come after the next was asked for.
    if (fetch === this.#fetches) {
      this.#input(input);
    }
  }

  #dial(): void {
    this.#link = new Link(this.#parts.webSocket, this.#parts.url, {
      connected: () => this.#input({ kind: "connected" }),
      text: (text) => {
        this.#show("received", text);
        this.#input({ kind: "frame", text });
      },
      ended: (code, why) => this.#input({ kind: "disconnected", code, why }),
    });
  }

  #hangUp(): void {
    this.#link?.hangUp();
    this.#link = undefined;
  }

  #send(text: string, secret: string | undefined): void {
    this.#show("sent", secret === undefined ? text : text.replace(JSON.stringify(secret), () => '"…"'));
    this.#link?.send(text);
  }

  #show(direction: "sent" | "received", text: string): void {
    if (this.#parts.emitter.has("frame")) {
      this.#parts.emitter.emit("frame", { direction, text });
    }
  }

  #tell(event: AnyEvent, own: Own | undefined): void {
    for (const busy of this.#parts.emitter.tell(event, own)) {
      this.#held.add(event.cursor, busy);
    }
    if (this.#held.part >= 1) {
      this.#full = true;
      this.#machine.handle({ kind: "full" }, now());
    }
  }

  /** Listeners are done with an event. */
  #freed(): void {
    this.#keepPlace();
    // Not before half of them are gone, because resuming costs a connection.
    if (this.#full && this.#held.part <= 0.5) {
      this.#full = false;
      this.#input({ kind: "room" });
    }
  }

  /** What listeners are still busy with is told again after a crash. */
  #keepPlace(): void {
    const { place } = this.#machine;
    if (place !== undefined) {
      const { oldest } = this.#held;
      this.#saver.want(oldest === undefined ? place : { ...place, cursor: Math.min(place.cursor, oldest - 1) });
    }
  }

  #settle(request: number, outcome: { result: unknown } | { error: WigwagError }): void {
    const reply = this.#replies.get(request);
    this.#replies.delete(request);
    if ("error" in outcome) {
      reply?.reject(outcome.error);
    } else {
      reply?.resolve(outcome.result as never);
    }
  }
}
