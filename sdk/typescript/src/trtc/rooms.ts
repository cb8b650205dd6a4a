import type { Wigwag } from "../client.js";
import { type MediaRooms, pageRooms } from "../pageRooms.js";
import type { CallEntry, RoomId } from "../wire/index.js";
import type { Room } from "./room.js";

/** The rooms that the page is in. */
export class Rooms implements MediaRooms {
  readonly #rooms = new Map<Room, Wigwag>();

  add(room: Room, client: Wigwag): void {
    this.#rooms.set(room, client);
  }

  remove(room: Room): void {
    this.#rooms.delete(room);
  }

  enters(client: Wigwag, name: RoomId | undefined, reply: Promise<CallEntry | undefined>): void {
    for (const [room, its] of this.#rooms) {
      if (its === client && (name === undefined || name === room.name)) {
        void room.enters(reply, (call) => name === room.name || call.roomID === room.name);
      }
    }
  }
}

/** The page's rooms. From now on, call engines on it begin calls of the server's. */
export function ourRooms(): Rooms {
  pageRooms.media ??= new Rooms();
  return pageRooms.media as Rooms;
}
