import type { UserStatus } from "../wire/index.js";
import { wantString, wantTexts } from "./results.js";
import type { Session } from "./session.js";

/** How a user is. */
export interface V2TimUserStatus {
  userID: string;
  /** 0 unknown, of those who do not know one; 1 online, 2 offline. */
  statusType: number;
  /** What they say of themselves while they are online, at most 100 bytes; "" when that is nothing. */
  customStatus: string;
}

/** Most users one request may name, and one device may watch. */
const USERS_AT_ONCE = 100;

/** Who is online and what they say of themselves, as far as one may know it; and whom this device watches. */
export class Statuses {
  readonly #session: Session;
  readonly #tell: (statuses: V2TimUserStatus[]) => void;
  #watched: string[] = [];

  /** `tell` is called with changes, of those who are watched and of oneself. */
  constructor(session: Session, tell: (statuses: V2TimUserStatus[]) => void) {
    this.#session = session;
    this.#tell = tell;
    session.tells({
      begins: () => {
        this.#watched = [];
      },
      status: (status) => tell([shapeOf(status)]),
      event: (event, userID) => {
        if (event.type === "user.statusChanged") {
          this.#tellMine(userID, event.status);
        }
      },
    });
  }

  async say(status: unknown): Promise<void> {
    const { client, userID } = this.#session;
    const said = wantString("status", status);
    await client.users.setStatus({ status: said });
    this.#tellMine(userID, said);
  }

  async of(userIDList: unknown): Promise<V2TimUserStatus[]> {
    const { client } = this.#session;
    const userIDs = [...wantTexts("userIDList", userIDList)];
    const found: V2TimUserStatus[] = [];
    while (userIDs.length > 0) {
      const { users } = await client.users.getStatus({ userIDs: userIDs.splice(0, USERS_AT_ONCE) });
      found.push(...users.map(shapeOf));
    }
    return found;
  }

  /** Watches these users besides those of before, of whom the oldest make room. */
  watch(userIDList: unknown): Promise<void> {
    const added = new Set(wantTexts("userIDList", userIDList));
    return this.#watch([...this.#watched.filter((userID) => !added.has(userID)), ...added].slice(-USERS_AT_ONCE));
  }

  /** Watches these users no more; with an empty list nobody. */
  unwatch(userIDList: unknown): Promise<void> {
    const gone = wantTexts("userIDList", userIDList);
    return this.#watch(this.#watched.filter((userID) => gone.length > 0 && !gone.includes(userID)));
  }

  async #watch(userIDs: string[]): Promise<void> {
    await this.#session.client.users.watch({ userIDs });
    this.#watched = userIDs;
  }

  #tellMine(userID: string, status: string): void {
    this.#tell([shapeOf({ userID, presence: "online", status })]);
  }
}

function shapeOf({ userID, presence, status = "" }: UserStatus): V2TimUserStatus {
  return { userID, statusType: ["unknown", "online", "offline"].indexOf(presence), customStatus: status };
}
