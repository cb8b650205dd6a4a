import { uuidv7 } from "@wigwag/sdk";
import type { ServerMedia } from "../media/meeting.js";
import { roomIDOf } from "../rooms/ids.js";
import { Room } from "../rooms/room.js";
import type { Note } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { RoomSound } from "../sound/roomSound.js";
import { beginsRound, type ClassState, classOf, lateComers, present, speakersOf } from "./rules.js";

/** Timeout of the invitation to speak, s. */
const CALLED_S = 60;

/** A class and the actions in it. Every action rejects with a WigwagError. */
export class Lesson {
  readonly room: Room;
  readonly state = new Store<ClassState>({ hands: [] });
  readonly sound: RoomSound;
  readonly #session: Session;
  #askingLate = false;

  /** `media`: what the server says of the media of calls. */
  constructor(session: Session, name: string, media: ServerMedia) {
    this.#session = session;
    this.room = new Room(session, roomIDOf("class", name), beginsRound);
    this.sound = new RoomSound(this.room, media);
    this.room.view.subscribe(() => this.#follow());
  }

  /** The userID of this page. */
  get me(): string {
    return this.#session.me;
  }

  /** Stops listening to the room, and turns its sound off. */
  close(): void {
    this.sound.close();
    this.room.close();
  }

  get teaches(): boolean {
    return this.room.view.get().owner === this.#session.me;
  }

  /** Asks all pupils at once. The invitation has no deadline; the teacher ends the round. */
  async ask(): Promise<void> {
    const { members, owner } = this.room.view.get();
    const inviteID = uuidv7(Date.now(), Math.random);
    await this.#ask(
      members.filter((userID) => userID !== owner),
      inviteID,
      inviteID,
    );
  }

  /** Ends the round: no more hands can be raised. */
  async end(): Promise<void> {
    const { round } = this.state.get();
    const open = new Set(round?.waiting.values());
    await this.#note({ scene: "class", action: "close" });
    await Promise.all([...open].map((inviteID) => this.#session.cancel(inviteID)));
  }

  /** Raises this user's hand: accepts a pending invitation, or sends a note after it has been answered. */
  async raise(): Promise<void> {
    const inviteID = this.state.get().round?.waiting.get(this.#session.me);
    if (inviteID === undefined) {
      await this.#note({ scene: "class", action: "raise" });
    } else {
      await this.#session.accept(inviteID);
    }
  }

  /** Lowers the hand of `who`, or takes the floor from them. Pupils can do so for themselves, the teacher for everybody. */
  async lower(who: string): Promise<void> {
    await this.#note({ scene: "class", action: "lower", who });
  }

  async callUp(userID: string): Promise<void> {
    const inviteID = uuidv7(Date.now(), Math.random);
    const invite = { inviteID, groupID: this.room.groupID, inviteeList: [userID], timeout: CALLED_S };
    await this.#session.inviteInGroup(invite, { scene: "class", action: "speak" });
  }

  /** Takes the invitation to speak back. */
  async takeBack(): Promise<void> {
    const { called } = this.state.get();
    if (called !== undefined) {
      await this.#session.cancel(called.inviteID);
    }
  }

  /** Answers the invitation to speak. */
  async answer(speaks: boolean): Promise<void> {
    const { called } = this.state.get();
    if (called !== undefined) {
      await (speaks ? this.#session.accept(called.inviteID) : this.#session.reject(called.inviteID));
    }
  }

  #follow(): void {
    const { items, owner, members } = this.room.view.get();
    this.state.set(present(classOf(items, owner), members));
    this.sound.speak(speakersOf(this.state.get(), owner));
    void this.#askLateComers();
  }

  /** Sends one invitation at a time, so that fifty pupils who join together need two or three and not fifty. */
  async #askLateComers(): Promise<void> {
    const { members, owner, status } = this.room.view.get();
    const state = this.state.get();
    const late = lateComers(state, members, owner);
    if (late.length === 0 || state.round === undefined || !this.teaches || status !== "open" || this.#askingLate) {
      return;
    }
    this.#askingLate = true;
    try {
      await this.#ask(late, uuidv7(Date.now(), Math.random), state.round.id);
    } catch (thrown) {
      // The next change of the room tries again.
      console.warn("late-comers could not be asked", thrown);
      return;
    } finally {
      this.#askingLate = false;
    }
    await this.#askLateComers();
  }

  async #ask(inviteeList: string[], inviteID: string, round: string): Promise<void> {
    const invite = { inviteID, groupID: this.room.groupID, inviteeList, timeout: 0 };
    await this.#session.inviteInGroup(invite, { scene: "class", action: "raise", round });
  }

  async #note(note: Note): Promise<void> {
    await this.#session.note({ groupID: this.room.groupID }, note, "stored");
  }
}
