import { present } from "../present.js";
import { ACTION_OF, readSignalingText } from "../signalingText.js";
import type { Direction, Message as NativeMessage } from "../wire/index.js";
import type { Account } from "./account.js";
import { invalid, ok, type Success } from "./codes.js";
import { TYPES } from "./constants.js";
import type { Conversations } from "./conversations.js";
import type { Messages } from "./messages.js";
import { asked, type Params } from "./params.js";
import type { Profiles } from "./profiles.js";
import { conversationIn, type Message, nativePeer } from "./shapes.js";

/** Messages a page of Tencent's has unless the app says. */
const PAGE = 15;
/** Most messages one request gives. */
const MOST_AT_ONCE = 100;
/** Begins what `nextReqMessageID` holds. */
const NEXT = "seq-";

/** A page of history. */
export interface MessageList {
  /** Oldest first. */
  messageList: Message[];
  /** Give it for the page before this one; "" when there is none. */
  nextReqMessageID: string;
  isCompleted: boolean;
}

/** The messages of conversations. */
export class History {
  readonly #account: Account;
  readonly #messages: Messages;
  readonly #profiles: Profiles;
  readonly #conversations: Conversations;

  constructor(account: Account, profiles: Profiles, conversations: Conversations, messages: Messages) {
    this.#account = account;
    this.#messages = messages;
    this.#profiles = profiles;
    this.#conversations = conversations;
  }

  getMessageList(options: unknown): Promise<Success<MessageList>> {
    return asked(options, async (params) => {
      const fromSeq = startOf(params.optionalText("nextReqMessageID"));
      const { messages, complete } = await this.#page(params, "older", fromSeq);
      const oldest = messages.at(-1)?.seq ?? 1;
      const isCompleted = complete || oldest <= 1;
      const messageList = await this.#shapes(params, messages.reverse());
      return ok({ messageList, nextReqMessageID: isCompleted ? "" : `${NEXT}${oldest - 1}`, isCompleted });
    });
  }

  /** From a `sequence` on, older (`direction` 0) or newer (1); one-to-one too, where Tencent's package goes by time. */
  getMessageListHopping(options: unknown): Promise<Success<MessageList & { nextMessageSeq: number }>> {
    return asked(options, async (params) => {
      const newer = params.optionalCount("direction") === 1;
      const { messages, complete } = await this.#page(params, newer ? "newer" : "older", params.optionalCount("sequence"));
      const last = messages.at(-1)?.seq ?? 0;
      const nextMessageSeq = complete ? 0 : Math.max(0, newer ? last + 1 : last - 1);
      const messageList = await this.#shapes(params, newer ? messages : messages.reverse());
      return ok({ messageList, nextReqMessageID: "", nextMessageSeq, isCompleted: nextMessageSeq === 0 });
    });
  }

  /** Chat kits ask for the reactions to every page that they show. There are none here. */
  getMessageReactions(options: unknown): Promise<Success<{ resultList: { messageID: string; reactionList: [] }[] }>> {
    return asked(options, (params) => {
      const messages = params.any("messageList");
      const known = Array.isArray(messages) ? (messages as Partial<Message>[]) : [];
      return ok({ resultList: known.map(({ ID = "" }) => ({ messageID: ID, reactionList: [] })) });
    });
  }

  #page(params: Params, direction: Direction, fromSeq: number | undefined) {
    const limit = Math.min(params.optionalCount("count") || PAGE, MOST_AT_ONCE);
    const wish = { ...nativePeer(conversationIn(params)), direction, limit, ...present({ fromSeq }) };
    return this.#account.client().messages.history(wish);
  }

  async #shapes(params: Params, messages: NativeMessage[]): Promise<Message[]> {
    await this.#profiles.learn(messages.map(({ sender }) => sender));
    const peerReadSeq = this.#conversations.peerReadSeq(conversationIn(params));
    return messages.map((message) => this.#messages.shape(message, peerReadSeq)).map((message) => this.#asModified(message));
  }

  /** An invitation's message says what that says by now, as far as this client knows it: history has it as it was sent. */
  #asModified(message: Message): Message {
    const text = message.type === TYPES.MSG_CUSTOM ? readSignalingText(message.payload.data) : undefined;
    const data =
      text?.actionType === ACTION_OF["invitation.received"]
        ? this.#account.client().invitations.get(text.inviteID)?.data
        : undefined;
    const isModified = data !== undefined && data !== text?.data;
    return isModified
      ? { ...message, payload: { ...message.payload, data: JSON.stringify({ ...text, data }) }, isModified }
      : message;
  }
}

function startOf(nextReqMessageID: string | undefined): number | undefined {
  if (nextReqMessageID === undefined || nextReqMessageID === "") {
    return undefined;
  }
  const seq = Number(nextReqMessageID.slice(NEXT.length));
  if (!nextReqMessageID.startsWith(NEXT) || !Number.isSafeInteger(seq) || seq < 1) {
    throw invalid("nextReqMessageID", "must be that of the page before");
  }
  return seq;
}
