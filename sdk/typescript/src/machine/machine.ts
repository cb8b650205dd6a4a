import { Book } from "../book/book.js";
import { WigwagError } from "../errors.js";
import type { AnyEvent, Resync } from "../events.js";
import { present } from "../present.js";
import type { Method, SessionOpen, SessionOpened, UserId } from "../wire/index.js";
import { Backoff } from "./backoff.js";
import type { Input, Output, Settings, StreamPlace } from "./border.js";
import { CLOSED, closedFor, mayReconnect } from "./closing.js";
import { type Outcome, read } from "./heard.js";
import { readOpened } from "./opened.js";
import { Outbox } from "./outbox.js";
import { Session, type Trouble } from "./session.js";
import { earliest } from "./time.js";

/** Longest wait for a token, ms: an app's own back end may be slow, but not for ever. */
const TOKEN_TIMEOUT_MS = 30_000;
/** Longest wait for a connection, and then for the reply to `session.open`, ms. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Expired tokens in a row after which there is taken to be no better one. */
const MOST_EXPIRED_TOKENS = 3;
/** Most commands without a reply: the server's default burst of 40 a user, with much to spare. */
const MOST_PENDING = 1_024;

/** Where a machine stands. */
type Phase =
  | { readonly at: "idle" }
  | { readonly at: "fetchingToken"; readonly until: number }
  | { readonly at: "connecting"; readonly until: number }
  | { readonly at: "opening"; readonly until: number; readonly request: number }
  | { readonly at: "open"; readonly session: Session }
  /** `notBefore`: the server asked for this much patience, whatever the network does. */
  | { readonly at: "waiting"; readonly until: number; readonly notBefore: number }
  | { readonly at: "stopped"; readonly why: WigwagError };

/**
 * The client's rules: pure, without socket, clock, timer or chance of its own.
 *
 * ```text
 *                    ┌──────────── token ───────────┐
 *  idle ─start─▶ fetchingToken ─token─▶ connecting ─connected─▶ opening ─reply─▶ open
 *                    ▲   ▲                  │                      │              │
 *                    │   └──expired─────────┼──────────────────────┤              │
 *                    └──time passed── waiting ◀────── lost ────────┴──────────────┘
 *                                                      any ──close 4500–4999, refused, asked──▶ stopped
 * ```
 *
 * The driver tells it what happened with `handle` and carries out what `poll` gives, in order. Times are ms on a clock that
 * never goes back and may start anywhere.
 */
export class Machine {
  /** The invitations that are known. */
  readonly book: Book;
  readonly #settings: Settings;
  readonly #outbox = new Outbox();
  readonly #backoff: Backoff;
  #phase: Phase = { at: "idle" };
  /** Where the stream was left by the last session. */
  #left: StreamPlace | undefined;
  #token: string | undefined;
  /** Sign-ins in a row that were refused because the token had expired. */
  #expiredTokens = 0;
  /** Whether the app takes events. */
  #room = true;

  /** One that has not begun: give it `start`. `book`: what is known from before. */
  constructor(settings: Settings, book = new Book()) {
    this.#settings = settings;
    this.book = book;
    this.#left = settings.place;
    this.#backoff = new Backoff(settings.reconnectMs, settings.random);
  }

  /** Takes in what happened. */
  handle(input: Input, now: number): void {
    switch (input.kind) {
      case "start":
        this.#outbox.tell({ status: "connecting" });
        return this.#connect(now);
      case "token":
        return this.#tokenGiven(input.token, now);
      case "noToken":
        return this.#phase.at === "fetchingToken" ? this.#wait(0, `no token: ${input.why}`, now) : undefined;
      case "connected":
        return this.#open(now);
      case "frame":
        return this.#frame(input.text, now);
      case "disconnected":
        return this.#disconnected(input.code, input.why, now);
      case "nudge":
        return this.#nudged(now);
      case "full":
        this.#room = false;
        return;
      case "room":
        return this.#roomAgain(now);
      case "timePassed":
        return this.#timePassed(now);
      case "stop":
        return this.#stopAsAsked(input.why);
    }
  }

  /** Takes in a command of the app's; `params` is its JSON. Gives the number under which it will be settled. */
  command(method: Method, params: string, now: number): number {
    const request = this.#outbox.takeID();
    const { requests } = this.#outbox;
    if (this.#phase.at === "stopped") {
      this.#outbox.fail(request, this.#phase.why);
    } else if (requests.size >= MOST_PENDING) {
      this.#outbox.fail(request, new WigwagError("overloaded", "too many commands wait for their reply; await some first"));
    } else {
      requests.add(request, { method, params }, now + this.#settings.requestTimeoutMs);
      this.#session?.sendWaiting(now);
    }
    return request;
  }

  /** The next thing to do, if any. */
  poll(): Output | undefined {
    return this.#outbox.poll();
  }

  /** When to give `timePassed` at the latest, if ever. */
  nextWake(): number | undefined {
    return earliest(this.#phaseEnds(), this.#outbox.requests.nextOverdue(), this.#offline ? this.book.nextEnd() : undefined);
  }

  /** Whether a session is wanted and there is none. */
  get #offline(): boolean {
    const { at } = this.#phase;
    return at !== "idle" && at !== "open" && at !== "stopped";
  }

  /**
   * Where a new process goes on. Undefined before the first session without a stored place, and while a resync is not told yet: a process
   * that ends then has to be told of it in its next life, so what was stored before stays.
   */
  get place(): StreamPlace | undefined {
    return this.#outbox.resyncing ? undefined : this.#reached;
  }

  /** Everything up to here has been told, or stood in a reply. */
  get #reached(): StreamPlace | undefined {
    return this.#session?.place ?? this.#left;
  }

