/** Most events that listeners may be busy with: beyond that an app that does not keep up would fill the memory. */
const MOST_HELD = 1_024;

/** Events that listeners are busy with: they gave promises, which are not settled. */
export class Held {
  /** In the order of the stream; one for each promise. */
  readonly #events = new Set<{ readonly cursor: number }>();
  readonly #freed: () => void;

  /** `freed` is called whenever a listener is done with an event. */
  constructor(freed: () => void) {
    this.#freed = freed;
  }

  /** `busy` never rejects. */
  add(cursor: number, busy: PromiseLike<unknown>): void {
    const event = { cursor };
    this.#events.add(event);
    void busy.then(() => this.#events.delete(event) && this.#freed());
  }

  /** How many, as a part of the most that may be: 1 is full. */
  get part(): number {
    return this.#events.size / MOST_HELD;
  }

  /** The cursor of the oldest one. */
  get oldest(): number | undefined {
    return this.#events.values().next().value?.cursor;
  }

  /** The app ends the session: it wants none of them again. */
  clear(): void {
    this.#events.clear();
  }
}
