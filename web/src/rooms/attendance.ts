import type { Online } from "../presence/online.js";
import { Store } from "../session/store.js";
import type { Room } from "./room.js";

/**
 * Which members of a room are there. Whoever closed their page stays a member, and is gone when the server says that they are offline; of whom it does
 * not say it, as of those beyond the hundred that a page watches, they are there.
 */
export class Attendance {
  /** The userIDs of these members, in the room's order. */
  readonly here = new Store<readonly string[]>([]);
  readonly #room: Room;
  readonly #online: Online;
  readonly #ends: (() => void)[];
  #watched = "";

  constructor(room: Room, online: Online) {
    this.#room = room;
    this.#online = online;
    this.#ends = [room.view.subscribe(() => this.#look()), online.offline.subscribe(() => this.#look())];
  }

  /** Watches the members, `first` those whose going changes something for the others. */
  watch(first: readonly string[]): void {
    const { members, status } = this.#room.view.get();
    const wanted = status === "open" ? [...new Set([...first.filter((userID) => members.includes(userID)), ...members])] : [];
    const names = wanted.join(" ");
    if (names !== this.#watched) {
      this.#watched = names;
      this.#online.watch("room", wanted);
    }
  }

  close(): void {
    this.#online.watch("room", []);
    for (const end of this.#ends) {
      end();
    }
  }

  #look(): void {
    const offline = this.#online.offline.get();
    const here = this.#room.view.get().members.filter((userID) => !offline.has(userID));
    const known = this.here.get();
    if (here.length !== known.length || here.some((userID, place) => userID !== known[place])) {
      this.here.set(here);
    }
  }
}