  /** Who is signed in, once it is known what is open. */
  get ready(): UserId | undefined {
    return this.book.complete ? this.#session?.place.userID : undefined;
  }

  /** Why it ended, once it has. */
  get stopped(): WigwagError | undefined {
    return this.#phase.at === "stopped" ? this.#phase.why : undefined;
  }

  get #session(): Session | undefined {
    return this.#phase.at === "open" ? this.#phase.session : undefined;
  }

  // From nothing to an open session: token, connection, sign-in.

  #connect(now: number): void {
    if (this.#token === undefined) {
      this.#phase = { at: "fetchingToken", until: now + TOKEN_TIMEOUT_MS };
      this.#outbox.push({ kind: "fetchToken" });
    } else {
      this.#phase = { at: "connecting", until: now + CONNECT_TIMEOUT_MS };
      this.#outbox.push({ kind: "connect" });
    }
  }

  #tokenGiven(token: string, now: number): void {
    if (this.#phase.at === "fetchingToken") {
      this.#token = token;
      this.#connect(now);
    }
  }

  #open(now: number): void {
    const token = this.#token;
    if (this.#phase.at !== "connecting" || token === undefined) {
      return;
    }
    const { userID, deviceID, platform } = this.#settings;
    const params: SessionOpen = present({ token, deviceID, platform, userID, cursor: this.#left?.cursor });
    const request = this.#outbox.ask("session.open", JSON.stringify(params), token);
    this.#phase = { at: "opening", request, until: now + CONNECT_TIMEOUT_MS };
  }

  #openAnswered(outcome: Outcome, now: number): void {
    if ("error" in outcome) {
      return this.#openRefused(outcome.error, now);
    }
    const opened = readOpened(outcome.result);
    if (opened === undefined) {
      return this.#lost("unreadable reply to session.open", now);
    }
    if (this.#left !== undefined && this.#left.userID !== opened.userID) {
      return this.#startOver(now);
    }
    this.#opened(opened, now);
  }

  /** The stored place is of another user's stream: sign in once more without it. */
  #startOver(now: number): void {
    this.#left = undefined;
    this.book.clear();
    this.#outbox.resyncing = undefined;
    this.#outbox.watched = undefined;
    this.#outbox.push({ kind: "disconnect" });
    this.#connect(now);
  }

  #opened(opened: SessionOpened, now: number): void {
    // A resync that was not told, because the connection was lost between two pages, is told now.
    const why = resyncReason(this.#left, opened);
    this.#outbox.resyncing = why ?? this.#outbox.resyncing;
    if (why !== undefined) {
      // Their steps may be among the events that are missing, and no listing shows them.
      this.book.calls.clear();
    }
    const session = new Session(opened, { outbox: this.#outbox, book: this.book, settings: this.#settings }, now);
    this.#expiredTokens = 0;
    this.#phase = { at: "open", session };
    this.#outbox.tell({ status: "open", userID: opened.userID, serverTime: opened.time });
    if (opened.openInvitations !== undefined) {
      session.bookkeeper.startsWith(opened, now);
    }
    session.bookkeeper.watchAgain();
    session.sendWaiting(now);
  }

  #openRefused(error: WigwagError, now: number): void {
    this.#outbox.push({ kind: "disconnect" });
    if (error.reason === "tokenExpired") {
      this.#tokenExpired(error, now);
    } else if (error.retryable) {
      this.#wait(error.retryAfterMs ?? 0, error.message, now);
    } else {
      this.#stop(error);
    }
  }

  #tokenExpired(error: WigwagError, now: number): void {
    const renews = this.#settings.renewsToken(this.#token);
    this.#expiredTokens += 1;
    this.#token = undefined;
    if (renews && this.#expiredTokens < MOST_EXPIRED_TOKENS) {
      this.#wait(0, error.message, now);
    } else {
      this.#stop(error);
    }
  }

  // While a session is open: everything goes through it, and tells when the connection must be given up.

  #frame(text: string, now: number): void {
    this.#session?.alive(now);
    const heard = read(text);
    switch (heard.kind) {
      case "reply":
        return this.#reply(heard.request, heard.outcome, now);
      case "event":
        return this.#event(heard.event, now);
      case "caughtUp":
        return this.#session?.caughtUp(heard.cursor, now);
      case "status":
        return this.#outbox.push(heard);
      case "unreadable":
        return this.#lost(`unreadable frame: ${heard.why}`, now);
      case "nothing":
        return;
    }
  }

  #reply(request: number, outcome: Outcome, now: number): void {
    if (this.#phase.at === "opening" && this.#phase.request === request) {
      return this.#openAnswered(outcome, now);
    }
    if (this.#session?.bookkeeper.waits(request, outcome, now)) {
      return;
    }
    const command = this.#outbox.requests.settle(request);
    const trouble = this.#session?.replied(request, command, outcome, now);
    if (command !== undefined && "error" in outcome) {
      this.#outbox.fail(request, outcome.error, command.carriedOut);
    } else if (command !== undefined) {
      this.#outbox.push({ kind: "settle", request, outcome });
    }
    this.#mind(trouble, now);
  }

  #event(event: AnyEvent, now: number): void {
    const trouble =
      this.#session === undefined
        ? "an event came before the reply to session.open"
        : this.#session.happened(event, this.#room, now);
    this.#mind(trouble, now);
  }

  #roomAgain(now: number): void {
    this.#room = true;
    if (this.#session?.skipped) {
      this.#lost("the app did not keep up", now);
    }
  }

  #mind(trouble: Trouble, now: number): void {
    if (trouble !== undefined) {
      this.#lost(trouble, now);
    }
  }

  // Ends: of a connection, of a command's patience, of it all.

  #disconnected(code: number | undefined, why: string, now: number): void {
    if (!this.#expectsConnection()) {
      return;
    }
    if (code !== undefined && !mayReconnect(code) && code !== CLOSED.tokenExpired) {
      return this.#stop(closedFor(code));
    }
    this.#endSession(now);
    if (code === CLOSED.tokenExpired) {
      this.#tokenExpired(closedFor(code), now);
    } else {
      this.#wait(0, why, now);
    }
  }

  #expectsConnection(): boolean {
    return this.#phase.at === "connecting" || this.#phase.at === "opening" || this.#phase.at === "open";
  }

  /** Gives the connection up from this side. */
  #lost(why: string, now: number): void {
    if (this.#expectsConnection()) {
      this.#outbox.push({ kind: "disconnect" });
      this.#endSession(now);
      this.#wait(0, why, now);
    }
  }

  #endSession(now: number): void {
    if (this.#session?.wasSound(now)) {
      this.#backoff.reset();
    }
    this.#left = this.#reached;
    const why = new WigwagError(
      "connectionLost",
      "the connection was lost before the reply; the command may have been carried out",
    );
    this.#outbox.failAll(this.#outbox.requests.connectionLost(), why);
  }

  #wait(floorMs: number, why: string, now: number): void {
    const retryInMs = this.#backoff.nextMs(floorMs);
    this.#phase = { at: "waiting", until: now + retryInMs, notBefore: now + floorMs };
    this.#outbox.tell({ status: "reconnecting", retryInMs, why });
  }

  #nudged(now: number): void {
    if (this.#phase.at === "waiting" && this.#phase.notBefore <= now) {
      this.#connect(now);
    }
    this.#session?.probe(now);
  }

  #timePassed(now: number): void {
    const why = new WigwagError("requestTimeout", "the server did not answer in time; the command may have been carried out");
    this.#outbox.failAll(this.#outbox.requests.overdue(now), why);
    for (const inviteID of this.#offline ? this.book.endOverdue(now) : []) {
      this.#outbox.push({ kind: "ringOver", inviteID });
    }
    const phase = this.#phase;
    if (phase.at === "open") {
      this.#mind(phase.session.ages(now), now);
    } else if ((this.#phaseEnds() ?? Infinity) <= now) {
      this.#phaseOver(phase.at, now);
    }
  }

  #phaseOver(at: Phase["at"], now: number): void {
    switch (at) {
      case "waiting":
        return this.#connect(now);
      case "fetchingToken":
        return this.#wait(0, "no token in time", now);
      case "connecting":
        return this.#lost("no connection in time", now);
      case "opening":
        return this.#lost("no answer to the sign-in in time", now);
      case "idle":
      case "open":
      case "stopped":
        return;
    }
  }

  #phaseEnds(): number | undefined {
    const phase = this.#phase;
    switch (phase.at) {
      case "open":
        return phase.session.nextWake();
      case "waiting":
      case "fetchingToken":
      case "connecting":
      case "opening":
        return phase.until;
      case "idle":
      case "stopped":
        return undefined;
    }
  }

  #stopAsAsked(why: WigwagError): void {
    if (this.#phase.at === "stopped") {
      return;
    }
    if (this.#phase.at === "open") {
      this.#outbox.ask("session.close", "{}");
    }
    if (this.#expectsConnection()) {
      this.#outbox.push({ kind: "disconnect" });
    }
    this.#stop(why);
  }

  #stop(why: WigwagError): void {
    this.#outbox.failAll(this.#outbox.requests.all(), why);
    this.#left = this.#reached;
    this.#phase = { at: "stopped", why };
    this.#outbox.tell({ status: "closed", why });
  }
}

function resyncReason(left: StreamPlace | undefined, opened: SessionOpened): Resync["why"] | undefined {
  if (left === undefined) {
    return "noCursor";
  }
  return opened.resync === true || opened.cursor !== left.cursor ? "cursorTooOld" : undefined;
}
