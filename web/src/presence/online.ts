import type { UserStatus } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";

/** Users who are watched: as many as one session may watch. */
const WATCHED = 100;

/** Why a user is watched. Who is in the room that is open comes before contacts, when there are more of both than may be watched. */
type Cause = "room" | "contacts";

/** Least time between two requests, ms: each counts as ten reads. */
const APART_MS = 2_000;

/** Which users are online, of the first hundred who are to be watched, and of those who let this user know. */
export class Online {
  readonly view = new Store<ReadonlySet<string>>(new Set());
  /** Of whom it is known that they are not online: others may be, as far as this user knows. */
  readonly offline = new Store<ReadonlySet<string>>(new Set());
  readonly #session: Session;
  readonly #presences = new Map<string, UserStatus["presence"]>();
  readonly #causes = new Map<Cause, readonly string[]>();
  #wanted: readonly string[] = [];
  #watched: ReadonlySet<string> = new Set();
  /** Something is to be asked when the last request is answered and old enough. */
  #stale = false;
  #asking = false;
  readonly #ends: (() => void)[];

  constructor(session: Session) {
    this.#session = session;
    this.#ends = [
      session.client.on("user.status", (status) => this.#take([status])),
      session.connection.subscribe(() => this.#doubt()),
    ];
  }

  /** These are to be watched for this cause now, those first who matter most. */
  watch(cause: Cause, userIDs: readonly string[]): void {
    this.#causes.set(cause, userIDs);
    const all = [...(this.#causes.get("room") ?? []), ...(this.#causes.get("contacts") ?? [])];
    this.#wanted = [...new Set(all)].slice(0, WATCHED);
    for (const userID of this.#presences.keys()) {
      // What was known of them will be old when they are wanted again.
      if (!this.#wanted.includes(userID)) {
        this.#presences.delete(userID);
      }
    }
    this.#show();
    if (this.#wanted.some((userID) => !this.#watched.has(userID))) {
      void this.#ask();
    }
  }

  /** Something was said between this user and a contact, who may have come to know them by it. */
  met(userID: string): void {
    if (this.#presences.get(userID) === "unknown") {
      void this.#ask();
    }
  }

  close(): void {
    for (const end of this.#ends) {
      end();
    }
  }

  /** Asks until the newest wish is answered, and no more often than may be. That somebody is online is an ornament: nobody is told when it cannot be asked. */
  async #ask(): Promise<void> {
    this.#stale = true;
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    while (this.#stale) {
      this.#stale = false;
      const userIDs = [...this.#wanted];
      try {
        const { users } = await this.#session.client.users.watch({ userIDs });
        this.#watched = new Set(userIDs);
        this.#take(users);
      } catch {
        // It is asked again with the next change of the list.
      }
      await new Promise((resolve) => setTimeout(resolve, APART_MS));
    }
    this.#asking = false;
  }

  #take(statuses: readonly UserStatus[]): void {
    for (const { userID, presence } of statuses) {
      this.#presences.set(userID, presence);
    }
    this.#show();
  }

  /** While this page is away, others come: they are not taken for offline by what it knew before. */
  #doubt(): void {
    if (this.#session.connection.get().status === "open") {
      return;
    }
    for (const userID of this.offline.get()) {
      this.#presences.delete(userID);
    }
    this.#show();
  }

  #show(): void {
    const those = (presence: UserStatus["presence"]) => this.#wanted.filter((userID) => this.#presences.get(userID) === presence);
    this.view.set(changed(this.view.get(), those("online")));
    this.offline.set(changed(this.offline.get(), those("offline")));
  }
}

/** The same set when the same users are in it, so that nothing is drawn again. */
function changed(before: ReadonlySet<string>, userIDs: readonly string[]): ReadonlySet<string> {
  const isSame = before.size === userIDs.length && userIDs.every((userID) => before.has(userID));
  return isSame ? before : new Set(userIDs);
}
