import { uuidv7 } from "@wigwag/sdk";
import type { ServerMedia } from "../media/meeting.js";
import type { Online } from "../presence/online.js";
import { Attendance } from "../rooms/attendance.js";
import { roomIDOf } from "../rooms/ids.js";
import { Room } from "../rooms/room.js";
import type { Note } from "../session/payload.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { RoomSound } from "../sound/roomSound.js";
import { absent, beginsRound, type ClassState, classOf, lateComers, present, speakersOf } from "./rules.js";

/** Timeout of the invitation to speak, s. */
const CALLED_S = 60;

/** A class and the actions in it. Every action rejects with a WigwagError. */
export class Lesson {
  readonly room: Room;
  readonly state = new Store<ClassState>({ hands: [] });
  readonly sound: RoomSound;
  readonly attendance: Attendance;
  readonly #session: Session;
  #askingLate = false;
  #lowering = false;

  /** `media`: what the server says of the media of calls. */
  constructor(session: Session, online: Online, name: string, media: ServerMedia) {
    this.#session = session;
    this.room = new Room(session, roomIDOf("class", name), beginsRound);
    this.sound = new RoomSound(this.room, media);
    this.attendance = new Attendance(this.room, online);
    this.room.view.subscribe(() => this.#follow());
    this.attendance.here.subscribe(() => void this.#lowerAbsent());
  }

  /** The userID of this page. */
  get me(): string {
    return this.#session.me;
  }

  /** Stops listening to the room, and turns its sound off. */
  close(): void {
    this.sound.close();
    this.attendance.close();
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
    const { speaker, hands } = this.state.get();
    this.sound.speak(speakersOf(this.state.get(), owner));
    this.attendance.watch([owner, ...(speaker === undefined ? [] : [speaker]), ...hands.map(({ userID }) => userID)]);
    void this.#askLateComers();
    void this.#lowerAbsent();
  }

  /** The teacher's page lowers the hands of pupils who are gone, and takes the floor from them. */
  async #lowerAbsent(): Promise<void> {
    const [gone] = absent(this.state.get(), this.attendance.here.get());
    if (gone === undefined || !this.teaches || this.room.view.get().status !== "open" || this.#lowering) {
      return;
    }
    this.#lowering = true;
    try {
      await this.lower(gone);
    } catch (thrown) {
      // The next change of the room tries again.
      console.warn("the hand of somebody who is gone could not be lowered", thrown);
    } finally {
      this.#lowering = false;
    }
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
