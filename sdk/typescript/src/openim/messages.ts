import type { Wigwag } from "../client.js";
import { newID } from "../ids.js";
import { Newest } from "../newest.js";
import type { Direction, Message } from "../wire/index.js";
import type { Viewer } from "./callEvents.js";
import {
  type Content,
  clientMsgIDOf,
  draft,
  isTrace,
  type MessageItem,
  type Peer,
  peerOf,
  readContent,
  SENT,
  sessionType,
} from "./chatShapes.js";
import { refused, wrong } from "./codes.js";
import type { Conversations } from "./conversations.js";
import { type Fields, fieldsOf, readCount, textIn } from "./reading.js";

/** Most messages one request gives. */
const MOST_AT_ONCE = 100;
/** Messages of a page that does not say how many it wants. */
const PAGE = 20;
/** Pages that are read to fill one of an app's, from which the traces of calls are left out. */
const MOST_PAGES = 5;
/** Pages of a history in which a message is looked for. */
const MOST_SEARCHED = 10;
/** Messages whose place is known by name: what a person scrolls through in a few conversations. */
const MOST_SEEN = 1_000;

/** A page of a history. */
export interface AdvancedGetMessageResult {
  /** Oldest first. */
  messageList: MessageItem[];
  /** Where to go on. */
  lastMinSeq: number;
  /** Nothing follows. */
  isEnd: boolean;
  /** Always 0. */
  errCode: number;
  /** Always empty. */
  errMsg: string;
}

/** Messages: making, sending, reading, taking back. */
export class Messages {
  readonly #client: Wigwag;
  readonly #me: string;
  readonly #platform: number;
  readonly #conversations: Conversations;
  /** The places of messages that were sent or shown, by conversation and name. */
  readonly #seen = new Newest<number>(MOST_SEEN);

  constructor({ client, me }: Viewer, platform: number, conversations: Conversations) {
    this.#client = client;
    this.#me = me;
    this.#platform = platform;
    this.#conversations = conversations;
  }

