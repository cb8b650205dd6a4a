import type { Wigwag } from "../client.js";
import type { ConversationView } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, ChatError, CODE, invalid, ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
import type { Group } from "./groupShape.js";
import type { Groups } from "./groups.js";
import type { Listeners } from "./listeners.js";
import { Params, text } from "./params.js";
import type { Profiles } from "./profiles.js";
import { messageShape, nativePeer, type Peer, type Profile, peerOf, profileShape, seconds } from "./shapes.js";

/** Most conversations one request gives. */
const PAGE = 100;
/** Most pages read: a thousand conversations are more than a list on a screen holds. */
const MOST_PAGES = 10;
/** How long changes are gathered before the list is read again, ms: short for a person, long for a burst of messages. */
const GATHER_MS = 100;
/** Past every message; the server takes it for the newest (docs/protocol.md, "message.markRead"). */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** A line of the conversation list, in the shape of Tencent's package. */
export interface Conversation {
  conversationID: string;
  type: string;
  subType: string;
  unreadCount: number;
  lastMessage: {
    lastTime: number;
    lastSequence: number;
    fromAccount: string;
    messageForShow: string;
    type: string;
    payload: unknown;
    isRevoked: boolean;
    isPeerRead: boolean;
    nick: string;
    nameCard: string;
  };
  groupProfile: Group | undefined;
  userProfile: Profile | undefined;
  groupAtInfoList: unknown[];
  remark: string;
  isPinned: boolean;
  messageRemindType: string;
  markList: number[];
  customData: string;
  conversationGroupList: string[];
  draftText: string;
}

/** What a call that changed nothing else resolves with. */
type Nothing = Success<Record<string, never>>;

/** One's conversations: the server's list, read again when something has happened. */
export class Conversations implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #groups: Groups;
  #views = new Map<string, ConversationView>();
  #totalUnread = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(account: Account, listeners: Listeners, profiles: Profiles, groups: Groups) {
    this.#account = account;
    this.#listeners = listeners;
    this.#profiles = profiles;
    this.#groups = groups;
  }

  begins(client: Wigwag): void {
    client.on("event", ({ type }) => {
      if (!type.startsWith("user.")) {
        this.changed();
      }
    });
    client.on("resync", () => this.changed());
  }

  async opened(): Promise<void> {
    await this.#tell();
  }

  ends(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#views.clear();
    this.#totalUnread = 0;
  }

  /** Something has happened that the list may show. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Without an answer the list stays as it is; the next change, or the app, asks again.
      this.#tell().catch(() => {});
    }, GATHER_MS);
  }

  get totalUnread(): number {
    return this.#totalUnread;
  }

  /** Up to where the other user of a one-to-one conversation has read, as far as known. */
  peerReadSeq(conversationID: string): number {
    return this.#views.get(conversationID)?.peerReadSeq ?? 0;
  }

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

  setMessageRead(options: unknown): Promise<Nothing> {
    return answered(async () => {
      const peer = peerOf(new Params(options).text("conversationID"));
      if (peer === undefined) {
        throw invalid("conversationID", "must begin with C2C or GROUP");
      }
      await this.#markRead(peer);
      this.changed();
      return ok({});
    });
  }

  setAllMessageRead(options: unknown = {}): Promise<Nothing> {
    return answered(async () => {
      const scopes = [TYPES.READ_ALL_MSG, TYPES.READ_ALL_C2C_MSG, TYPES.READ_ALL_GROUP_MSG] as const;
      const scope = new Params(options).optionalChoice("scope", scopes) ?? TYPES.READ_ALL_MSG;
      await this.#read();
      for (const [id, view] of this.#views) {
        const group = view.groupID !== undefined;
        if (view.unread > 0 && scope !== (group ? TYPES.READ_ALL_C2C_MSG : TYPES.READ_ALL_GROUP_MSG)) {
          await this.#markRead(peerOf(id) as Peer);
        }
      }
      this.changed();
      return ok({});
    });
  }

  async #markRead(peer: Peer): Promise<void> {
    await this.#account.client().messages.markRead({ ...nativePeer(peer), seq: NEWEST });
  }

  async #tell(): Promise<void> {
    const before = this.#totalUnread;
    const list = await this.#read();
    this.#listeners.emit(EVENT.CONVERSATION_LIST_UPDATED, list);
    if (this.#totalUnread !== before) {
      this.#listeners.emit(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, this.#totalUnread);
    }
  }

  async #read(): Promise<Conversation[]> {
    const client = this.#account.client();
    const views: ConversationView[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await client.conversations.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      views.push(...page.conversations);
      this.#totalUnread = page.totalUnread;
      after = page.next;
      if (after === undefined) {
        break;
      }
    }
    await this.#profiles.learn(views.flatMap(({ userID, lastMessage }) => [userID ?? [], lastMessage?.sender ?? []].flat()));
    await this.#groups.learn(views.flatMap(({ groupID }) => groupID ?? []));
    this.#views = new Map(views.map((view) => [idOf(view), view]));
    return views.map((view) => this.#shape(view));
  }

  #shape(view: ConversationView): Conversation {
    const { groupID, userID = "", lastMessage, lastSeq, peerReadSeq, unread } = view;
    const { viewer } = this.#profiles;
    const last = lastMessage === undefined ? undefined : messageShape(lastMessage, viewer, peerReadSeq);
    const other = viewer.profile(userID) ?? { userID, nickname: "", faceURL: "", ext: "" };
    return {
      conversationID: idOf(view),
      type: groupID === undefined ? TYPES.CONV_C2C : TYPES.CONV_GROUP,
      subType: groupID === undefined ? "" : (this.#groups.known(groupID)?.type ?? ""),
      unreadCount: unread,
      lastMessage: {
        lastTime: lastMessage === undefined ? 0 : seconds(lastMessage.time),
        lastSequence: last?.sequence ?? lastSeq,
        fromAccount: last?.from ?? "",
        messageForShow: last === undefined ? "" : wordsFor(last),
        type: last?.type ?? "",
        payload: last?.payload ?? null,
        isRevoked: last?.isRevoked ?? false,
        isPeerRead: last?.isPeerRead ?? false,
        nick: last?.nick ?? "",
        nameCard: "",
      },
      groupProfile: groupID === undefined ? undefined : this.#groups.known(groupID),
      userProfile: groupID === undefined ? profileShape(other) : undefined,
      groupAtInfoList: [],
      remark: "",
      isPinned: false,
      messageRemindType: TYPES.MSG_REMIND_ACPT_AND_NOTE,
      markList: [],
      customData: "",
      conversationGroupList: [],
      draftText: "",
    };
  }
}

function idOf({ groupID, userID = "" }: ConversationView): string {
  return groupID === undefined ? `${TYPES.CONV_C2C}${userID}` : `${TYPES.CONV_GROUP}${groupID}`;
}

/** What Tencent's package shows for a message in the list. */
function wordsFor({ type, payload }: { type: string; payload: { text?: unknown } }): string {
  switch (type) {
    case TYPES.MSG_TEXT:
      return String(payload.text);
    case TYPES.MSG_CUSTOM:
      return "[自定义消息]";
    default:
      return `[${type}]`;
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
      throw new ChatError(CODE.notSupported, `${field}: there are no marks and no groups of conversations here`, { field });
    }
  }
  return (conversation) => type === undefined || conversation.type === type;
}
