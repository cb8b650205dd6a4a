import { WigwagError, wordsOf } from "../errors.js";
import type { StreamPlace } from "../machine/border.js";
import type { CursorStore } from "./tab.js";

/** Least time between two saves, ms: a store may be slow, and what is lost is only told again. */
const SAVE_EVERY_MS = 1_000;

/** Brings places to the app's store: rarely, one at a time, the newest last. */
export class Saver {
  readonly #store: CursorStore | undefined;
  readonly #warn: (error: WigwagError) => void;
  #wanted: StreamPlace | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(store: CursorStore | undefined, warn: (error: WigwagError) => void) {
    this.#store = store;
    this.#warn = warn;
  }

  /** `place` is safe to keep from now on. */
  want(place: StreamPlace): void {
    if (this.#store === undefined || samePlace(place, this.#wanted)) {
      return;
    }
    this.#wanted = place;
    this.#timer ??= setTimeout(() => this.flush(), SAVE_EVERY_MS);
  }

  /** Saves now, before it returns unless an earlier save is still busy; resolves when the store is done. */
  flush(): Promise<void> {
    const place = this.#timer === undefined ? undefined : this.#wanted;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (place !== undefined) {
      this.#saving = this.#busy ? this.#saving.then(() => this.#save(place)) : this.#save(place);
    }
    return this.#saving;
  }

  async #save(place: StreamPlace): Promise<void> {
    this.#busy = true;
    try {
      await this.#store?.save(place);
    } catch (thrown) {
      this.#warn(new WigwagError("storeFailed", `the cursor could not be stored: ${wordsOf(thrown)}`, { cause: thrown }));
    }
    this.#busy = false;
  }
}

function samePlace(one: StreamPlace, other: StreamPlace | undefined): boolean {
  return one.cursor === other?.cursor && one.userID === other.userID;
}
