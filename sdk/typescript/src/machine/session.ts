import type { Book } from "../book/book.js";
import type { AnyEvent } from "../events.js";
import type { SessionOpened } from "../wire/index.js";
import type { Command } from "./acts.js";
import { Bookkeeper } from "./bookkeeper.js";
import type { Settings, StreamPlace } from "./border.js";
import { cursorOf, type Outcome } from "./heard.js";
import type { Outbox } from "./outbox.js";
import { Acks, placeOf } from "./stream.js";
import { earliest } from "./time.js";

/** Longest wait for a sign of life after asking for one, ms. */
const PROBE_TIMEOUT_MS = 10_000;
/** A session that lived this long was a sound one, ms: the next attempt may come soon. */
const SOUND_SESSION_MS = 5_000;

/** What a session works with. */
export interface SessionParts {
  readonly outbox: Outbox;
  readonly book: Book;
  readonly settings: Settings;
}

/** Why a connection is to be given up; undefined when all is well. */
export type Trouble = string | undefined;

/** A session while it is open: frames in, commands and acks out, and the place of everything in the stream. */
export class Session {
  readonly #outbox: Outbox;
  /** What the session is asked and asks by itself. */
  readonly bookkeeper: Bookkeeper;
  readonly #acks = new Acks();
  readonly #openedAt: number;
  readonly #frameBytes: number;
  /** ms of silence after which the server is asked whether it is there; undefined when it does not ping either. */
  readonly #quietMs: number | undefined;
  #place: StreamPlace;
  #heardAt: number;
  /** The question is asked: without any frame until then the connection is dead. */
  #deadAt: number | undefined;
  /** Commands wait until then, so that their replies meet a complete stream. */
  #caughtUp: boolean;
  /** An event was not taken because the app holds too many: resume when there is room. */
  #skipped = false;

  constructor({ userID, cursor, head, pingInterval, limits }: SessionOpened, parts: SessionParts, now: number) {
    const { outbox, book, settings } = parts;
    const { deviceID, platform, ownActs } = settings;
    this.#outbox = outbox;
    this.bookkeeper = new Bookkeeper(book, outbox, { userID, device: { deviceID, platform } }, ownActs);
    this.#acks.done(cursor, now);
    this.#openedAt = now;
    this.#frameBytes = limits.frameBytes;
    this.#quietMs = pingInterval > 0 ? pingInterval * 1_000 : undefined;
    this.#place = { userID, cursor };
    this.#heardAt = now;
    this.#caughtUp = head <= cursor;
  }

  get place(): StreamPlace {
    return this.#place;
  }

  wasSound(now: number): boolean {
    return now - this.#openedAt >= SOUND_SESSION_MS;
  }

  /** Whether events were skipped: the session has to be resumed when there is room. */
  get skipped(): boolean {
    return this.#skipped;
  }

  sendWaiting(now: number): void {
    if (this.#caughtUp) {
      this.bookkeeper.sendWaiting(this.#frameBytes, now);
    }
  }

  /** A frame came, whatever is in it. */
  alive(now: number): void {
    this.#heardAt = now;
    this.#deadAt = undefined;
  }

  /** A reply came; `command` is what the app still waits for. */
  replied(request: number, command: Command | undefined, outcome: Outcome, now: number): Trouble {
    const trouble = this.bookkeeper.read(request, command === undefined, outcome, now);
    const cursor = cursorOf(outcome);
    if (cursor === undefined || "error" in outcome) {
      return trouble;
    }
    switch (placeOf(this.#place.cursor, cursor)) {
      case "next":
        return this.#acted(command, outcome.result, cursor, now);
      case "old":
        return undefined;
      case "gap":
        // After a skipped event a gap is no news: the session is resumed anyway.
        return this.#skipped ? undefined : "a reply is out of its place";
    }
  }

  /** An event came; without `room` it is not taken. */
  happened(event: AnyEvent, room: boolean, now: number): Trouble {
    switch (placeOf(this.#place.cursor, event.cursor, event.after)) {
      case "next":
        if (room) {
          this.#movesTo(event.cursor);
          if (event.remainingMs !== undefined) {
            this.#acks.rings(event.cursor);
          }
          this.bookkeeper.heard(event, now);
          this.#ack(now);
        } else {
          this.#skipped = true;
        }
        return undefined;
      case "old":
        return undefined;
      case "gap":
        return this.#skipped ? undefined : "an event is missing";
    }
  }

  /** The backlog is sent. */
  caughtUp(cursor: number, now: number): void {
    this.#caughtUp = true;
    if (!this.#skipped) {
      this.#movesTo(Math.max(cursor, this.#place.cursor));
    }
    this.sendWaiting(now);
  }

  /**
   * Asks for a sign of life, unless that was done already: no WebSocket of a browser tells of the server's pings. An ack with an
   * id is answered and changes nothing.
   */
  probe(now: number): void {
    if (this.#deadAt === undefined) {
      const { cursor } = this.#place;
      this.#deadAt = now + PROBE_TIMEOUT_MS;
      this.#acks.done(cursor, now);
      this.#outbox.ask("session.ack", `{"cursor":${cursor}}`);
    }
  }

  ages(now: number): Trouble {
    if (this.#deadAt !== undefined && this.#deadAt <= now) {
      return "the server is silent";
    }
    if ((this.#asksAt() ?? Infinity) <= now) {
      this.probe(now);
    }
    this.#ack(now);
    this.bookkeeper.askAgain(now);
    return undefined;
  }

  /** When to call `ages` at the latest. */
  nextWake(): number | undefined {
    return earliest(this.#deadAt ?? this.#asksAt(), this.#acks.dueAt(this.#place.cursor), this.bookkeeper.asksAgainAt());
  }

  /** A command was carried out; `command` is undefined when it was given up, so that the app does not know. */
  #acted(command: Command | undefined, result: unknown, cursor: number, now: number): Trouble {
    const event = command === undefined ? "untold" : this.bookkeeper.acted(command, result, now);
    if (event === "untold") {
      return "an own act has to come as an event";
    }
    this.#movesTo(cursor);
    if (event !== undefined) {
      this.#outbox.push({ kind: "event", event, own: "replied" });
    }
    return undefined;
  }

  #asksAt(): number | undefined {
    return this.#quietMs === undefined ? undefined : this.#heardAt + this.#quietMs;
  }

  #ack(now: number): void {
    const { cursor } = this.#place;
    if ((this.#acks.dueAt(cursor) ?? Infinity) <= now) {
      this.#acks.done(cursor, now);
      this.#outbox.push({ kind: "send", text: `{"jsonrpc":"2.0","method":"session.ack","params":{"cursor":${cursor}}}` });
    }
  }

  #movesTo(cursor: number): void {
    this.#place = { ...this.#place, cursor };
  }
}