  make(content: Content): MessageItem {
    return draft(content, this.#me, this.#platform, newID().replaceAll("-", ""), Date.now());
  }

  async send(given: unknown): Promise<MessageItem> {
    const fields = fieldsOf(given, "the argument");
    const message = fieldsOf(fields.message, "message");
    const peer = peerGiven(textIn(fields, "recvID"), textIn(fields, "groupID"));
    const content = readContent(message);
    const clientMsgID = textIn(message, "clientMsgID") || newID();
    const { offlinePushInfo } = fields;
    const push = offlinePushInfo === undefined ? {} : { offlinePushInfo: fieldsOf(offlinePushInfo, "offlinePushInfo") };
    const sent = await this.#client.messages.send({
      ...peer,
      ...wireOf(content),
      ...push,
      clientMsgID,
      onlineUserOnly: fields.isOnlineOnly === true,
    });
    if (sent.seq !== undefined) {
      this.#conversations.changed(sent.conversation, sent.seq === 1);
      this.#seen.set(nameOf(sent.conversation, clientMsgID), sent.seq);
    }
    return this.#placed({ ...message, clientMsgID }, peer, {
      serverMsgID: sent.messageID,
      sendTime: sent.time,
      seq: sent.seq ?? 0,
    });
  }

  /** Apps have the line shown that says how a call ended; it is theirs alone and is not kept. */
  insert(given: unknown, inGroup: boolean): MessageItem {
    const fields = fieldsOf(given, "the argument");
    const message = fieldsOf(fields.message, "message");
    const peer = inGroup ? peerGiven("", textIn(fields, "groupID")) : peerGiven(textIn(fields, "recvID"), "");
    readContent(message);
    return this.#placed(message, peer, { serverMsgID: "", sendTime: Date.now(), seq: 0 });
  }

  /** Gives what was taken back. */
  async revoke(given: unknown): Promise<Message> {
    const fields = fieldsOf(given, "the argument");
    const peer = peerOf(this.#me, textIn(fields, "conversationID"));
    const message = await this.#find(peer, textIn(fields, "clientMsgID"));
    await this.#client.messages.revoke({ ...peer, seq: message.seq ?? 0 });
    return message;
  }

  async history(given: unknown, direction: Direction): Promise<AdvancedGetMessageResult> {
    const fields = fieldsOf(given, "the argument");
    const peer = placeOf(fields, this.#me);
    const count = Math.min(readCount(fields.count ?? PAGE, "count") || PAGE, MOST_AT_ONCE);
    const start = await this.#start(fields, peer);
    const { messages, isEnd } = await this.#page(peer, direction, count, start);
    if (direction === "older") {
      messages.reverse();
    }
    const messageList = await this.#conversations.shown(messages, await this.#conversations.find(peer));
    return { messageList, lastMinSeq: messages[0]?.seq ?? 0, isEnd, errCode: 0, errMsg: "" };
  }

  /** The place beside which a page begins; undefined: the end. */
  async #start(fields: Fields, peer: Peer): Promise<number | undefined> {
    const seq = readCount(fields.lastMinSeq ?? 0, "lastMinSeq");
    const name = textIn(fields, "startClientMsgID");
    if (seq > 0 || name === "") {
      return seq || undefined;
    }
    return (await this.#find(peer, name)).seq;
  }

  /** Messages beside `start` in the order of the direction, without traces, and whether nothing follows. */
  async #page(
    peer: Peer,
    direction: Direction,
    count: number,
    start: number | undefined,
  ): Promise<{ messages: Message[]; isEnd: boolean }> {
    const step = direction === "older" ? -1 : 1;
    let from = start === undefined ? undefined : start + step;
    const kept: Message[] = [];
    for (let pages = 0; pages < MOST_PAGES && from !== 0; pages++) {
      const limit = count - kept.length;
      const { messages, complete } = await this.#read(peer, direction, limit, from);
      kept.push(...messages.filter((message) => !isTrace(message)));
      const last = messages.at(-1)?.seq;
      if (complete || last === undefined) {
        return { messages: kept, isEnd: true };
      }
      from = last + step;
      // A page ends by bytes as well, and what it has then is enough for one answer.
      if (kept.length >= count || messages.length < limit) {
        return { messages: kept, isEnd: from === 0 };
      }
    }
    return { messages: kept, isEnd: from === 0 };
  }

  async #read(peer: Peer, direction: Direction, limit: number, from: number | undefined) {
    const page = await this.#client.messages.history({
      ...peer,
      direction,
      limit,
      ...(from === undefined ? {} : { fromSeq: from }),
    });
    for (const message of page.messages) {
      this.#seen.set(nameOf(message.conversation, clientMsgIDOf(message)), message.seq ?? 0);
    }
    return page;
  }

  /** The message that apps call so, among the newest of a conversation. */
  async #find(peer: Peer, clientMsgID: string): Promise<Message> {
    const conversation = (await this.#conversations.find(peer))?.conversation ?? "";
    let from = this.#seen.get(nameOf(conversation, clientMsgID));
    for (let pages = 0; pages < MOST_SEARCHED && from !== 0; pages++) {
      const { messages, complete } = await this.#read(peer, "older", MOST_AT_ONCE, from);
      const found = messages.find((message) => clientMsgIDOf(message) === clientMsgID);
      if (found !== undefined) {
        return found;
      }
      const last = messages.at(-1)?.seq;
      if (complete || last === undefined) {
        break;
      }
      from = last - 1;
    }
    throw refused("unknownMessage", "there is no such message among the newest of this conversation");
  }

  /** The object that the app gave, with where it went. */
  #placed(message: Fields, peer: Peer, place: Pick<MessageItem, "sendTime" | "seq"> & { serverMsgID: string }): MessageItem {
    const { userID: recvID = "", groupID = "" } = peer;
    const placed = { ...message, sendID: this.#me, recvID, groupID, sessionType: sessionType(peer), ...place, status: SENT };
    return placed as unknown as MessageItem;
  }
}

function wireOf({ textElem, customElem }: Content): { type: string; content: Record<string, unknown> } {
  return textElem === undefined
    ? { type: "custom", content: { ...customElem } }
    : { type: "text", content: { text: textElem.content } };
}

function nameOf(conversation: string, clientMsgID: string): string {
  return `${conversation} ${clientMsgID}`;
}

/** The conversation by `conversationID`, or else by the other side. */
function placeOf(fields: Fields, me: string): Peer {
  const conversationID = textIn(fields, "conversationID");
  return conversationID === "" ? peerGiven(textIn(fields, "userID"), textIn(fields, "groupID")) : peerOf(me, conversationID);
}

function peerGiven(userID: string, groupID: string): Peer {
  if ((userID === "") === (groupID === "")) {
    throw wrong("exactly one of a user and a groupID must be given");
  }
  return userID === "" ? { groupID } : { userID };
}
