import { isObject } from "../check.js";
import type { Wigwag } from "../client.js";
import { everyPage } from "../everyPage.js";
import { Pace } from "../pace.js";
import type { ConversationView, Message, UserId } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, invalid, ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
import { type Conversation, conversationShape, peerIn } from "./conversationShape.js";
import { ConversationTable, type Followed } from "./conversationTable.js";
import type { Groups } from "./groups.js";
import type { Listeners } from "./listeners.js";
import { asked, Params, text } from "./params.js";
import type { Profiles } from "./profiles.js";
import { conversationIn, nativePeer, type Peer } from "./shapes.js";
import { notThere } from "./unsupported.js";

/** Most conversations one request gives. */
const PAGE = 100;
/** Least time between two readings of the list, ms: a command a second leaves most of what a user may send to the app. */
const ASK_APART_MS = 1_000;
/** Least time between two lists that are told, ms. */
const TELL_APART_MS = 100;
/** Past every message; the server takes it for the newest (docs/protocol.md, "message.markRead"). */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** What a call resolves with whose only result is that it is done. */
export type Done = Success<Record<string, never>>;

/** What `deleteConversation` tells: for one, or for a list. It stops at the first that cannot be deleted. */
export type DeletedConversations =
  | { conversationID: string }
  | { successConversationIDList: string[]; failureConversationIDList: never[] };

