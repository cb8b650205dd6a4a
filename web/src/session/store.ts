import { useLayoutEffect, useReducer } from "preact/hooks";

/** A value that changes, with listeners for its changes. */
export class Store<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  /** Replaces the value, and calls the listeners if it is another one. */
  set(value: T): void {
    if (!Object.is(value, this.#value)) {
      this.#value = value;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  /** Calls `listener` after each change. Returns the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** The value of `store`. The component is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const drawn = store.get();
  useLayoutEffect(() => {
    // The value may have changed between drawing and subscribing.
    if (!Object.is(drawn, store.get())) {
      redraw(undefined);
    }
    return store.subscribe(() => redraw(undefined));
  }, [store]);
  return drawn;
}
