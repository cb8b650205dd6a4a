import type { Book } from "../book/book.js";
import { isInvitationEvent, viewsIn } from "../book/reading.js";
import type { AnyEvent } from "../events.js";
import type { Acted, MessageSent, Method } from "../wire/index.js";
import { type Actor, type Command, eventOf, readAct } from "./acts.js";
import { isActOf } from "./answered.js";
import type { Outcome } from "./heard.js";
import type { Outbox } from "./outbox.js";

/** What was asked, and the edition of the book at that time. */
interface Question {
  readonly method: Method;
  readonly edition: number;
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

  constructor(book: Book, outbox: Outbox, actor: Actor, ownActs: () => boolean) {
    this.#book = book;
    this.#outbox = outbox;
    this.#actor = actor;
    this.#ownActs = ownActs;
  }

  /** Sends the app's commands; before them what has to be asked for the book, which is not complete after a restart with a stored place. */
  sendWaiting(frameBytes: number, now: number): void {
    if (!this.#book.complete && this.#asked.size === 0) {
      this.#ask("signaling.listOpen", {});
    }
    this.#outbox.sendWaiting(frameBytes, (request, command) => {
      const { type, inviteID } = (this.#ownActs() && readAct(command)) || {};
      // An own act can be told only of an invitation that is known.
      if (inviteID !== undefined && type !== "invitation.received" && this.#book.get(inviteID, now) === undefined) {
        this.#ask("signaling.get", { inviteID });
      }
      this.#note(request, command.method);
    });
  }

  /** A reply came; `own`: to a question of the machine's own. Gives why the session has to be given up, if it does. */
  read(request: number, own: boolean, outcome: Outcome, now: number): string | undefined {
    const { method, edition = 0 } = this.#asked.get(request) ?? {};
    this.#asked.delete(request);
    if ("error" in outcome) {
      return own && method === "signaling.listOpen" ? "the open invitations were not listed" : undefined;
    }
    const { invitation, invitations } = outcome.result as { invitation?: unknown; invitations?: unknown };
    if (method === "signaling.listOpen") {
      this.#book.list(viewsIn(invitations), edition, now);
    } else if (method === "signaling.get") {
      this.#book.show(viewsIn([invitation]), now);
    }
    return undefined;
  }

  /**
   * A command was carried out, and its reply stands for an event. Gives the event if somebody asks for own acts; `untold` when it
   * cannot be made of the reply, because the invitation is not known.
   */
  acted(command: Command, result: unknown, now: number): AnyEvent | "untold" | undefined {
    const act = readAct(command);
    if (act === undefined) {
      return undefined;
    }
    const { type, inviteID = "" } = act;
    const reply = result as Acted | MessageSent;
    const before = this.#book.get(inviteID, now);
    if (before === undefined && type !== "invitation.received") {
      this.#book.hearOf(inviteID, "version" in reply ? reply.version : 0);
      return this.#ownActs() ? "untold" : undefined;
    }
    const event = eventOf(act, reply, this.#actor, before);
    this.#book.hear(event, now);
    return this.#ownActs() ? (event as unknown as AnyEvent) : undefined;
  }

  /**
   * An event came. The app is told, unless a command that still waits for its reply did it: then the event completes the command, and
   * only those who ask for own acts are told.
   */
  heard(event: AnyEvent, now: number): void {
    if (isInvitationEvent(event)) {
      this.#book.hear(event, now);
    }
    const { deviceID } = this.#actor.device;
    const answered = this.#outbox.requests.answeredBy(event, deviceID);
    const own = this.#ownActs() && isActOf(deviceID, event);
    if (answered === undefined || own) {
      this.#outbox.push({ kind: "event", event, own: own ? (answered === undefined ? "resumed" : "replied") : undefined });
    }
    if (answered !== undefined) {
      this.#outbox.push({ kind: "settle", ...answered });
    }
  }

  #ask(method: Method, params: object): void {
    this.#note(this.#outbox.ask(method, JSON.stringify(params)), method);
  }

  #note(request: number, method: Method): void {
    this.#asked.set(request, { method, edition: this.#book.edition });
  }
}
