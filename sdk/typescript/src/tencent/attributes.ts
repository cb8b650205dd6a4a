import type { Wigwag } from "../client.js";
import type { WigwagError } from "../errors.js";
import type { Attributes as Board, GroupSetAttributes } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, ok, type Success } from "./codes.js";
import { EVENT } from "./constants.js";
import type { Listeners } from "./listeners.js";
import { Params } from "./params.js";

type Values = Record<string, string>;

/** What a write or an event says of a group. */
interface Change {
  readonly groupID: string;
  readonly set?: Values;
  readonly deleted?: string[];
  readonly replace?: boolean;
}

/** Groups' attributes. Who writes what somebody else has changed since is refused with 10056, and told of it by the event. */
export class Attributes implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #known = new Map<string, Board>();

  constructor(account: Account, listeners: Listeners) {
    this.#account = account;
    this.#listeners = listeners;
  }

  begins(client: Wigwag): void {
    client.on("group.attributesChanged", (event) => this.#changed(event as Change, event.version));
    client.on("group.dismissed", ({ groupID }) => void this.#known.delete(groupID));
    // Of what changed while this device was away for long, no event comes.
    client.on("state", async ({ status }) => {
      for (const groupID of status === "open" ? [...this.#known.keys()] : []) {
        await this.#readAgain(groupID);
      }
    });
  }

  ends(): void {
    this.#known.clear();
  }

  set(options: unknown, replace: boolean): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return answered(async () => {
      const params = new Params(options);
      const groupAttributes = params.any("groupAttributes") as Values;
      new Params(groupAttributes, "groupAttributes");
      await this.#write({ groupID: params.text("groupID"), set: { ...groupAttributes }, replace });
      return ok({ groupAttributes });
    }, NAMES);
  }

  delete(options: unknown): Promise<Success<{ keyList: string[] }>> {
    return answered(async () => {
      const { groupID, keyList } = keysIn(options);
      await this.#write({ groupID, deleted: keyList, replace: keyList.length === 0 });
      return ok({ keyList });
    });
  }

  get(options: unknown): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return answered(async () => {
      const { groupID, keyList } = keysIn(options);
      const all = Object.entries((await this.#read(groupID)) as Values);
      return ok({ groupAttributes: Object.fromEntries(all.filter(([key]) => keyList.length === 0 || keyList.includes(key))) });
    });
  }

  async #write(change: Change): Promise<void> {
    const { groupID, deleted, ...rest } = change;
    const known = this.#known.get(groupID);
    try {
      // What is undefined is not sent.
      const wish = { groupID, ...rest, delete: deleted, ifVersion: known?.version } as GroupSetAttributes;
      await this.#changed(change, (await this.#account.client().groups.setAttributes(wish)).version);
    } catch (thrown) {
      if ((thrown as Partial<WigwagError>).reason === "attributesChanged") {
        await this.#readAgain(groupID);
      }
      throw thrown;
    }
  }

  /** The attributes have a new version; they are read where the one before it is not known. */
  async #changed({ groupID, set, deleted = [], replace }: Change, version: number): Promise<void> {
    const known = this.#known.get(groupID) ?? { version: -1, attributes: {} };
    if (known.version === version - 1) {
      const left = Object.entries(replace ? {} : known.attributes).filter(([key]) => !deleted.includes(key));
      this.#take(groupID, { version, attributes: { ...Object.fromEntries(left), ...set } });
    } else if (known.version < version) {
      this.#known.set(groupID, known);
      await this.#readAgain(groupID);
    }
  }

  /** What cannot be read is no longer known: the next event of the group, or the app, reads it. */
  async #readAgain(groupID: string): Promise<void> {
    await this.#read(groupID).catch(() => this.#known.delete(groupID));
  }

  async #read(groupID: string): Promise<object> {
    const board = await this.#account.client().groups.attributes({ groupID });
    this.#take(groupID, board);
    return board.attributes;
  }

  /** Tells what is new of a group that something was known of. */
  #take(groupID: string, board: Board): void {
    const before = this.#known.get(groupID)?.attributes;
    this.#known.set(groupID, board);
    const now = board.attributes;
    const keys = Object.keys(now);
    const updatedKeyList = keys.filter((key) => now[key] !== before?.[key]);
    const deletedKeyList = Object.keys(before ?? now).filter((key) => !keys.includes(key));
    if (before && updatedKeyList.length + deletedKeyList.length > 0) {
      const groupAttributes = { ...now };
      this.#listeners.emit(EVENT.GROUP_ATTRIBUTES_UPDATED, { groupID, groupAttributes, updatedKeyList, deletedKeyList });
    }
  }
}

/** What the app calls the fields of the protocol. */
const NAMES = { set: "groupAttributes" };

/** No keys, or an empty list: all of them. */
function keysIn(options: unknown): { groupID: string; keyList: string[] } {
  const params = new Params(options);
  const { length } = Object(params.any("keyList")) as { length?: number };
  return { groupID: params.text("groupID"), keyList: length ? params.texts("keyList") : [] };
}
