/** A handler of an event. */
// biome-ignore lint/suspicious/noExplicitAny: apps annotate what they expect
export type Handler = (event: any) => unknown;

interface Listener {
  readonly handler: Handler;
  readonly context: unknown;
}

/** Handlers by the names of events. One that throws disturbs no other. */
export class Listeners {
  readonly #listeners = new Map<string, Listener[]>();

  on(name: string, handler: Handler, context?: unknown): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { handler, context }]);
  }

  /** Removes a handler; all of a name when none is given, and with `*` all there are. */
  off(name: string, handler?: Handler): void {
    if (name === "*") {
      this.#listeners.clear();
    } else {
      const rest = (this.#listeners.get(name) ?? []).filter((listener) => handler !== undefined && listener.handler !== handler);
      this.#listeners.set(name, rest);
    }
  }

  emit(name: string, told?: unknown): void {
    for (const { handler, context } of this.#listeners.get(name) ?? []) {
      try {
        handler.call(context, told);
      } catch (thrown) {
        console.error(`a handler of ${name} failed:`, thrown);
      }
    }
  }
}