/** One's conversations: the server's list, carried on by what happens and asked for again where that does not say enough. */
export class Conversations implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #groups: Groups;
  readonly #table = new ConversationTable();
  readonly #tellSoon = new Pace(async () => this.#tell(await this.#shapes()), TELL_APART_MS);
  readonly #askSoon = new Pace(async () => this.#tell(await this.#read()), ASK_APART_MS);
  /** What happens while a list is on its way, for each that is. */
  readonly #readings = new Set<(() => Followed)[]>();
  #toldUnread = 0;

  constructor(account: Account, listeners: Listeners, profiles: Profiles, groups: Groups) {
    this.#account = account;
    this.#listeners = listeners;
    this.#profiles = profiles;
    this.#groups = groups;
  }

  readonly begins = (client: Wigwag, me: UserId): void => {
    client.on("message.received", ({ message }) => this.heard(message));
    client.on("message.read", ({ conversation, reader, seq }) => {
      this.#follow(() => this.#table.read(conversation, reader, seq, me));
    });
    client.on("event", ({ type }) => {
      if (!type.startsWith("user.") && type !== "message.received" && type !== "message.read") {
        this.changed();
      }
    });
    client.on("resync", () => this.changed());
  };

  readonly opened = async (): Promise<void> => {
    this.#tell(await this.#read());
  };

  readonly ends = (): void => {
    this.#tellSoon.stop();
    this.#askSoon.stop();
    this.#table.replace([]);
    this.#toldUnread = 0;
  };

  /** A message came, or was sent by this user. */
  readonly heard = (message: Message): void => {
    const { me } = this.#account;
    this.#follow(() => this.#table.heard(message, me));
  };

  /** Something has happened after which only the server knows the list. */
  readonly changed = (): void => {
    this.#askSoon.changed();
  };

  get totalUnread(): number {
    return this.#table.totalUnread;
  }

  /** Up to where the other user of a one-to-one conversation has read, as far as known. */
  readonly peerReadSeq = (peer: Peer): number => {
    return this.#table.find(nativePeer(peer))?.peerReadSeq ?? 0;
  };

  getConversationList(options?: unknown): Promise<Success<{ conversationList: Conversation[]; isSyncCompleted: true }>> {
    return answered(async () => {
      const wanted = wantedOf(options);
      const all = await this.#read();
      return ok({ conversationList: all.filter(wanted), isSyncCompleted: true });
    });
  }

  getConversationProfile(conversationID: unknown): Promise<Success<{ conversation: Conversation }>> {
    return answered(async () => {
      const id = text(conversationID, "conversationID");
      const conversation = (await this.#read()).find((one) => one.conversationID === id);
      if (conversation === undefined) {
        throw invalid("conversationID", "names no conversation");
      }
      return ok({ conversation });
    });
  }

  setMessageRead(options: unknown): Promise<Done> {
    return this.#change(options, async (params) => {
      await this.#markRead(conversationIn(params));
      return {};
    });
  }

  setAllMessageRead(options: unknown = {}): Promise<Done> {
    return this.#change(options, async (params) => {
      const scopes = [TYPES.READ_ALL_MSG, TYPES.READ_ALL_C2C_MSG, TYPES.READ_ALL_GROUP_MSG] as const;
      const scope = params.optionalChoice("scope", scopes) ?? TYPES.READ_ALL_MSG;
      await this.#read();
      for (const view of this.#table.all()) {
        const peer = peerIn(view);
        const other = peer.type === TYPES.CONV_GROUP ? TYPES.READ_ALL_C2C_MSG : TYPES.READ_ALL_GROUP_MSG;
        if (view.unread > 0 && scope !== other) {
          await this.#markRead(peer);
        }
      }
      return {};
    });
  }

  pinConversation(options: unknown): Promise<Success<{ conversationID: string }>> {
    return this.#change(options, async (params, { pin }) => {
      await pin({ ...nativePeer(conversationIn(params)), pinned: params.optionalBoolean("isPinned") ?? false });
      return { conversationID: params.text("conversationID") };
    });
  }

  deleteConversation(options: unknown): Promise<Success<DeletedConversations>> {
    const one = !isObject(options);
    return this.#change<DeletedConversations>(one ? { conversationIDList: [options] } : options, async (params, native) => {
      if (params.optionalBoolean("clearHistoryMessage") === false) {
        throw notThere("clearHistoryMessage: false", "history goes too");
      }
      const successConversationIDList = params.texts("conversationIDList");
      for (const conversationID of successConversationIDList) {
        await native.delete(nativePeer(conversationIn(new Params({ conversationID }))));
      }
      return one ? { conversationID: options as string } : { successConversationIDList, failureConversationIDList: [] };
    });
  }

  /** A call after which the list is another. */
  #change<T>(options: unknown, work: (params: Params, native: Wigwag["conversations"]) => Promise<T>): Promise<Success<T>> {
    return asked(options, async (params) => {
      const done = await work(params, this.#account.client().conversations);
      this.changed();
      return ok(done);
    });
  }

  async #markRead(peer: Peer): Promise<void> {
    await this.#account.client().messages.markRead({ ...nativePeer(peer), seq: NEWEST });
    // The server does not tell this device of its own reading: everything that has come before the reply is read now.
    const { me } = this.#account;
    const { conversation, lastSeq } = this.#table.find(nativePeer(peer)) ?? {};
    if (conversation !== undefined && lastSeq !== undefined) {
      this.#follow(() => this.#table.read(conversation, me, lastSeq, me));
    }
  }

  #follow(step: () => Followed): void {
    for (const meanwhile of this.#readings) {
      meanwhile.push(step);
    }
    switch (step()) {
      case "changed":
        return this.#tellSoon.changed();
      case "askTheServer":
        return this.changed();
      case "unchanged":
        return;
    }
  }

  #tell(list: Conversation[]): void {
    this.#listeners.emit(EVENT.CONVERSATION_LIST_UPDATED, list);
    if (this.totalUnread !== this.#toldUnread) {
      this.#toldUnread = this.totalUnread;
      this.#listeners.emit(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, this.totalUnread);
    }
  }

  async #read(): Promise<Conversation[]> {
    const meanwhile: (() => Followed)[] = [];
    this.#readings.add(meanwhile);
    try {
      this.#table.replace(await this.#pages(this.#account.client()));
    } finally {
      this.#readings.delete(meanwhile);
    }
    for (const step of meanwhile) {
      this.#follow(step);
    }
    return this.#shapes();
  }

  async #pages(client: Wigwag): Promise<ConversationView[]> {
    return everyPage((from) => client.conversations.list({ limit: PAGE, ...from }), "conversations");
  }

  async #shapes(): Promise<Conversation[]> {
    const views = this.#table.all();
    const people = views.flatMap(({ userID, lastMessage }) => [userID, lastMessage?.sender]);
    await this.#profiles.learn(people.filter((userID) => userID !== undefined));
    await this.#groups.learn(views.flatMap(({ groupID }) => groupID ?? []));
    const group = (groupID: string) => this.#groups.known(groupID);
    return views.map((view) => conversationShape(view, this.#profiles.viewer, group));
  }
}

/** Which conversations the app asks for: all, those it names, or those of a type. */
function wantedOf(options: unknown): (conversation: Conversation) => boolean {
  if (options === undefined) {
    return () => true;
  }
  if (Array.isArray(options)) {
    return ({ conversationID }) => options.includes(conversationID);
  }
  const params = new Params(options);
  const type = params.optionalChoice("type", [TYPES.CONV_C2C, TYPES.CONV_GROUP]);
  for (const field of ["markType", "groupName"]) {
    if (params.any(field) !== undefined) {
      throw notThere(field);
    }
  }
  // Nobody is mentioned here.
  if (params.optionalBoolean("hasGroupAtInfo") === true) {
    return () => false;
  }
  const unread = params.optionalBoolean("hasUnreadCount") === true;
  return (conversation) => (type === undefined || conversation.type === type) && (!unread || conversation.unreadCount > 0);
}
