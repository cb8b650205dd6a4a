import type { Wigwag } from "../client.js";
import type { WigwagError } from "../errors.js";
import type { Attributes as Board, GroupSetAttributes, JsonObject } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { invalid, ok, type Success } from "./codes.js";
import { EVENT } from "./constants.js";
import type { Listeners } from "./listeners.js";
import { asked, type Params } from "./params.js";

/** What a write or an event says of a group. */
interface Change {
  readonly groupID: string;
  readonly version: number;
  readonly set?: Record<string, string> | undefined;
  readonly deleted?: string[] | undefined;
  readonly replace?: boolean | undefined;
  readonly counters?: Record<string, number> | undefined;
}

/** Of a group that nobody wrote to. */
const NOTHING: Board = { version: 0, attributes: {} };

/** Groups' attributes and counters. Who writes what somebody else has changed since is refused with 10056, and told of it by the event. */
export class Attributes implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #known = new Map<string, Board>();

  constructor(account: Account, listeners: Listeners) {
    this.#account = account;
    this.#listeners = listeners;
  }

  readonly begins = (client: Wigwag): void => {
    client.on("group.attributesChanged", (event) => this.#changed(event as Change));
    client.on("group.dismissed", ({ groupID }) => void this.#known.delete(groupID));
    // Of what changed while this device was away for long, no event comes.
    client.on("state", async ({ status }) => {
      for (const groupID of status === "open" ? [...this.#known.keys()] : []) {
        await this.#readAgain(groupID);
      }
    });
  };

  readonly ends = (): void => {
    this.#known.clear();
  };

  initGroupAttributes(options: unknown): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return this.#set(options, true);
  }

  setGroupAttributes(options: unknown): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return this.#set(options, false);
  }

  #set(options: unknown, replace: boolean): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return asked(options, async (params) => {
      const set = params.object<string>("groupAttributes");
      await this.#write(params, { set, replace });
      return ok({ groupAttributes: set });
    });
  }

  deleteGroupAttributes(options: unknown): Promise<Success<{ keyList: string[] }>> {
    return asked(options, async (params) => {
      const keyList = params.textsOrNone("keyList");
      await this.#write(params, { delete: keyList, replace: keyList.length === 0 });
      return ok({ keyList });
    });
  }

  getGroupAttributes(options: unknown): Promise<Success<{ groupAttributes: Record<string, string> }>> {
    return asked(options, async (params) => ok({ groupAttributes: await this.#chosen(params, "attributes") }));
  }

  setGroupCounters(options: unknown): Promise<Success<{ counters: Record<string, number> }>> {
    return asked(options, async (params) => ok({ counters: await this.#write(params, { counters: params.object("counters") }) }));
  }

  increaseGroupCounter(options: unknown): Promise<Success<{ groupID: string; key: string; value: number }>> {
    return this.#add(options, 1);
  }

  decreaseGroupCounter(options: unknown): Promise<Success<{ groupID: string; key: string; value: number }>> {
    return this.#add(options, -1);
  }

  /** It is the server that counts, so that of two who do it at once both count. */
  #add(options: unknown, sign: 1 | -1): Promise<Success<{ groupID: string; key: string; value: number }>> {
    return asked(
      options,
      async (params) => {
        const key = params.text("key");
        const value = params.any("value");
        if (!Number.isSafeInteger(value)) {
          throw invalid("value", "must be an integer");
        }
        const counters = await this.#write(params, { add: { [key]: sign * (value as number) } });
        return ok({ groupID: params.text("groupID"), key, value: counters[key] as number });
      },
      { counters: "key" },
    );
  }

  getGroupCounters(options: unknown): Promise<Success<{ counters: Record<string, number> }>> {
    return asked(options, async (params) => ok({ counters: await this.#chosen(params, "counters") }));
  }

  /** Gives what the counters are now that the wish names. */
  async #write(params: Params, wish: Omit<GroupSetAttributes, "groupID">): Promise<Record<string, number>> {
    const groupID = params.text("groupID");
    const known = this.#known.get(groupID);
    try {
      // What is undefined is not sent.
      const sent = { groupID, ...wish, ifVersion: known?.version } as GroupSetAttributes;
      const { version, counters = {} } = await this.#account.client().groups.setAttributes(sent);
      await this.#changed({ ...wish, groupID, version, deleted: wish.delete, counters } as Change);
      return counters as Record<string, number>;
    } catch (thrown) {
      if ((thrown as Partial<WigwagError>).reason === "attributesChanged") {
        await this.#readAgain(groupID);
      }
      throw thrown;
    }
  }

  /** There is a new version; the group is read where the one before it is not known. */
  async #changed({ groupID, version, set, deleted = [], replace, counters }: Change): Promise<void> {
    const known = this.#known.get(groupID) ?? NOTHING;
    this.#known.set(groupID, known);
    if (known.version === version - 1) {
      const left = Object.entries(replace ? {} : known.attributes).filter(([key]) => !deleted.includes(key));
      const attributes = { ...Object.fromEntries(left), ...set };
      this.#take(groupID, { version, attributes, counters: { ...known.counters, ...counters } });
    } else if (known.version < version) {
      await this.#readAgain(groupID);
    }
  }

  /** What cannot be read is no longer known: the next event of the group, or the app, reads it. */
  async #readAgain(groupID: string): Promise<void> {
    await this.#read(groupID).catch(() => this.#known.delete(groupID));
  }

  async #read(groupID: string): Promise<Board> {
    const before = this.#known.get(groupID);
    const board = await this.#account.client().groups.attributes({ groupID });
    const known = this.#known.get(groupID);
    // What came meanwhile may be newer. A lower version than that of before is one of a new group of the same name.
    if (known === before || board.version > (known?.version ?? Infinity)) {
      this.#take(groupID, board);
    }
    return this.#known.get(groupID) ?? board;
  }

  /** Tells what is new of a group that something was known of. */
  #take(groupID: string, board: Board): void {
    const known = this.#known.get(groupID);
    this.#known.set(groupID, board);
    if (known === undefined) {
      return;
    }
    const groupAttributes = { ...board.attributes };
    const keys = Object.keys(groupAttributes);
    const updatedKeyList = news(groupAttributes, known.attributes);
    const deletedKeyList = Object.keys(known.attributes).filter((key) => !keys.includes(key));
    if (updatedKeyList.length + deletedKeyList.length > 0) {
      this.#listeners.emit(EVENT.GROUP_ATTRIBUTES_UPDATED, { groupID, groupAttributes, updatedKeyList, deletedKeyList });
    }
    for (const key of news(board.counters, known.counters)) {
      this.#listeners.emit(EVENT.GROUP_COUNTER_UPDATED, { groupID, key, value: board.counters?.[key] });
    }
  }

  /** What a group has under the keys that the app names; without any all. */
  async #chosen<V>(params: Params, what: "attributes" | "counters"): Promise<Record<string, V>> {
    const keys = params.textsOrNone("keyList");
    const { [what]: all = {} } = await this.#read(params.text("groupID"));
    const chosen = Object.entries(all).filter(([key]) => keys.length === 0 || keys.includes(key));
    return Object.fromEntries(chosen) as Record<string, V>;
  }
}

/** Keys whose value is new. */
function news(now: JsonObject = {}, before: JsonObject = {}): string[] {
  return Object.keys(now).filter((key) => now[key] !== before[key]);
}
