/** How long changes are gathered, ms: short for a person, long for a burst of events. */
const GATHER_MS = 100;

/** Does something after things have changed: once for many changes, and not more often than an interval. */
export class Pace {
  readonly #work: () => Promise<void>;
  readonly #apartMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = Number.NEGATIVE_INFINITY;

  /** A failure of `work` is nobody's: the next change, or the app, asks again. */
  constructor(work: () => Promise<void>, apartMs: number) {
    this.#work = work;
    this.#apartMs = apartMs;
  }

  /** Something has changed. */
  changed(): void {
    const now = Date.now();
    const delay = Math.min(Math.max(GATHER_MS, this.#last + this.#apartMs - now), this.#apartMs);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#last = Date.now();
      this.#work().catch(() => {});
    }, delay);
  }

  /** Forgets what has changed. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
