/**
 * How long to wait before the next attempt: exponential backoff with full jitter, a uniform draw from zero to a window that
 * doubles with each failure.
 *
 * Full jitter spreads the devices of a server that went away evenly, so that they do not come back as one wave.
 */
export class Backoff {
  #failures = 0;
  readonly #first: number;
  readonly #widest: number;
  readonly #random: () => number;

  /** The first window and the widest one, ms. */
  constructor([first, widest]: readonly [number, number], random: () => number) {
    this.#first = first;
    this.#widest = widest;
    this.#random = random;
  }

  /** The delay in ms before the next attempt, at least `floor`. */
  nextMs(floor: number): number {
    const window = Math.min(this.#first * 2 ** this.#failures, this.#widest);
    this.#failures += 1;
    return floor + Math.floor(this.#random() * (window + 1));
  }

  /** The last session was a sound one. */
  reset(): void {
    this.#failures = 0;
  }
}
