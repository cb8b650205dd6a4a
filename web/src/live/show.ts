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
import { absent, beginsSeats, type LiveState, liveOf, placeToWrite, speakersOf } from "./rules.js";

/** Timeout of a request or an offer, s. */
const STANDS_S = 60;

/** A live room and the actions in it. Every action rejects with a WigwagError. */
export class Show {
  readonly room: Room;
  readonly state = new Store<LiveState>(liveOf([], ""));
  readonly sound: RoomSound;
  readonly attendance: Attendance;
  readonly #session: Session;
  #ordering = false;

  /** `media`: what the server says of the media of calls. */
  constructor(session: Session, online: Online, name: string, media: ServerMedia) {
    this.#session = session;
    this.room = new Room(session, roomIDOf("live", name), beginsSeats);
    this.sound = new RoomSound(this.room, media);
    this.attendance = new Attendance(this.room, online);
    this.room.view.subscribe(() => this.#follow());
    this.attendance.here.subscribe(() => void this.#keepOrder());
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

  /** Answers a request or an offer. */
  async answer(inviteID: string, yes: boolean): Promise<void> {
    await (yes ? this.#session.accept(inviteID) : this.#session.reject(inviteID));
  }

  /** Takes back a request, or an offer, of this user. */
  async withdraw(inviteID: string): Promise<void> {
    await this.#session.cancel(inviteID);
  }

  /** Frees the seat of `who`. Speakers can do so for themselves, the host for everybody. */
  async leave(who: string): Promise<void> {
    await this.#note({ scene: "live", action: "leave", who });
  }

  #follow(): void {
    const { items, owner } = this.room.view.get();
    this.state.set(liveOf(items, owner));
    const speakers = speakersOf(this.state.get(), owner);
    this.sound.speak(speakers);
    this.attendance.watch(speakers);
    void this.#keepOrder();
  }

  /**
   * The page of the host frees the seats of users who left the room or are gone, and writes the seats down now and then. Several pages of
   * the host may do so: a repeat changes nothing.
   */
  async #keepOrder(): Promise<void> {
    const { items, owner, status } = this.room.view.get();
    if (!this.hosts || status !== "open" || this.#ordering) {
      return;
    }
    const { seats } = this.state.get();
    const [gone] = absent(this.state.get(), this.attendance.here.get());
    const upTo = placeToWrite(items, owner);
    this.#ordering = true;
    try {
      if (gone !== undefined) {
        await this.leave(gone);
      } else if (upTo !== undefined) {
        await this.#note({ scene: "live", action: "seats", seats, upTo });
      }
    } catch (thrown) {
      // The next change of the room tries again.
      console.warn("the seats could not be updated", thrown);
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
