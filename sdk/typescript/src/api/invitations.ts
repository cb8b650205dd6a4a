import type { Book } from "../book/book.js";
import type { InvitationView, InviteId } from "../wire/index.js";

/**
 * The invitations that this client knows of, without asking the server: from the sign-in, from events, and from the replies to its
 * own commands. The highest version counts, whatever comes first.
 *
 * Never older than the last event that a listener was told; it may be newer. Kept are 1,000 open invitations and the newest 200 that
 * ended. Each call gives copies, in which `remainingMs` is what is left now by the clock of this device; 0 when the deadline has passed
 * and the event that says so has not come yet.
 */
export class Invitations {
  readonly #book: Book;
  readonly #now: () => number;

  constructor(book: Book, now: () => number) {
    this.#book = book;
    this.#now = now;
  }

  /**
   * One invitation, open or ended; undefined when it is not known. `signaling.get` asks the server, and what it answers is known from
   * then on. `endReason` is absent where only a listing told that it has ended.
   */
  get(inviteID: InviteId): InvitationView | undefined {
    return this.#book.get(inviteID, this.#now());
  }

  /** What is open, oldest first: as inviter, as invitee, and in groups. */
  open(): InvitationView[] {
    return this.all().filter(({ status }) => status === "open");
  }

  /** What is open and what has ended, oldest first. */
  all(): InvitationView[] {
    return this.#book.all(this.#now());
  }
}
