import { clientKey, pageRooms } from "../pageRooms.js";
import type { RoomId, UserId } from "../wire/index.js";
import type { Outgoing } from "./carrier.js";
import { Meter } from "./meter.js";
import type { Tell } from "./remote.js";
import { Room, type RoomPort } from "./room.js";
import { ourRooms } from "./rooms.js";

/** Who enters which room. */
export interface Entry {
  readonly sdkAppID: number;
  readonly userID: UserId;
  /** As the engine calls it. */
  readonly name: RoomId;
}

/** One user's place in a media room, in one at a time; what both of Tencent's packages have in common. */
export class Place {
  /** How well media flow while the place is taken, and how loud everybody is. */
  readonly meter: Meter;
  readonly #outgoing: () => Outgoing;
  #room: Room | undefined;
  /** A page that goes hangs up: the others need not wait until it is missed. */
  readonly #hangUp: () => void;

  /** `outgoing`: what is to be sent now. `hangUp`: leaves the room. */
  constructor(tell: Tell, outgoing: () => Outgoing, hangUp: () => void) {
    this.meter = new Meter(() => this.#room?.reports() ?? Promise.resolve([]), tell);
    this.#outgoing = outgoing;
    this.#hangUp = hangUp;
  }

  get isTaken(): boolean {
    return this.#room !== undefined;
  }

  /** Enters the room of a call of the server's. False where no chat of this page has the user signed in. */
  enter({ sdkAppID, userID, name }: Entry, port: RoomPort): boolean {
    const client = pageRooms.clients.get(clientKey(sdkAppID, userID));
    if (client === undefined) {
      return false;
    }
    const room = new Room(client, userID, ourRooms().nameOf(name), port);
    this.#room = room;
    ourRooms().add(room, client);
    globalThis.addEventListener?.("pagehide", this.#hangUp);
    this.send();
    room.start();
    this.meter.start();
    return true;
  }

  /** Sends what is open now. */
  send(): void {
    this.#room?.send(this.#outgoing());
  }

  /** Leaves the room in this way. False where there is none. */
  leave(how: (room: Room) => void): boolean {
    const room = this.#room;
    if (room === undefined) {
      return false;
    }
    this.#room = undefined;
    ourRooms().remove(room);
    globalThis.removeEventListener?.("pagehide", this.#hangUp);
    how(room);
    this.meter.pause();
    return true;
  }
}
