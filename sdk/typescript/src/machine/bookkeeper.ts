import { type Book, isOpen, MOST_OPEN } from "../book/book.js";
import { callsIn, isInvitationEvent, viewsIn } from "../book/reading.js";
import type { AnyEvent } from "../events.js";
import type { Acted, Done, InvitationView, InviteId, MessageSent, Method, SessionOpened, UserStatus } from "../wire/index.js";
import { type Actor, type Command, doneBy, eventOf, readAct } from "./acts.js";
import { isActOf } from "./answered.js";
import { deedOf } from "./calling.js";
import type { Outcome } from "./heard.js";
import type { Outbox } from "./outbox.js";
import { isRead } from "./pending.js";
import { earliest } from "./time.js";

/** What was asked, and the edition of the book when the first page was. */
interface Question {
  readonly method: Method;
  readonly params: string;
  readonly edition: number;
  /** The pages before, of a listing of the machine's own. */
  readonly open?: readonly InvitationView[];
}

/** A page of what is open, as it came. */
interface Page {
  readonly invitations?: unknown;
  readonly next?: unknown;
}

/**
 * Feeds the book with what passes through a session, asks for what is missing in it, tells own acts from others, and completes the
 * commands whose replies were lost.
 */
export class Bookkeeper {
  readonly #book: Book;
  readonly #outbox: Outbox;
  readonly #actor: Actor;
  readonly #ownActs: () => boolean;
  /** By request, the app's and those of the machine's own, until the reply. */
  readonly #asked = new Map<number, Question>();
  /** When to send which requests again. */
  readonly #postponed = new Map<number, number>();
  /** Whether the open invitations are being listed. */
  #lists = false;

  constructor(book: Book, outbox: Outbox, actor: Actor, ownActs: () => boolean) {
    this.#book = book;
    this.#outbox = outbox;
    this.#actor = actor;
    this.#ownActs = ownActs;
  }

