import { invalid } from "./errors.js";
import type { ClientEventName, ClientEvents } from "./events.js";

type Listener = (payload: never) => unknown;

/** Listeners by name. One that throws disturbs neither the others nor the client. */
export class Emitter {
  readonly #listeners = new Map<string, Set<{ call: Listener }>>();

  /** Adds a listener; gives the function that removes it again. */
  on<N extends ClientEventName>(name: N, call: (payload: ClientEvents[N]) => unknown): () => void {
    if (typeof call !== "function") {
      this.emit("warning", invalid("listener", `of ${String(name)} is not a function`));
      return () => {};
    }
    const listener = { call };
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  has(name: ClientEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit<N extends ClientEventName>(name: N, payload: ClientEvents[N]): void {
    for (const { call } of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (call as (payload: ClientEvents[N]) => unknown)(payload);
      } catch (thrown) {
        report(thrown);
      }
    }
  }
}

/** The app's own mistake is shown where uncaught errors go, not swallowed. */
export function report(thrown: unknown): void {
  setTimeout(() => {
    throw thrown;
  });
}
