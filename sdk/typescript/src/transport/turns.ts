/** Only Node and its like have it. Taken now, so that tests which stop the clock do not stop the connection. */
const { setImmediate } = globalThis as { setImmediate?: (go: () => void) => unknown };

/**
 * Gives all that is heard a turn of its own, as browsers do: what awaits a reply goes on before the frame behind it is heard. The
 * package `ws` hands on all frames of a packet in one go, and an app would hear that its invitation was accepted before its
 * `await` of the invitation is over.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Calls it now, or after those that wait. */
  take(hear: () => void): void {
    if (this.#taken) {
      this.#waiting.push(hear);
      return;
    }
    if (setImmediate !== undefined) {
      this.#taken = true;
      setImmediate(() => this.#next());
    }
    hear();
  }

  #next(): void {
    this.#taken = false;
    const hear = this.#waiting.shift();
    if (hear !== undefined) {
      this.take(hear);
    }
  }
}
