/** What to do with something that carries a cursor. */
export type Place =
  /** It follows directly: take it and move on to its cursor. */
  | "next"
  /** It was taken before: a duplicate, or the repeated reply of an idempotent command. */
  | "old"
  /** Something in between is missing: reconnect and resume. */
  | "gap";

/**
 * Where `cursor` stands behind `last`: the one rule that keeps a stream free of gaps and repeats.
 *
 * @param after given while catching up: what lies between it and `cursor` is folded away
 */
export function placeOf(last: number, cursor: number, after = cursor - 1): Place {
  if (cursor <= last) {
    return "old";
  }
  return after <= last ? "next" : "gap";
}

/** Longest delay of an ack, ms: short enough that an operator sees the truth, long enough to cost nothing. */
const EVERY_MS = 5_000;
/** Most events left without an ack. */
const EVERY_EVENTS = 100;

/** When to tell the server how far the device has come. */
export class Acks {
  #acked = 0;
  #ackedAt = 0;
  #rang = 0;

  /** Acknowledged up to here: by an ack, or by opening a session with this cursor. */
  done(cursor: number, now: number): void {
    this.#acked = cursor;
    this.#ackedAt = now;
  }

  /**
   * The event at this cursor rings: it is acknowledged at once, because the server wakes devices by a push unless one acknowledges it within
   * three seconds.
   */
  rings(cursor: number): void {
    this.#rang = cursor;
  }

  /** When the next ack is due for a device at `cursor`; undefined when there is nothing to tell. */
  dueAt(cursor: number): number | undefined {
    const news = cursor - this.#acked;
    if (news <= 0) {
      return undefined;
    }
    const isRinging = this.#acked < this.#rang && this.#rang <= cursor;
    return isRinging || news >= EVERY_EVENTS ? this.#ackedAt : this.#ackedAt + EVERY_MS;
  }
}
