import { uuidv7 } from "@wigwag/sdk";
import { roomIDOf } from "../rooms/ids.js";
import { Room } from "../rooms/room.js";
import type { Note } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { absent, beginsSeats, type LiveState, liveOf, placeToWrite } from "./rules.js";

/** How long an ask or an offer stands, s. */
const STANDS_S = 60;

/** A live room, and what one can do in it. Every deed rejects with a WigwagError. */
export class Show {
  readonly room: Room;
  readonly state = new Store<LiveState>(liveOf([], ""));
  readonly #session: Session;
  #ordering = false;

  constructor(session: Session, name: string) {
    this.#session = session;
    this.room = new Room(session, roomIDOf("live", name), beginsSeats);
    this.room.view.subscribe(() => this.#follow());
  }

  /** The userID of this page. */
  get me(): string {
    return this.#session.me;
  }

  get hosts(): boolean {
    return this.room.view.get().owner === this.#session.me;
  }

  /** A listener asks the host for a seat. */
  async ask(): Promise<void> {
    await this.#invite(this.room.view.get().owner, "ask");
  }

  /** The host offers a listener a seat. */
  async offer(userID: string): Promise<void> {
    await this.#invite(userID, "offer");
  }

  /** Answers an ask, or an offer. */
  async answer(inviteID: string, yes: boolean): Promise<void> {
    await (yes ? this.#session.accept(inviteID) : this.#session.reject(inviteID));
  }

  /** Takes back what one has asked. */
  async withdraw(inviteID: string): Promise<void> {
    await this.#session.cancel(inviteID);
  }

  /** Gives a seat back: one's own, and as the host anybody's. */
  async leave(who: string): Promise<void> {
    await this.#note({ scene: "live", action: "leave", who });
  }

  #follow(): void {
    const { items, owner } = this.room.view.get();
    this.state.set(liveOf(items, owner));
    void this.#keepOrder();
  }

  /**
   * The host's page gives back the seats of those who have left the room, and writes the seats down now and then. Another of
   * his pages may do so as well; it changes nothing.
   */
  async #keepOrder(): Promise<void> {
    const { items, owner, members, status } = this.room.view.get();
    if (!this.hosts || status !== "open" || this.#ordering) {
      return;
    }
    const { seats } = this.state.get();
    const [gone] = absent(this.state.get(), members);
    const upTo = placeToWrite(items, owner);
    this.#ordering = true;
    try {
      if (gone !== undefined) {
        await this.leave(gone);
      } else if (upTo !== undefined) {
        await this.#note({ scene: "live", action: "seats", seats, upTo });
      }
    } catch (thrown) {
      // The next thing that happens makes it be tried again.
      console.warn("the seats could not be put in order", thrown);
    } finally {
      this.#ordering = false;
    }
  }

  async #invite(userID: string, action: "ask" | "offer"): Promise<void> {
    const inviteID = uuidv7(Date.now(), Math.random);
    const invite = { inviteID, groupID: this.room.groupID, inviteeList: [userID], timeout: STANDS_S };
    await this.#session.inviteInGroup(invite, { scene: "live", action });
  }

  async #note(note: Note): Promise<void> {
    await this.#session.note({ groupID: this.room.groupID }, note, "stored");
  }
}
