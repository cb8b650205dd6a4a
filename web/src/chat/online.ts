import type { UserStatus } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";

/** Contacts who are watched: as many as one session may watch. */
const WATCHED = 100;

/** Least time between two requests, ms: each counts as ten reads. */
const APART_MS = 2_000;

/** Which of the newest contacts are online, of those who let this user know. */
export class Online {
  readonly view = new Store<ReadonlySet<string>>(new Set());
  readonly #session: Session;
  readonly #presences = new Map<string, UserStatus["presence"]>();
  #wanted: readonly string[] = [];
  #watched: ReadonlySet<string> = new Set();
  /** Something is to be asked when the last request is answered and old enough. */
  #stale = false;
  #asking = false;
  readonly #end: () => void;

  constructor(session: Session) {
    this.#session = session;
    this.#end = session.client.on("user.status", (status) => this.#take([status]));
  }

  /** These are the contacts now, the newest first. */
  watch(userIDs: readonly string[]): void {
    this.#wanted = userIDs.slice(0, WATCHED);
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
    this.#end();
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
    const online = [...this.#presences].filter(([userID, presence]) => presence === "online" && this.#wanted.includes(userID));
    this.view.set(new Set(online.map(([userID]) => userID)));
  }
}
