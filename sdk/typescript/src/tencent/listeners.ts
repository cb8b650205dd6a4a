import type { AnyCallback } from "./options.js";

/** What a handler gets. */
export interface ChatEvent<D = unknown> {
  readonly name: string;
  readonly data: D;
}

/** A handler of an event. */
// biome-ignore lint/suspicious/noExplicitAny: apps annotate what they expect
export type Handler = (event: ChatEvent<any>) => unknown;

/** A handler, perhaps one that the app gives no type to. */
export type AnyHandler = Handler | AnyCallback;

interface Listener {
  readonly handler: Handler;
  readonly context: unknown;
}

/** Handlers by event name. They stay when a user logs out, and for the next one. */
export class Listeners {
  readonly #listeners = new Map<string, Listener[]>();

  on(name: string, handler: AnyHandler, context?: unknown): void {
    if (typeof handler !== "function") {
      console.error(`the handler of ${String(name)} is not a function`);
      return;
    }
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), { handler: handler as Handler, context }]);
  }

  /** Removes a handler; of one that was added several times, all. */
  off(name: string, handler: AnyHandler): void {
    const rest = (this.#listeners.get(name) ?? []).filter((listener) => listener.handler !== handler);
    this.#listeners.set(name, rest);
  }

  clear(): void {
    this.#listeners.clear();
  }

  has(name: string): boolean {
    return (this.#listeners.get(name)?.length ?? 0) > 0;
  }

  /** Tells everybody. A handler that throws disturbs nobody, as with Tencent's package: code in the field relies on it. */
  emit(name: string, data?: unknown): void {
    for (const { handler, context } of this.#listeners.get(name) ?? []) {
      void callApp(`a handler of ${name}`, () => handler.call(context, { name, data }));
    }
  }
}

/** Calls a function of the app's, at once. What it throws, or its promise rejects with, is shown and goes no further. */
export async function callApp(name: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    console.error(`${name} failed:`, thrown);
  }
}
