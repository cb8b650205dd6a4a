import { report } from "../emitter.js";
import { failure, Refusal, type V2TimCallback, wantObject } from "./results.js";

/** The names of the callbacks of a listener. */
export type CallbackNames<L> = readonly (keyof L & string)[];

/**
 * Listeners with callbacks of their own names, each optional. They stay from login to login, until they are removed.
 * One that throws, or whose promise rejects, disturbs neither the others nor the client.
 */
export class Listeners<L extends object> {
  readonly #names: CallbackNames<L>;
  readonly #all = new Set<L>();

  constructor(names: CallbackNames<L>) {
    this.#names = names;
  }

  get some(): boolean {
    return this.#all.size > 0;
  }

  /** Adds one; the same again changes nothing. */
  add(listener: L): V2TimCallback {
    try {
      this.#check(listener);
    } catch (thrown) {
      return failure(thrown);
    }
    this.#all.add(listener);
    return { code: 0, desc: "" };
  }

  /** Removes one, or all of them. */
  remove(listener?: L): V2TimCallback {
    if (listener === undefined || listener === null) {
      this.#all.clear();
    } else {
      this.#all.delete(listener);
    }
    return { code: 0, desc: "" };
  }

  /** Calls everybody's callback of this name. */
  tell<N extends keyof L & string>(name: N, ...words: Words<L[N]>): void {
    for (const listener of [...this.#all]) {
      const callback: unknown = listener[name];
      if (typeof callback === "function") {
        void callApp(() => callback.apply(listener, words));
      }
    }
  }

  #check(listener: unknown): void {
    const given = wantObject("listener", listener);
    const wrong = this.#names.find((name) => given[name] !== undefined && typeof given[name] !== "function");
    if (wrong !== undefined) {
      throw new Refusal("invalidParams", `listener.${wrong}`, `listener.${wrong} must be a function`);
    }
  }
}

/** Calls a function of the app's, at once; what goes wrong in it goes no further. */
async function callApp(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    report(thrown);
  }
}

/** What a callback is called with. */
type Words<C> = NonNullable<C> extends (...words: infer W) => unknown ? W : never;
