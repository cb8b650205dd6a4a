import { invalid } from "./errors.js";
import type { AnyEvent, ClientEventName, ClientEvents, ListenOptions } from "./events.js";
import type { Own } from "./machine/border.js";

interface Listener {
  readonly call: (payload: never) => unknown;
  readonly ownActs: boolean;
}

/** Listeners by name. One that throws, or whose promise rejects, disturbs neither the others nor the client. */
export class Emitter {
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Listeners that ask for own acts. */
  #asking = 0;

  /** Adds a listener; gives the function that removes it again. */
  on<N extends ClientEventName>(name: N, call: (payload: ClientEvents[N]) => unknown, options?: ListenOptions): () => void {
    if (typeof call !== "function") {
      this.emit("warning", invalid("listener", `of ${String(name)} is not a function`));
      return () => {};
    }
    const listener = { call, ownActs: options?.ownActs === true };
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.#asking += Number(listener.ownActs);
    return () => {
      this.#asking -= Number(listeners.delete(listener) && listener.ownActs);
    };
  }

  has(name: ClientEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Whether some listener asks for own acts. */
  get wantsOwnActs(): boolean {
    return this.#asking > 0;
  }

  emit<N extends ClientEventName>(name: N, payload: ClientEvents[N]): void {
    this.#call(name, () => payload);
  }

  /** Tells an event of the stream; gives promises, which never reject, for the listeners that are not done with it yet. */
  tell(event: AnyEvent, own: Own | undefined): PromiseLike<unknown>[] {
    const marked = own === undefined ? event : { ...event, own: true };
    const unmarked = own === "replied" ? undefined : event;
    const payload = ({ ownActs }: Listener) => (ownActs ? marked : unmarked);
    // The types of events have a dot, so that none can be taken for what the client tells about itself.
    const names = event.type.includes(".") ? ["event", event.type] : ["event"];
    return names.flatMap((name) => this.#call(name, payload));
  }

  #call(name: string, payloadFor: (listener: Listener) => object | undefined): PromiseLike<unknown>[] {
    const busy: PromiseLike<unknown>[] = [];
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      const payload: object | undefined = payloadFor(listener);
      try {
        const returned = payload && (listener.call(payload as never) as Partial<PromiseLike<unknown>> | undefined | null);
        if (typeof returned?.then === "function") {
          busy.push((returned as PromiseLike<unknown>).then(undefined, report));
        }
      } catch (thrown) {
        report(thrown);
      }
    }
    return busy;
  }
}

/**
 * Shows the app's own mistake where uncaught errors go. Node has no such place besides its console: an error that is really uncaught
 * would end the process.
 */
export function report(thrown: unknown): void {
  const { reportError = console.error } = globalThis as { reportError?: (thrown: unknown) => void };
  reportError(thrown);
}
