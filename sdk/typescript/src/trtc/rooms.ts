import type { WithPeer } from "../api/caller.js";
import type { Wigwag } from "../client.js";
import { Newest } from "../newest.js";
import { type MediaRooms, pageRooms, type SpokenInvited } from "../pageRooms.js";
import type { CallEntry, CallLink, CallWish, MessageSend, RoomId, UserId } from "../wire/index.js";
import { busyData, dataForEngine, wishOf } from "./engineCalls.js";
import type { Room } from "./room.js";
import { busyAnswers, type SpokenInvite, sendInvite, sentBy, spokenInvite } from "./spokenInvites.js";

/** Rooms of others whose names are texts: as many as ring, and some more. */
const MOST_TEXTS = 1_000;
/** The older engines make a 32-bit integer of a number. */
const MOST_NUMBER = 2 ** 31 - 1;

/** The rooms that the page is in. */
export class Rooms implements MediaRooms {
  /** Whether its engines know rooms by numbers alone, as the older ones do. */
  numbersOnly = false;
  readonly #rooms = new Map<Room, Wigwag>();
  /** Names by the numbers that stand for them. */
  readonly #texts = new Newest<RoomId>(MOST_TEXTS);

  add(room: Room, client: Wigwag): void {
    this.#rooms.set(room, client);
  }

  remove(room: Room): void {
    this.#rooms.delete(room);
  }

  wishOf(data: string): CallWish | undefined {
    return wishOf(data);
  }

  dataFor(data: string, call: CallLink | undefined): string {
    return dataForEngine(data, call, this.#numberOf);
  }

  busyData(call: CallLink): string {
    return busyData(call, this.#numberOf);
  }

  invite(client: Wigwag, message: WithPeer<MessageSend>, me: UserId): Promise<SpokenInvited> | undefined {
    const invite = spokenInvite(message);
    return invite && this.#invite(client, message, invite, me);
  }

  async #invite(client: Wigwag, message: WithPeer<MessageSend>, invite: SpokenInvite, me: UserId): Promise<SpokenInvited> {
    const inviting = sendInvite(client, message, invite);
    const reply = inviting.then(({ call }) => call);
    // Whoever waits for the invitation is told.
    reply.catch(() => {});
    this.enters(client, invite.call.roomID, reply);
    const acted = await inviting;
    const busy = acted.call === undefined ? "" : this.busyData(acted.call);
    return { sent: sentBy(acted), answers: busyAnswers(invite, acted, me, busy) };
  }

  readonly #numberOf = (room: RoomId): number | undefined => {
    if (!this.numbersOnly) {
      return undefined;
    }
    const number = numberFor(room);
    this.#texts.set(String(number), room);
    return number;
  };

  /** The name of a room that an engine calls so. */
  nameOf(room: RoomId): RoomId {
    return this.#texts.get(room) ?? room;
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

/** One that is always the same, 1 and more. Of two texts with one number the later one counts. */
function numberFor(text: string): number {
  let hash = 0;
  for (const letter of text) {
    hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) & MOST_NUMBER;
  }
  return Math.max(hash, 1);
}
