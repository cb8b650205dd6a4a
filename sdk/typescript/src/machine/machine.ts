import { WigwagError } from "../errors.js";
import type { AnyEvent, Resync, State } from "../events.js";
import { CLOSE_CODES, type Method, type SessionOpen, type SessionOpened } from "../wire/index.js";
import { Backoff } from "./backoff.js";
import type { Input, Output, Phase, Session, Settings, StreamPlace } from "./border.js";
import { closedFor, mayReconnect } from "./closing.js";
import { cursorOf, type Outcome, read } from "./heard.js";
import { readOpened } from "./opened.js";
import { Requests } from "./pending.js";
import { Acks, placeOf } from "./stream.js";
import { bytesOf } from "./text.js";

/** Longest wait for a token, ms: an app's own back end may be slow, but not for ever. */
const TOKEN_TIMEOUT_MS = 30_000;
/** Longest wait for a connection, and then for the reply to `session.open`, ms. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Longest wait for a sign of life after asking for one, ms. */
const PROBE_TIMEOUT_MS = 10_000;
/** A session that lived this long was a sound one, ms: the next attempt may come soon. */
const SOUND_SESSION_MS = 5_000;
/** Expired tokens in a row after which there is taken to be no better one. */
const MOST_EXPIRED_TOKENS = 3;
/** Most commands without a reply: the server's default burst of 40 a user, with much to spare. */
const MOST_PENDING = 1_024;

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
  readonly #settings: Settings;
  readonly #requests = new Requests();
  readonly #acks = new Acks();
  readonly #backoff: Backoff;
  readonly #outputs: Output[] = [];
  #phase: Phase = { at: "idle" };
  #place: StreamPlace | undefined;
  #token: string | undefined;
  /** Sign-ins in a row that were refused because the token had expired. */
  #expiredTokens = 0;
  #nextID = 1;

  /** One that has not begun: give it `start`. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#place = settings.place;
    this.#backoff = new Backoff(settings.random);
  }

  /** Takes in what happened. */
  handle(input: Input, now: number): void {
    switch (input.kind) {
      case "start":
        this.#tell({ status: "connecting" });
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
      case "timePassed":
        return this.#timePassed(now);
      case "stop":
        return this.#stopAsAsked(input.why);
    }
  }

  /** Takes in a command of the app's; `params` is its JSON. Gives the number under which it will be settled. */
  command(method: Method, params: string, now: number): number {
    const request = this.#nextID++;
    if (this.#phase.at === "stopped") {
      this.#settle(request, this.#phase.why);
    } else if (this.#requests.size >= MOST_PENDING) {
      this.#settle(
        request,
        new WigwagError("overloaded", "too many commands are waiting for their reply; await some of them first"),
      );
    } else {
      this.#requests.add(request, method, frameOf(request, method, params), now + this.#settings.requestTimeoutMs);
      this.#sendWaiting();
    }
    return request;
  }

  /** The next thing to do, if any. */
  poll(): Output | undefined {
    return this.#outputs.shift();
  }

  /** When to give `timePassed` at the latest, if ever. */
  nextWake(): number | undefined {
    return earliest(this.#phaseEnds(), this.#requests.nextOverdue());
  }

  /** Everything up to here has been told, or stood in a reply. Undefined before the first session without a stored place. */
  get place(): StreamPlace | undefined {
    return this.#place;
  }

  /** Why it ended, once it has. */
  get stopped(): WigwagError | undefined {
    return this.#phase.at === "stopped" ? this.#phase.why : undefined;
  }

  // From nothing to an open session: token, connection, sign-in.

  #connect(now: number): void {
    if (this.#token === undefined) {
      this.#phase = { at: "fetchingToken", until: now + TOKEN_TIMEOUT_MS };
      this.#outputs.push({ kind: "fetchToken" });
    } else {
      this.#phase = { at: "connecting", until: now + CONNECT_TIMEOUT_MS };
      this.#outputs.push({ kind: "connect" });
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
    const cursor = this.#place?.cursor;
    const params: SessionOpen = {
      token,
      deviceID,
      platform,
      ...(userID === undefined ? {} : { userID }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const request = this.#nextID++;
    this.#phase = { at: "opening", request, until: now + CONNECT_TIMEOUT_MS };
    this.#outputs.push({ kind: "send", text: frameOf(request, "session.open", JSON.stringify(params)), secret: token });
  }

  #openAnswered(outcome: Outcome, now: number): void {
    if ("error" in outcome) {
      return this.#openRefused(outcome.error, now);
    }
    const opened = readOpened(outcome.result);
    if (opened === undefined) {
      return this.#lost("the reply to session.open cannot be read", now);
    }
    if (this.#place !== undefined && this.#place.userID !== opened.userID) {
      return this.#startOver(now);
    }
    this.#opened(opened, now);
  }

  /** The stored place is of another user's stream: sign in once more without it. */
  #startOver(now: number): void {
    this.#place = undefined;
    this.#outputs.push({ kind: "disconnect" });
    this.#connect(now);
  }

  #opened(opened: SessionOpened, now: number): void {
    const { userID, cursor, head, pingInterval, limits, openInvitations = [] } = opened;
    const why = this.#resyncReason(opened);
    this.#expiredTokens = 0;
    this.#place = { userID, cursor };
    this.#acks.done(cursor, now);
    const session: Session = {
      openedAt: now,
      heardAt: now,
      deadAt: undefined,
      quietMs: pingInterval > 0 ? pingInterval * 1_000 : undefined,
      frameBytes: limits.frameBytes,
      caughtUp: head <= cursor,
    };
    this.#phase = { at: "open", session };
    this.#tell({ status: "open", userID });
    if (why !== undefined) {
      this.#outputs.push({ kind: "resync", resync: { openInvitations, why } });
    }
    this.#sendWaiting();
  }

  #resyncReason(opened: SessionOpened): Resync["why"] | undefined {
    if (this.#place === undefined) {
      return "noCursor";
    }
    return opened.resync === true || opened.cursor !== this.#place.cursor ? "cursorTooOld" : undefined;
  }

  #openRefused(error: WigwagError, now: number): void {
    this.#outputs.push({ kind: "disconnect" });
    if (error.reason === "tokenExpired") {
      this.#tokenExpired(error, now);
    } else if (error.retryable) {
      this.#wait(error.retryAfterMs ?? 0, error.message, now);
    } else {
      this.#stop(error);
    }
  }

  #tokenExpired(error: WigwagError, now: number): void {
    this.#expiredTokens += 1;
    this.#token = undefined;
    if (this.#settings.renewsToken && this.#expiredTokens < MOST_EXPIRED_TOKENS) {
      this.#wait(0, error.message, now);
    } else {
      this.#stop(error);
    }
  }

  // While a session is open: frames in, commands and acks out, and the place of everything in the stream.

  #frame(text: string, now: number): void {
    if (this.#phase.at === "open") {
      this.#phase.session.heardAt = now;
      this.#phase.session.deadAt = undefined;
    }
    const heard = read(text);
    switch (heard.kind) {
      case "reply":
        return this.#reply(heard.request, heard.outcome, now);
      case "event":
        return this.#event(heard.event, now);
      case "caughtUp":
        return this.#caughtUp(heard.cursor);
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
    const awaited = this.#requests.settle(request);
    if (awaited) {
      this.#outputs.push({ kind: "settle", request, outcome });
    }
    const cursor = cursorOf(outcome);
    if (cursor !== undefined && this.#phase.at === "open" && this.#place !== undefined) {
      this.#replyPlaced(this.#place, cursor, awaited, now);
    }
  }

  #replyPlaced(place: StreamPlace, cursor: number, awaited: boolean, now: number): void {
    switch (placeOf(place.cursor, cursor)) {
      case "next":
        if (awaited) {
          this.#place = { ...place, cursor };
        } else {
          // The app was told that the command is in doubt, so it has to hear of it as an event, by resuming.
          this.#lost("a command was carried out after it had been given up", now);
        }
        return;
      case "old":
        return;
      case "gap":
        return this.#lost("a reply came out of its place in the stream", now);
    }
  }

  #event(event: AnyEvent, now: number): void {
    if (this.#phase.at !== "open" || this.#place === undefined) {
      return this.#lost("an event came before the session was open", now);
    }
    switch (placeOf(this.#place.cursor, event.cursor, event.after)) {
      case "next":
        this.#place = { ...this.#place, cursor: event.cursor };
        this.#outputs.push({ kind: "event", event });
        return this.#ack(now);
      case "old":
        return;
      case "gap":
        return this.#lost("an event is missing", now);
    }
  }

  #caughtUp(cursor: number): void {
    if (this.#phase.at === "open" && this.#place !== undefined) {
      this.#phase.session.caughtUp = true;
      this.#place = { ...this.#place, cursor: Math.max(cursor, this.#place.cursor) };
      this.#sendWaiting();
    }
  }

  #sendWaiting(): void {
    if (this.#phase.at !== "open" || !this.#phase.session.caughtUp) {
      return;
    }
    for (const [request, text] of this.#requests.takeUnsent()) {
      if (bytesOf(text) <= this.#phase.session.frameBytes) {
        this.#outputs.push({ kind: "send", text });
      } else {
        // The server could not say which request it was.
        this.#requests.settle(request);
        this.#settle(
          request,
          new WigwagError("frameTooLarge", `the request is larger than ${this.#phase.session.frameBytes} bytes`),
        );
      }
    }
  }

  #ack(now: number): void {
    const cursor = this.#place?.cursor;
    if (this.#phase.at !== "open" || cursor === undefined || (this.#acks.dueAt(cursor) ?? Infinity) > now) {
      return;
    }
    this.#acks.done(cursor, now);
    this.#outputs.push({ kind: "send", text: `{"jsonrpc":"2.0","method":"session.ack","params":{"cursor":${cursor}}}` });
  }

  /** Asks for a sign of life: no WebSocket of a browser tells of the server's pings. An ack with an id is answered and changes nothing. */
  #probe(session: Session, now: number): void {
    const cursor = this.#place?.cursor ?? 0;
    session.deadAt = now + PROBE_TIMEOUT_MS;
    this.#acks.done(cursor, now);
    this.#outputs.push({ kind: "send", text: frameOf(this.#nextID++, "session.ack", `{"cursor":${cursor}}`) });
  }

  // Ends: of a connection, of a command's patience, of it all.

  #disconnected(code: number | undefined, why: string, now: number): void {
    if (!this.#expectsConnection()) {
      return;
    }
    if (code !== undefined && !mayReconnect(code) && code !== CLOSE_CODES.tokenExpired) {
      return this.#stop(closedFor(code));
    }
    this.#endSession(now);
    if (code === CLOSE_CODES.tokenExpired) {
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
      this.#outputs.push({ kind: "disconnect" });
      this.#endSession(now);
      this.#wait(0, why, now);
    }
  }

  #endSession(now: number): void {
    if (this.#phase.at === "open" && now - this.#phase.session.openedAt >= SOUND_SESSION_MS) {
      this.#backoff.reset();
    }
    for (const request of this.#requests.connectionLost()) {
      this.#settle(
        request,
        new WigwagError("connectionLost", "the connection was lost before the reply; the command may have been carried out"),
      );
    }
  }

  #wait(floorMs: number, why: string, now: number): void {
    const retryInMs = this.#backoff.nextMs(floorMs);
    this.#phase = { at: "waiting", until: now + retryInMs, notBefore: now + floorMs };
    this.#tell({ status: "reconnecting", retryInMs, why });
  }

  #nudged(now: number): void {
    const phase = this.#phase;
    if (phase.at === "waiting" && phase.notBefore <= now) {
      this.#connect(now);
    } else if (phase.at === "open" && phase.session.deadAt === undefined) {
      this.#probe(phase.session, now);
    }
  }

  #timePassed(now: number): void {
    for (const request of this.#requests.overdue(now)) {
      this.#settle(
        request,
        new WigwagError("requestTimeout", "the server did not answer in time; the command may have been carried out"),
      );
    }
    const phase = this.#phase;
    switch (phase.at) {
      case "open":
        return this.#sessionAges(phase.session, now);
      case "waiting":
        return phase.until <= now ? this.#connect(now) : undefined;
      case "fetchingToken":
        return phase.until <= now ? this.#wait(0, "no token in time", now) : undefined;
      case "connecting":
        return phase.until <= now ? this.#lost("no connection in time", now) : undefined;
      case "opening":
        return phase.until <= now ? this.#lost("no answer to the sign-in in time", now) : undefined;
      case "idle":
      case "stopped":
        return;
    }
  }

  #sessionAges(session: Session, now: number): void {
    if (session.deadAt !== undefined && session.deadAt <= now) {
      return this.#lost("nothing was heard from the server for too long", now);
    }
    if (session.deadAt === undefined && session.quietMs !== undefined && session.heardAt + session.quietMs <= now) {
      this.#probe(session, now);
    }
    this.#ack(now);
  }

  #phaseEnds(): number | undefined {
    const phase = this.#phase;
    switch (phase.at) {
      case "open": {
        const { deadAt, quietMs, heardAt } = phase.session;
        const asks = quietMs === undefined ? undefined : heardAt + quietMs;
        return earliest(deadAt ?? asks, this.#acks.dueAt(this.#place?.cursor ?? 0));
      }
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
      this.#outputs.push({ kind: "send", text: frameOf(this.#nextID++, "session.close", "{}") });
    }
    if (this.#expectsConnection()) {
      this.#outputs.push({ kind: "disconnect" });
    }
    this.#stop(why);
  }

  #stop(why: WigwagError): void {
    for (const request of this.#requests.all()) {
      this.#settle(request, why);
    }
    this.#phase = { at: "stopped", why };
    this.#tell({ status: "closed", why });
  }

  #settle(request: number, error: WigwagError): void {
    this.#outputs.push({ kind: "settle", request, outcome: { error } });
  }

  #tell(state: State): void {
    this.#outputs.push({ kind: "state", state });
  }
}

function frameOf(id: number, method: Method, params: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
