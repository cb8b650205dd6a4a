import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import { Newest } from "../newest.js";
import { Pace } from "../pace.js";
import type { ConversationView, Message } from "../wire/index.js";
import type { Viewer } from "./callEvents.js";
import {
  type ConversationItem,
  conversationIDOf,
  conversationItem,
  isTrace,
  type MessageItem,
  messageItem,
  type Peer,
  peerIn,
} from "./chatShapes.js";
import { type Lookup, orNothing } from "./lookup.js";

/** Most conversations one request gives; the sum of what is unread is made of these. */
const PAGE = 100;
/** Messages among which traces of calls are looked for. */
const NEWEST_MESSAGES = 100;
/** Conversations of which is known what their traces hide. */
const MOST_COUNTED = 1_000;
/** Least time between two readings of the list, ms. */
const TELL_APART_MS = 1_000;
/** Past every message; the server takes it for the newest (docs/protocol.md, "message.markRead"). */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** What a conversation is without the traces of calls. */
interface Counted {
  /** Of which state of the conversation that is true. */
  readonly state: string;
  readonly unread: number;
  readonly latest: Message | undefined;
}

/** What conversations raise. */
export interface ConversationNews {
  /** Conversations that are new. */
  OnNewConversation: ConversationItem[];
  /** Conversations that have changed: a message, a reading mark. */
  OnConversationChanged: ConversationItem[];
  /** How much is unread in the newest hundred conversations, whenever it has changed. */
  OnTotalUnreadMessageCountChanged: number;
}

type RaiseNews = <N extends keyof ConversationNews>(name: N, data: ConversationNews[N]) => void;

/** One's conversations, as OpenIM's apps see them: without the traces of calls. */
export class Conversations {
  readonly #client: Wigwag;
  readonly #me: string;
  readonly #lookup: Lookup;
  readonly #raise: RaiseNews;
  readonly #counted = new Newest<Counted>(MOST_COUNTED);
  /** Those of which is to be told, and whether they are new. */
  readonly #changed = new Map<string, boolean>();
  readonly #tellSoon: Pace;
  #toldUnread = 0;

  constructor({ client, me, lookup, order }: Viewer, raise: RaiseNews) {
    this.#client = client;
    this.#me = me;
    this.#lookup = lookup;
    this.#raise = raise;
    this.#tellSoon = new Pace(() => order.after(() => this.#tell()), TELL_APART_MS);
  }

  /** Something has happened in a conversation; told soon, with all else that happens until then. */
  changed(conversation: string, isNew = false): void {
    this.#changed.set(conversation, isNew || (this.#changed.get(conversation) ?? false));
    this.#tellSoon.changed();
  }

  end(): void {
    this.#tellSoon.stop();
  }

  async page(offset: number, count: number): Promise<ConversationItem[]> {
    const views = offset + count > PAGE ? await this.#all() : await this.#newest();
    return this.#items(views.slice(offset, offset + count));
  }

