import type { ConversationView, EventOf, KnownEvent } from "@wigwag/sdk";
import { idOf, idsOf, isSameName, nameOf } from "../people/names.js";
import type { Online } from "../presence/online.js";
import type { Session } from "../session/session.js";
import { Store } from "../session/store.js";
import { type KnownCall, type KnownCalls, knownBy, knownOf } from "./knownCalls.js";
import { itemOfEvent, type Line, linesOf } from "./lines.js";
import type { Talk } from "./talk.js";
import * as talks from "./talk.js";

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
  /** What is unread in all of them. */
  readonly unread: number;
  /** Whether the server has conversations before them. */
  readonly more: boolean;
  /** The userID of the contact whose conversation is open. */
  readonly open?: string;
  /** Whether nobody has the userID that is open. */
  readonly nobody: boolean;
  readonly lines: readonly Line[];
  /** Whether `lines` goes back to the beginning. */
  readonly complete: boolean;
}

/** Messages in one read; a call leaves two or three. */
const PAGE = 60;

/** Conversations that are read at once while the list is loaded; a user may read 128 times at once. */
const AT_ONCE = 10;

/** Conversations in one list: the most that a server gives at once. */
const LISTED = 100;

/** Conversations among which a search looks: enough for years, and 20 reads. */
const SEARCHED = 2_000;

/** Known users whose names differ in nothing but their letters' case, of which the server is asked who exists. */
const MOST_KNOWN = 90;

export class Chat {
  readonly view = new Store<ChatView>({ contacts: [], unread: 0, more: false, nobody: false, lines: [], complete: true });
  /** Which of the contacts are online. */
  readonly online: Online;
  readonly #session: Session;
  /** By the userID of the other user. */
  readonly #talks = new Map<string, Talk>();
  #known: KnownCalls = new Map();
  /** What is learned of calls while they are listed: the list may be older. */
  #learnedSince: KnownCalls = new Map();
  /** Where the conversations begin that are not listed yet; undefined when all are. */
  #next: string | undefined;
  /** Whom the server found last: to open their conversation it is not asked once more. */
  #found: string | undefined;
  /** Whether the rest is being listed. */
  #listing = false;
  /** Whether the user has the open conversation before their eyes. */
  #looking = false;
  readonly #end: () => void;

  constructor(session: Session, online: Online) {
    this.#session = session;
    this.online = online;
    this.#end = session.on((event) => this.#heard(event));
  }

  /** Reads the contacts, what is unread, and how the newest calls went. Rejects with a WigwagError. */
  async load(): Promise<void> {
    const { client } = this.#session;
    this.#learnedSince = new Map();
    const before = new Map(this.#talks);
    const [{ conversations, next }, { calls }] = await Promise.all([
      client.conversations.list({ limit: LISTED }),
      client.calls.list({ limit: 100 }),
    ]);
    this.#known = new Map([...knownOf(calls), ...this.#learnedSince]);
    this.#next = next;
    try {
      await this.#takeList(conversations, before);
    } finally {
      this.#show();
    }
    if (this.view.get().open !== undefined) {
      await this.older();
      this.#seen();
    }
  }

  /** Lists the next conversations. Rejects with a WigwagError. */
  async earlier(): Promise<void> {
    const after = this.#next;
    if (after !== undefined) {
      const before = new Map(this.#talks);
      const { conversations, next } = await this.#session.client.conversations.list({ limit: LISTED, after });
      this.#next = next;
      await this.#takeList(conversations, before);
      this.#show();
    }
  }

  /** Lists conversations until all are, or as many as a search is worth. Rejects with a WigwagError. */
  async listAll(): Promise<void> {
    if (!this.#listing) {
      this.#listing = true;
      try {
        while (this.#next !== undefined && this.#talks.size < SEARCHED) {
          await this.#session.patiently(() => this.earlier());
        }
      } finally {
        this.#listing = false;
      }
    }
  }

  /** The user of this name, whatever the case of its letters; undefined when there is none. Rejects with a WigwagError. */
  async find(name: string): Promise<string | undefined> {
    const known = [...this.#talks.keys()].filter((userID) => isSameName(nameOf(userID), name));
    const exact = known.find((userID) => userID === idOf(name));
    if (exact !== undefined) {
      return exact;
    }
    const userIDs = [...new Set([idOf(name), ...known.slice(0, MOST_KNOWN), ...idsOf(name)])];
    const { profiles } = await this.#session.client.users.get({ userIDs });
    const found = profiles[0]?.userID;
    this.#found = found;
    return found;
  }

  /** Opens the conversation with a user, which may still be empty. Resolves to the user's ID, which may be in other letters. Rejects with a WigwagError. */
  async open(userID: string): Promise<string> {
    this.view.update((view) => ({ ...view, open: userID, nobody: false }));
    this.#show();
    const exists = this.#talks.has(userID) || this.#found === userID;
    const found = exists ? userID : await this.find(nameOf(userID));
    if (this.view.get().open !== userID || (found !== undefined && found !== userID)) {
      return found ?? userID;
    }
    if (found === undefined) {
      this.view.update((view) => ({ ...view, nobody: true }));
      return userID;
    }
    if (!this.#talks.has(userID)) {
      this.#talks.set(userID, talks.emptyTalk(Date.now()));
      this.#show();
    }
    await this.older();
    this.#seen();
    return userID;
  }

  /** Closes the open conversation. */
  shut(): void {
    this.view.update(({ open: _, ...view }) => ({ ...view, nobody: false }));
    this.#show();
  }

  /** Whether the user has the open conversation before their eyes, as far as the page knows; what comes then is read. */
  looks(looking: boolean): void {
    this.#looking = looking;
    this.#seen();
  }

  /** Reads the next page of the open conversation. */
  async older(): Promise<void> {
    const { open: userID } = this.view.get();
    const talk = userID === undefined ? undefined : this.#talks.get(userID);
    if (userID === undefined || talk === undefined || isComplete(talk)) {
      return;
    }
    const from = talk.items.size >= PAGE ? { fromSeq: Math.min(...talk.items.keys()) - 1 } : {};
    const { messages, complete } = await this.#session.client.messages.history({ userID, limit: PAGE, ...from });
    this.#change(userID, (known) => ({
      ...talks.withItems(known, talks.itemsOf(messages)),
      complete: complete || known.complete,
    }));
    this.#show();
  }

