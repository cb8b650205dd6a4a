import { type KnownEvent, type Message, WigwagError } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { type RoomItem, roomItemOfEvent, roomItemOfMessage } from "./items.js";
import { afterEvent, type RoomView } from "./view.js";

/** Messages in one read; the server returns no more. */
const PAGE = 100;

/** The most pages to read back; older messages do not matter for the current state of a room. */
const PAGES = 20;

const UNSEEN: RoomView = { status: "loading", owner: "", members: [], items: [] };

/** One room: its members and the items of its conversation. */
export class Room {
  readonly view = new Store<RoomView>(UNSEEN);
  readonly groupID: string;
  readonly session: Session;
  readonly #begins: (item: RoomItem) => boolean;
  readonly #items = new Map<number, RoomItem>();
  readonly #ends: (() => void)[];
  /** What each read that is under way hears of the room meanwhile: what it reads may be older. */
  readonly #reads = new Set<KnownEvent[]>();

  /** `begins` returns true for an item before which nothing has to be read. */
  constructor(session: Session, groupID: string, begins: (item: RoomItem) => boolean) {
    this.session = session;
    this.groupID = groupID;
    this.#begins = begins;
    this.#ends = [session.on((event) => this.#heard(event)), session.onOpening(() => void this.enter())];
  }

  /** Reads the room, and joins it first if this user is not a member. Rejects with a WigwagError, but not when there is no such room. */
  async enter(): Promise<void> {
    try {
      await this.#readOrJoin();
    } catch (thrown) {
      const gone = thrown instanceof WigwagError && thrown.reason === "unknownGroup";
      const { status } = this.view.get();
      const known = status !== "loading" && status !== "absent" && status !== "unreachable";
      this.#patch({ status: gone ? (known ? "gone" : "absent") : "unreachable" });
      if (!gone) {
        throw thrown;
      }
    }
  }

  /** Ends the membership of this user. */
  async leave(): Promise<void> {
    await this.session.client.groups.quit({ groupID: this.groupID });
    this.#patch({ status: "removed" });
  }

  /** Ends the room for everybody. */
  async dismiss(): Promise<void> {
    await this.session.client.groups.dismiss({ groupID: this.groupID });
    this.#patch({ status: "gone" });
  }

  async say(text: string): Promise<void> {
    await this.session.sendText({ groupID: this.groupID }, text);
  }

  /** Stops listening; the user stays a member. */
  close(): void {
    for (const end of this.#ends) {
      end();
    }
  }

  async #readOrJoin(): Promise<void> {
    try {
      await this.#read();
    } catch (thrown) {
      if (!(thrown instanceof WigwagError) || thrown.reason !== "notMember") {
        throw thrown;
      }
      await this.session.client.groups.join({ groupID: this.groupID });
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const meanwhile: KnownEvent[] = [];
    this.#reads.add(meanwhile);
    try {
      const { group } = await this.session.client.groups.info({ groupID: this.groupID });
      const members = await this.#readMembers();
      await this.#readBack();
      const read: RoomView = { status: "open", owner: group.owner, members, items: this.#inOrder() };
      this.view.set(meanwhile.reduce((view, event) => afterEvent(view, event, this.session.me), read));
    } finally {
      this.#reads.delete(meanwhile);
    }
  }

  async #readMembers(): Promise<string[]> {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.session.client.groups.members({
        groupID: this.groupID,
        limit: 500,
        ...(after === undefined ? {} : { after }),
      });
      found.push(...page.members.map(({ userID }) => userID));
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  async #readBack(): Promise<void> {
    let from: { fromSeq?: number } = {};
    for (let page = 0; page < PAGES; page += 1) {
      const { messages, complete } = await this.session.client.messages.history({ groupID: this.groupID, limit: PAGE, ...from });
      const items = messages.flatMap((message: Message) => roomItemOfMessage(message) ?? []);
      this.#keep(items);
      const oldest = messages.at(-1)?.seq ?? 1;
      if (complete || oldest === 1 || items.some(this.#begins)) {
        return;
      }
      from = { fromSeq: oldest - 1 };
    }
  }

  #heard(event: KnownEvent): void {
    const item = roomItemOfEvent(event, this.groupID);
    if (item !== undefined) {
      this.#keep([item]);
      this.#patch({ items: this.#inOrder() });
    }
    if ("groupID" in event && event.groupID === this.groupID) {
      for (const meanwhile of this.#reads) {
        meanwhile.push(event);
      }
      this.view.update((view) => afterEvent(view, event, this.session.me));
    }
  }

  #keep(items: readonly RoomItem[]): void {
    for (const item of items) {
      this.#items.set(item.seq, item);
    }
  }

  #inOrder(): RoomItem[] {
    return [...this.#items.values()].sort((one, other) => one.seq - other.seq);
  }

  #patch(change: Partial<RoomView>): void {
    this.view.update((view) => ({ ...view, ...change }));
  }
}