  async named(conversationIDs: readonly string[]): Promise<ConversationItem[]> {
    const isNamed = (view: ConversationView) => conversationIDs.includes(conversationIDOf(this.#me, peerOfView(view)));
    return this.#items((await this.#all()).filter(isNamed));
  }

  /** One without messages is shown empty: apps ask for it before they send the first. */
  async one(peer: Peer): Promise<ConversationItem> {
    const view = await this.find(peer);
    const [item] = await this.#items(view === undefined ? [] : [view]);
    return item ?? conversationItem(this.#me, { peer, ...(await this.#nameOf(peer)), unreadCount: 0, latest: undefined });
  }

  async find({ userID, groupID }: Peer): Promise<ConversationView | undefined> {
    const is = (view: ConversationView) => view.userID === userID && view.groupID === groupID;
    return (await this.#newest()).find(is) ?? (await this.#all()).find(is);
  }

  async unread(): Promise<number> {
    return this.#sum(await this.#newest());
  }

  async markRead(peer: Peer): Promise<void> {
    const view = await this.find(peer);
    if (view !== undefined) {
      await this.#client.messages.markRead({ ...peer, seq: NEWEST });
      this.changed(view.conversation);
    }
  }

  /** Messages as this user sees them. `view` says what of them is read. */
  async shown(messages: readonly Message[], view?: ConversationView): Promise<MessageItem[]> {
    const profiles = await this.#lookup.profiles([...new Set(messages.map(({ sender }) => sender))]);
    return messages.map((message) => {
      const sender = profiles.find(({ userID }) => userID === message.sender);
      const readSeq = message.sender === this.#me ? view?.peerReadSeq : view?.readSeq;
      return messageItem(message, sender, readSeq ?? 0);
    });
  }

  /** The newest messages of a conversation up to `fromSeq`, those that are no traces. */
  async upTo(peer: Peer, fromSeq: number, limit: number): Promise<Message[]> {
    const page = await orNothing(this.#client.messages.history({ ...peer, fromSeq, limit }));
    return (page?.messages ?? []).filter((message) => !isTrace(message));
  }

  async #tell(): Promise<void> {
    const changed = new Map(this.#changed);
    this.#changed.clear();
    const newest = await this.#newest();
    const isThere = (conversation: string) => newest.some((view) => view.conversation === conversation);
    const views = [...changed.keys()].every(isThere) ? newest : await this.#all();
    const told = views.filter(({ conversation }) => changed.has(conversation));
    const isNew = ({ conversation }: ConversationView) => changed.get(conversation) === true;
    for (const [name, some] of [
      ["OnNewConversation", told.filter(isNew)],
      ["OnConversationChanged", told.filter((view) => !isNew(view))],
    ] as const) {
      if (some.length > 0) {
        this.#raise(name, await this.#items(some));
      }
    }
    const unread = await this.#sum(newest);
    if (unread !== this.#toldUnread) {
      this.#toldUnread = unread;
      this.#raise("OnTotalUnreadMessageCountChanged", unread);
    }
  }

  async #newest(): Promise<ConversationView[]> {
    return (await this.#client.conversations.list({ limit: PAGE })).conversations;
  }

  #all(): Promise<ConversationView[]> {
    return everyPage((from) => this.#client.conversations.list({ limit: PAGE, ...from }), "conversations");
  }

  async #sum(views: readonly ConversationView[]): Promise<number> {
    let sum = 0;
    for (const view of views) {
      sum += (await this.#count(view)).unread;
    }
    return sum;
  }

  async #items(views: readonly ConversationView[]): Promise<ConversationItem[]> {
    const userIDs = views.flatMap(({ userID }) => userID ?? []);
    const hasGroups = views.some(({ groupID }) => groupID !== undefined);
    const [profiles, groups] = await Promise.all([
      this.#lookup.profiles(userIDs),
      hasGroups ? orNothing(this.#lookup.myGroups()) : undefined,
    ]);
    const items: ConversationItem[] = [];
    for (const view of views) {
      const { unread, latest } = await this.#count(view);
      const [shown] = await this.shown(latest === undefined ? [] : [latest], view);
      const profile = profiles.find(({ userID }) => userID === view.userID);
      const group = groups?.find(({ groupID }) => groupID === view.groupID);
      const showName = profile?.nickname ?? group?.name ?? view.userID ?? "";
      const line = {
        peer: peerOfView(view),
        showName,
        faceURL: profile?.faceURL ?? "",
        unreadCount: unread,
        isPinned: view.pinned,
        latest: shown,
      };
      items.push(conversationItem(this.#me, line));
    }
    return items;
  }

  async #nameOf({ userID, groupID }: Peer): Promise<{ showName: string; faceURL: string }> {
    if (groupID !== undefined) {
      return { showName: (await this.#lookup.group(groupID))?.name ?? "", faceURL: "" };
    }
    const [profile] = await this.#lookup.profiles([userID]);
    return { showName: profile?.nickname ?? userID, faceURL: profile?.faceURL ?? "" };
  }

  /** What is unread, and the newest message, without traces as far as the newest messages show them. */
  async #count(view: ConversationView): Promise<Counted> {
    const { conversation, lastSeq, readSeq, unread, lastMessage } = view;
    const state = `${lastSeq} ${readSeq} ${lastMessage?.revoked}`;
    const known = this.#counted.get(conversation);
    if (known?.state === state) {
      return known;
    }
    const isPlain = unread === 0 && (lastMessage === undefined || !isTrace(lastMessage));
    const page = isPlain
      ? undefined
      : await orNothing(this.#client.messages.history({ ...peerOfView(view), limit: NEWEST_MESSAGES }));
    const newest = page?.messages ?? [];
    const hidden = newest.filter(
      (message) => isTrace(message) && (message.seq ?? 0) > readSeq && message.sender !== this.#me && !message.excludedFromUnread,
    );
    const latest = isPlain ? lastMessage : newest.find((message) => !isTrace(message) && !message.excludedFromLastMessage);
    const counted = { state, unread: Math.max(0, unread - hidden.length), latest };
    this.#counted.set(conversation, counted);
    return counted;
  }
}

function peerOfView({ conversation, userID, groupID }: ConversationView): Peer {
  return groupID !== undefined ? { groupID } : userID !== undefined ? { userID } : peerIn(conversation, "");
}