  close(): void {
    this.#end();
  }

  /** Takes over a list of conversations, and reads those of which it does not tell enough. `before`: what was known when it was asked for. */
  async #takeList(views: readonly ConversationView[], before: ReadonlyMap<string, Talk>): Promise<void> {
    const reads: (() => Promise<void>)[] = [];
    for (const view of views) {
      const { userID } = view;
      if (userID !== undefined) {
        const talk = talks.listedTalk(
          view,
          this.#session.me,
          talks.since(before.get(userID), this.#talks.get(userID), view.lastSeq),
        );
        this.#talks.set(userID, talk);
        const limit = talks.tailOf(view, talk, this.#session.me, this.#known);
        reads.push(...(limit === 0 ? [] : [() => this.#readTail(userID, view, limit)]));
      }
    }
    for (let begun = 0; begun < reads.length; begun += AT_ONCE) {
      await Promise.all(reads.slice(begun, begun + AT_ONCE).map((read) => read()));
      this.#show();
    }
  }

  async #readTail(userID: string, view: ConversationView, limit: number): Promise<void> {
    const { messages } = await this.#session.patiently(() =>
      this.#session.client.messages.history({ userID, fromSeq: view.lastSeq, limit }),
    );
    this.#change(userID, (talk) => talks.withTail(talk, view, messages, this.#session.me));
  }

  #heard(event: KnownEvent): void {
    const known = knownBy(event);
    if (known !== undefined) {
      this.#learned(...known);
    }
    if (event.type === "message.read") {
      this.#readElsewhere(event);
    }
    const heard = itemOfEvent(event);
    const userID = heard && peerOf(heard.conversation, this.#session.me);
    if (heard !== undefined && userID !== undefined) {
      const talk = this.#talks.get(userID) ?? talks.emptyTalk(heard.item.time);
      this.#talks.set(userID, talks.withItems(talk, [heard.item]));
      this.online.met(userID);
      this.#show();
      this.#seen();
    }
  }

  /** The server says something of a call, and the lines that show it change. */
  #learned(callID: string, call: KnownCall): void {
    const now = [callID, { ...this.#known.get(callID), ...call }] as const;
    this.#learnedSince = new Map([...this.#learnedSince, now]);
    this.#known = new Map([...this.#known, now]);
    this.#show();
  }

  /** Another device of this user's has shown messages. */
  #readElsewhere({ reader, conversation, seq }: EventOf<"message.read">): void {
    const userID = reader === this.#session.me ? peerOf(conversation, reader) : undefined;
    if (userID !== undefined) {
      this.#change(userID, (talk) => talks.readUpTo(talk, seq));
      this.#show();
    }
  }

  /** Marks the open conversation as read if the user looks at it. After a failure, the next message does it. */
  #seen(): void {
    const userID = this.view.get().open;
    const talk = userID === undefined ? undefined : this.#talks.get(userID);
    const seq = talk === undefined ? 0 : talks.newestOf(talk);
    if (this.#looking && userID !== undefined && seq > (talk?.readSeq ?? 0)) {
      this.#change(userID, (known) => talks.readUpTo(known, seq));
      this.#show();
      void this.#session.client.messages.markRead({ userID, seq }).catch(() => {});
    }
  }

  #change(userID: string, change: (talk: Talk) => Talk): void {
    const talk = this.#talks.get(userID);
    if (talk !== undefined) {
      this.#talks.set(userID, change(talk));
    }
  }

  #show(): void {
    const { me } = this.#session;
    const contacts = [...this.#talks].map(([userID, talk]) => contactOf(userID, talk, me, this.#known));
    contacts.sort((one, other) => other.time - one.time);
    this.online.watch(
      "contacts",
      contacts.map(({ userID }) => userID),
    );
    this.view.update((view) => {
      const talk = this.#talks.get(view.open ?? "");
      return {
        ...view,
        contacts,
        more: this.#next !== undefined,
        unread: contacts.reduce((sum, { unread }) => sum + unread, 0),
        lines: talk === undefined ? [] : linesOf(talk.items, me, this.#known),
        complete: talk === undefined || isComplete(talk),
      };
    });
  }
}

function contactOf(userID: string, talk: Talk, me: string, known: KnownCalls): Contact {
  const last = talks.lastOf(talk, me, known);
  return { userID, time: talk.time, unread: talks.unreadIn(talk, me, known), ...(last === undefined ? {} : { last }) };
}

function isComplete({ complete, items }: Talk): boolean {
  return complete || items.has(1);
}

function peerOf(conversation: string, me: string): string | undefined {
  if (!conversation.startsWith(ONE_TO_ONE)) {
    return undefined;
  }
  const [one, other] = conversation.slice(ONE_TO_ONE.length).split(" ");
  return one === me ? other : one;
}

const ONE_TO_ONE = "c2c:";