  /** Sends the app's commands; before them what has to be asked for the book, which is not complete after a restart with a stored place. */
  sendWaiting(frameBytes: number, now: number): void {
    if (!this.#lists && (!this.#book.complete || this.#outbox.resyncing)) {
      this.#list({}, this.#book.edition, []);
    }
    this.#outbox.sendWaiting(frameBytes, (request, command) => {
      const { type, inviteID } = (this.#ownActs() && readAct(command)) || {};
      // An own act can be told only of an invitation that is known.
      if (inviteID !== undefined && type !== "invitation.received" && this.#book.get(inviteID, now) === undefined) {
        this.#lookUp(inviteID);
      }
      const { method, params } = command;
      this.#asked.set(request, { method, params, edition: this.#book.edition });
    });
  }

  /** A reply came; `own`: to a question of the machine's own. Gives why the session has to be given up, if it does. */
  read(request: number, own: boolean, outcome: Outcome, now: number): string | undefined {
    const question = this.#asked.get(request);
    this.#asked.delete(request);
    if ("error" in outcome) {
      const must = question?.open ?? (question?.method === "user.watch" && outcome.error.retryable);
      return own && must ? "a question was not answered" : undefined;
    }
    const page = outcome.result as Page & {
      readonly invitation?: unknown;
      readonly call?: unknown;
      readonly calls?: unknown;
      readonly users?: readonly UserStatus[];
    };
    if (question?.method === "signaling.listOpen") {
      this.#listed(page, question, now);
    } else if (question?.method === "signaling.get") {
      this.#book.show(viewsIn([page.invitation]), now);
    } else if (question?.method === "call.get" || question?.method === "call.list") {
      this.#book.calls.show(callsIn(page.calls ?? [page.call]), now);
    } else if (question?.method === "user.watch" && own) {
      for (const status of page.users ?? []) {
        this.#outbox.push({ kind: "status", status });
      }
    } else if (question?.method === "user.watch") {
      this.#outbox.watched = question.params;
    }
    return undefined;
  }

  /** A session watches nobody when it begins. */
  watchAgain(): void {
    const params = this.#outbox.watched;
    if (params !== undefined) {
      this.#ask({ method: "user.watch", params, edition: 0 });
    }
  }

  /** The first page of what is open came with the sign-in. */
  startsWith({ openInvitations, openInvitationsNext }: SessionOpened, now: number): void {
    this.#lists = true;
    const page = { invitations: openInvitations, next: openInvitationsNext };
    this.#listed(page, { method: "signaling.listOpen", params: "", edition: this.#book.edition, open: [] }, now);
  }

  /**
   * A reply came: a read that came too soon is sent again when the server has room, unless the app has given it up by then. Commands are
   * not: the app shows a person what they asked for, and has to know that it did not happen.
   */
  waits(request: number, outcome: Outcome, now: number): boolean {
    const { method = "session.open" } = this.#asked.get(request) ?? {};
    const at = now + (("error" in outcome && outcome.error.retryAfterMs) || Infinity);
    const waits = isRead(method) && this.#outbox.requests.waitsAt(request, at);
    if (waits) {
      this.#postponed.set(request, at);
    }
    return waits;
  }

  /** Sends what has waited for long enough. */
  askAgain(now: number): void {
    for (const [request, at] of this.#postponed) {
      const question = this.#asked.get(request);
      if (at <= now && this.#postponed.delete(request) && question !== undefined) {
        this.#outbox.send(request, question.method, question.params);
      }
    }
  }

  /** When to call `askAgain` at the latest. */
  asksAgainAt(): number | undefined {
    return earliest(...this.#postponed.values());
  }

  /**
   * A command was carried out, and its reply stands for an event. Gives the event if somebody asks for own acts; `untold` when it
   * cannot be made of the reply, because the invitation is not known.
   */
  acted(command: Command, result: unknown, now: number): AnyEvent | "untold" | undefined {
    const wish = readAct(command);
    if (wish === undefined) {
      const deed = deedOf(command, (result as Done).time, this.#actor, this.#book, (view) => this.#lookUp(view.inviteID));
      if (deed !== undefined) {
        this.#hear(deed, now);
      }
      return undefined;
    }
    const reply = result as Acted | MessageSent;
    const act = doneBy(wish, reply);
    const { type, inviteID = "" } = act;
    const before = this.#book.get(inviteID, now);
    if (before === undefined && type !== "invitation.received") {
      this.#book.hearOf(inviteID, "version" in reply ? reply.version : 0);
      return this.#ownActs() ? "untold" : undefined;
    }
    const event = eventOf(act, reply, this.#actor, before);
    this.#hear(event as unknown as AnyEvent, now);
    return this.#ownActs() ? (event as unknown as AnyEvent) : undefined;
  }

  /**
   * An event came. The app is told, unless a command that still waits for its reply did it: then the event completes the command, and
   * only those who ask for own acts are told. A command that leads into a call is sent again, for the reply that says how to reach its
   * media.
   */
  heard(event: AnyEvent, now: number): void {
    this.#hear(event, now);
    const { deviceID } = this.#actor.device;
    const wholly = !this.#mayLeadIntoCall(event, now);
    const answered = this.#outbox.requests.answeredBy(event, deviceID, wholly);
    const own = this.#ownActs() && isActOf(deviceID, event);
    if (answered === undefined || own) {
      this.#outbox.push({ kind: "event", event, own: own ? (answered === undefined ? "resumed" : "replied") : undefined });
    }
    if (answered?.outcome !== undefined) {
      const { request, outcome } = answered;
      this.#outbox.push({ kind: "settle", request, outcome });
    }
  }

  /** Writes down what happened. */
  #hear(event: AnyEvent, now: number): void {
    if (isInvitationEvent(event)) {
      this.#book.hear(event, now);
    }
    this.#book.calls.hear(event, this.#actor.userID, now);
  }

  /** Whether the reply to the command that made this event may say more than the event. */
  #mayLeadIntoCall({ type, inviteID }: AnyEvent, now: number): boolean {
    // One that is not known may have rung while the client was away, which it is not told when the ring is over.
    const { call } = this.#book.get(inviteID as InviteId, now) ?? { call: true };
    return (type === "invitation.received" || type === "invitation.accepted") && call !== undefined;
  }

  /** A page of what is open: only all pages together say what has ended, and the app pages through its own listings itself. */
  #listed({ invitations, next }: Page, { params, edition, open }: Question, now: number): void {
    const views = [...(open ?? []), ...viewsIn(invitations)].slice(-MOST_OPEN);
    if (next !== undefined && open !== undefined) {
      return this.#list({ after: next }, edition, views);
    }
    if (next !== undefined || (open === undefined && params !== "{}")) {
      return this.#book.show(views, now);
    }
    this.#book.list(views, edition, now);
    const why = this.#outbox.resyncing;
    this.#outbox.resyncing = undefined;
    if (why !== undefined) {
      const openInvitations = this.#book.all(now).filter(isOpen);
      this.#outbox.push({ kind: "resync", resync: { openInvitations, why } });
    }
  }

  #lookUp(inviteID: InviteId): void {
    this.#ask({ method: "signaling.get", params: JSON.stringify({ inviteID }), edition: 0 });
  }

  #list(from: object, edition: number, open: readonly InvitationView[]): void {
    this.#lists = true;
    this.#ask({ method: "signaling.listOpen", params: JSON.stringify(from), edition, open });
  }

  #ask(question: Question): void {
    this.#asked.set(this.#outbox.ask(question.method, question.params), question);
  }
}
