import type { KnownEvent } from "@wigwag/sdk";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { type KnownCall, type KnownCalls, knownBy, knownOf } from "./knownCalls.js";
import { conversationOf, type Item, type Items, itemOfEvent, itemOfMessage, type Line, linesOf } from "./lines.js";

/** A user with whom this user has a conversation. */
export interface Contact {
  readonly userID: string;
  readonly time: number;
  readonly unread: number;
  readonly last?: Line;
}

/** The one-to-one conversations of this user, as the page shows them. */
export interface ChatView {
  /** The contacts, the newest conversation first. */
  readonly contacts: readonly Contact[];
  /** The userID of the contact whose conversation is open. */
  readonly open?: string;
  readonly lines: readonly Line[];
  /** Whether `lines` goes back to the beginning. */
  readonly complete: boolean;
}

/** Messages in one read; a call leaves two or three. */
const PAGE = 60;

export class Chat {
  readonly view = new Store<ChatView>({ contacts: [], lines: [], complete: true });
  readonly #session: Session;
  readonly #items = new Map<string, Items>();
  #known: KnownCalls = new Map();
  readonly #complete = new Set<string>();
  readonly #contacts = new Map<string, Contact>();
  /** The last message of each conversation that the server has counted when it listed them. */
  readonly #counted = new Map<string, number>();
  /** What is heard while the lists are read: they may be older. */
  #meanwhile: KnownEvent[] | undefined;
  readonly #end: () => void;

  constructor(session: Session) {
    this.#session = session;
    this.#end = session.on((event) => this.#heard(event));
  }

  /** Reads the contacts, and how the newest calls went. Rejects with a WigwagError. */
  async load(): Promise<void> {
    const meanwhile: KnownEvent[] = [];
    this.#meanwhile = meanwhile;
    try {
      await this.#readLists();
    } finally {
      this.#meanwhile = undefined;
      for (const event of meanwhile) {
        this.#heard(event);
      }
    }
  }

  async #readLists(): Promise<void> {
    const { client } = this.#session;
    const [{ conversations }, { calls }] = await Promise.all([
      client.conversations.list({ limit: 100 }),
      client.calls.list({ limit: 100 }),
    ]);
    this.#known = knownOf(calls);
    for (const { userID, unread, lastMessage } of conversations) {
      if (userID !== undefined) {
        const item = lastMessage && itemOfMessage(lastMessage);
        this.#counted.set(userID, lastMessage?.seq ?? 0);
        this.#contacts.set(userID, {
          userID,
          unread,
          time: lastMessage?.time ?? 0,
          ...this.#lastOf(item && new Map([[0, item]])),
        });
      }
    }
    this.#show();
  }

  /** Opens the conversation with a user, which may still be empty. Rejects with a WigwagError. */
  async open(userID: string): Promise<void> {
    if (!this.#contacts.has(userID)) {
      this.#contacts.set(userID, { userID, unread: 0, time: Date.now() });
    }
    this.view.update((view) => ({ ...view, open: userID }));
    this.#show();
    await this.older();
    await this.#read(userID);
  }

  /** Closes the open conversation. */
  shut(): void {
    this.view.update(({ open: _, ...view }) => view);
    this.#show();
  }

  /** Reads the next page of the open conversation. */
  async older(): Promise<void> {
    const { open } = this.view.get();
    if (open === undefined) {
      return;
    }
    const conversation = conversationOf(this.#session.me, open);
    const known = this.#items.get(conversation) ?? new Map<number, Item>();
    const oldest = Math.min(...known.keys());
    if (oldest === 1 || this.#complete.has(conversation)) {
      return;
    }
    const from = Number.isFinite(oldest) && known.size >= PAGE ? { fromSeq: oldest - 1 } : {};
    const { messages, complete } = await this.#session.client.messages.history({ userID: open, limit: PAGE, ...from });
    if (complete) {
      this.#complete.add(conversation);
    }
    this.#add(
      conversation,
      messages.flatMap((message) => itemOfMessage(message) ?? []),
    );
    this.#show();
  }

  /** Sends a text in the open conversation. Rejects with a WigwagError. */
  async say(text: string): Promise<void> {
    const { open } = this.view.get();
    if (open !== undefined && text.trim() !== "") {
      await this.#session.sendText({ userID: open }, text.trim());
    }
  }

  close(): void {
    this.#end();
  }

  #heard(event: KnownEvent): void {
    if (this.#meanwhile !== undefined) {
      this.#meanwhile.push(event);
      return;
    }
    const known = knownBy(event);
    if (known !== undefined) {
      this.#learned(...known);
    }
    const heard = itemOfEvent(event);
    const userID = heard && peerOf(heard.conversation, this.#session.me);
    if (heard === undefined || userID === undefined) {
      return;
    }
    this.#add(heard.conversation, [heard.item]);
    const contact = this.#contacts.get(userID);
    const reading = this.view.get().open === userID && document.visibilityState === "visible";
    const counts = !isOwn(event, this.#session.me) && !reading && heard.item.seq > (this.#counted.get(userID) ?? 0);
    const unread = (contact?.unread ?? 0) + (counts ? 1 : 0);
    const last = this.#lastOf(this.#items.get(heard.conversation));
    this.#contacts.set(userID, { userID, unread, time: heard.item.time, ...last });
    this.#show();
    if (reading) {
      void this.#read(userID);
    }
  }

  /** The server says something of a call, and the lines that show it change. */
  #learned(callID: string, call: KnownCall): void {
    this.#known = new Map([...this.#known, [callID, { ...this.#known.get(callID), ...call }]]);
    for (const [userID, contact] of this.#contacts) {
      const items = this.#items.get(conversationOf(this.#session.me, userID));
      this.#contacts.set(userID, { ...contact, ...this.#lastOf(items) });
    }
    this.#show();
  }

  #add(conversation: string, items: readonly Item[]): void {
    const known = this.#items.get(conversation) ?? [];
    this.#items.set(conversation, new Map([...known, ...items.map((item) => [item.seq, item] as const)]));
  }

  #lastOf(items: Items | undefined): { last?: Line } {
    const last = items && linesOf(items, this.#session.me, this.#known).at(-1);
    return last === undefined ? {} : { last };
  }

  /** Marks the conversation as read. After a failure, the next message does it. */
  async #read(userID: string): Promise<void> {
    const seq = Math.max(0, ...(this.#items.get(conversationOf(this.#session.me, userID))?.keys() ?? []));
    const contact = this.#contacts.get(userID);
    if (contact !== undefined && seq > 0) {
      this.#contacts.set(userID, { ...contact, unread: 0 });
      this.#show();
      await this.#session.client.messages.markRead({ userID, seq }).catch(() => {});
    }
  }

  #show(): void {
    this.view.update((view) => {
      const conversation = view.open === undefined ? "" : conversationOf(this.#session.me, view.open);
      return {
        ...view,
        contacts: [...this.#contacts.values()].sort((one, other) => other.time - one.time),
        lines: linesOf(this.#items.get(conversation) ?? new Map(), this.#session.me, this.#known),
        complete: this.#complete.has(conversation) || this.#items.get(conversation)?.has(1) === true,
      };
    });
  }
}

function peerOf(conversation: string, me: string): string | undefined {
  const [kind, names = ""] = conversation.split(":", 2);
  const [one, other] = kind === "c2c" ? conversation.slice("c2c:".length).split(" ") : [undefined, names];
  return one === undefined ? undefined : one === me ? other : one;
}

function isOwn(event: KnownEvent, me: string): boolean {
  return event.self === true || (event.type === "message.received" && event.message.sender === me);
}
