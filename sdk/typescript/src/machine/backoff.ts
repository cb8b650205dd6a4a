/** First window, ms. */
const FIRST_MS = 500;
/** Widest window, ms: a person who waits for the network does not wait longer than this after it is back. */
const WIDEST_MS = 30_000;

/**
 * How long to wait before the next attempt: exponential backoff with full jitter, a uniform draw from zero to a window that
 * doubles with each failure.
 *
 * Full jitter spreads the devices of a server that went away evenly, so that they do not come back as one wave.
 */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The delay in ms before the next attempt, at least `floor`. */
  nextMs(floor: number): number {
    const window = Math.min(FIRST_MS * 2 ** this.#failures, WIDEST_MS);
    this.#failures += 1;
    return floor + Math.floor(this.#random() * (window + 1));
  }

  /** The last session was a sound one. */
  reset(): void {
    this.#failures = 0;
  }
}
