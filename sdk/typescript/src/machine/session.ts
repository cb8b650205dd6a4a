import type { AnyEvent } from "../events.js";
import type { SessionOpened } from "../wire/index.js";
import type { StreamPlace } from "./border.js";
import { cursorOf, type Outcome } from "./heard.js";
import type { Outbox } from "./outbox.js";
import { Acks, placeOf } from "./stream.js";
import { earliest } from "./time.js";

/** Longest wait for a sign of life after asking for one, ms. */
const PROBE_TIMEOUT_MS = 10_000;
/** A session that lived this long was a sound one, ms: the next attempt may come soon. */
const SOUND_SESSION_MS = 5_000;

/** Why a connection is to be given up; undefined when all is well. */
export type Trouble = string | undefined;

/** A session while it is open: frames in, commands and acks out, and the place of everything in the stream. */
export class Session {
  readonly #outbox: Outbox;
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

  constructor({ userID, cursor, head, pingInterval, limits }: SessionOpened, outbox: Outbox, now: number) {
    this.#outbox = outbox;
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

  sendWaiting(): void {
    if (this.#caughtUp) {
      this.#outbox.sendWaiting(this.#frameBytes);
    }
  }

  /** A frame came, whatever is in it. */
  alive(now: number): void {
    this.#heardAt = now;
    this.#deadAt = undefined;
  }

  /** A reply came; `awaited` when the app still waits for it. */
  replied(outcome: Outcome, awaited: boolean): Trouble {
    const cursor = cursorOf(outcome);
    if (cursor === undefined) {
      return undefined;
    }
    switch (placeOf(this.#place.cursor, cursor)) {
      case "next":
        if (!awaited) {
          // The app was told that the command is in doubt, so it has to hear of it as an event, by resuming.
          return "a command was carried out after it had been given up";
        }
        this.#movesTo(cursor);
        return undefined;
      case "old":
        return undefined;
      case "gap":
        return "a reply came out of its place in the stream";
    }
  }

  happened(event: AnyEvent, now: number): Trouble {
    switch (placeOf(this.#place.cursor, event.cursor, event.after)) {
      case "next":
        this.#movesTo(event.cursor);
        this.#outbox.push({ kind: "event", event });
        this.#ack(now);
        return undefined;
      case "old":
        return undefined;
      case "gap":
        return "an event is missing";
    }
  }

  /** The backlog is sent. */
  caughtUp(cursor: number): void {
    this.#caughtUp = true;
    this.#movesTo(Math.max(cursor, this.#place.cursor));
    this.sendWaiting();
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
      return "nothing was heard from the server for too long";
    }
    if ((this.#asksAt() ?? Infinity) <= now) {
      this.probe(now);
    }
    this.#ack(now);
    return undefined;
  }

  /** When to call `ages` at the latest. */
  nextWake(): number | undefined {
    return earliest(this.#deadAt ?? this.#asksAt(), this.#acks.dueAt(this.#place.cursor));
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
