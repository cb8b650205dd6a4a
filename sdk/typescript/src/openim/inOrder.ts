import { report } from "../emitter.js";

/**
 * Tells things one after the other, in the order in which they were heard: looking up what an event shows takes its time, and the next
 * one must not overtake it.
 */
export class InOrder {
  #before: Promise<void> = Promise.resolve();
  #hasEnded = false;

  /** Tells it after all that came before; settles when it was told, and never rejects. Nothing is told after the end. */
  after(tell: () => unknown): Promise<void> {
    this.#before = this.#before.then(() => (this.#hasEnded ? undefined : tell())).then(() => {}, report);
    return this.#before;
  }

  /** Settles when everything was told that has been heard so far. */
  get told(): Promise<void> {
    return this.#before;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
  }
}
