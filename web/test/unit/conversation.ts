import type { RoomItem } from "../../src/rooms/items.js";
import type { Note, Purpose } from "../../src/session/payload.js";

/** The conversation of a room, which grows as people act. */
export class Conversation {
  readonly items: RoomItem[] = [];

  invites(inviter: string, invitees: string[], inviteID: string, purpose: Purpose): this {
    return this.#add({ kind: "invited", inviter, invitees, inviteID, purpose });
  }

  accepts(inviteID: string, invitee: string): this {
    return this.#add({ kind: "answered", inviteID, invitee, accepted: true });
  }

  rejects(inviteID: string, invitee: string): this {
    return this.#add({ kind: "answered", inviteID, invitee, accepted: false });
  }

  /** The invitation is cancelled or times out. */
  closes(inviteID: string, invitees: string[]): this {
    return this.#add({ kind: "closed", inviteID, invitees });
  }

  notes(sender: string, note: Note): this {
    return this.#add({ kind: "note", sender, note });
  }

  says(sender: string, text: string): this {
    return this.#add({ kind: "text", sender, text });
  }

  /** The `seq` of the newest item. */
  get seq(): number {
    return this.items.length;
  }

  #add(item: Unplaced<RoomItem>): this {
    const seq = this.items.length + 1;
    this.items.push({ ...item, seq, time: seq } as RoomItem);
    return this;
  }
}

type Unplaced<T> = T extends unknown ? Omit<T, "seq" | "time"> : never;

/** The same people in an order that depends on the seed. */
export function inSomeOrder(people: readonly string[], seed: number): string[] {
  return people
    .map((who, index) => ({ who, at: (index * seed * 31) % people.length }))
    .sort((one, other) => one.at - other.at)
    .map(({ who }) => who);
}
