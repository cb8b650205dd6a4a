import type { WithPeer } from "../api/caller.js";
import type { Wigwag } from "../client.js";
import type { EventOf } from "../events.js";
import { newID } from "../ids.js";
import { Newest } from "../newest.js";
import { pageRooms } from "../pageRooms.js";
import { present } from "../present.js";
import type { MessageSend, MessageSent, Message as NativeMessage } from "../wire/index.js";
import type { Account, Part } from "./account.js";
import { answered, CODE, invalid, ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
import type { Conversations } from "./conversations.js";
import type { Listeners } from "./listeners.js";
import { peerIn, sentMessage, signalingIn, timedOutBy, wishOf } from "./outgoing.js";
import { Params } from "./params.js";
import type { Profiles } from "./profiles.js";
import { emptyMessage, type Message, messageIDOf, messageShape, nativePeer } from "./shapes.js";
import { refuseUnsendable } from "./unsupported.js";

/** What `sendMessage` resolves with. */
export type Sent = Success<{ message: Message }>;

/** What `sendMessage` answers to a signaling package's own timeout. */
export interface NotSent {
  readonly code: typeof CODE.invalidInviteID;
  readonly message: string;
  readonly data: Record<string, never>;
}

/** What the app calls the fields that the protocol calls otherwise. */
const NAMES = { userID: "to", groupID: "to", content: "payload", seq: "sequence" };
/** Messages of one's own that the other user has not read yet: this many of a conversation are remembered. */
const MOST_UNREAD = 100;
/** Messages that can be taken back, which is within 2 minutes: eight a second. */
const MOST_REVOCABLE = 1_000;

/** As many as invitations of one's own may be open, and those of some minutes before. */
const MOST_TIMEOUTS = 1_000;

/** Messages: making, sending, receiving, taking back. */
export class Messages implements Part {
  readonly #account: Account;
  readonly #listeners: Listeners;
  readonly #profiles: Profiles;
  readonly #conversations: Conversations;
  readonly #unread = new Map<string, Message[]>();
  /** The IDs that the app knows messages by, under the server's. */
  readonly #names = new Newest<string>(MOST_REVOCABLE);
  /** Timeouts that a package may send for its own; undefined where it has tried before the server said so. */
  readonly #timeouts = new Newest<Message | undefined>(MOST_TIMEOUTS);

  constructor(account: Account, listeners: Listeners, profiles: Profiles, conversations: Conversations) {
    this.#account = account;
    this.#listeners = listeners;
    this.#profiles = profiles;
    this.#conversations = conversations;
  }

  readonly begins = (client: Wigwag): void => {
    client.on("message.received", ({ message }) => this.tell(this.shape(message)));
    client.on("message.revoked", (event) => this.#revoked(event));
    client.on("message.read", ({ reader, seq }) => this.#readByPeer(`${TYPES.CONV_C2C}${reader}`, seq));
  };

  readonly ends = (): void => {
    this.#unread.clear();
    this.#names.clear();
    this.#timeouts.clear();
  };

  /** A message of somebody's, in Tencent's shape; the other user has read up to `peerReadSeq`. */
  readonly shape = (message: NativeMessage, peerReadSeq = 0): Message => {
    this.#profiles.learnSoon(message.sender);
    const shape = messageShape(message, this.#profiles.viewer, peerReadSeq);
    this.#names.set(message.messageID, shape.ID);
    return shape;
  };

  /** Tells the app that a message has come. */
  readonly tell = (message: Message): void => {
    this.#listeners.emit(EVENT.MESSAGE_RECEIVED, [message]);
  };

  /** Tells the app that a message says something else. */
  readonly modified = (message: NativeMessage): Message => {
    const modified = { ...this.shape(message), isModified: true };
    this.#listeners.emit(EVENT.MESSAGE_MODIFIED, [modified]);
    return modified;
  };

  /** Keeps the timeout of an invitation for the package that made it to send as its own; false when it has tried already, and must be told. */
  readonly sends = (inviteID: string, message: Message): boolean => {
    const isLate = this.#timeouts.has(inviteID);
    this.#timeouts.set(inviteID, message);
    return !isLate;
  };

  /** Makes a message; what is wrong with it, `sendMessage` tells. */
  readonly create = (type: Message["type"], options: unknown): Message => {
    const given: Partial<Message> = Object(options);
    const { to, conversationType = TYPES.CONV_C2C, payload, priority, cloudCustomData, needReadReceipt, receiverList } = given;
    const clientMsgID = newID();
    const { me } = this.#account;
    return {
      ...emptyMessage(conversationType, to as string),
      ...present({ priority, cloudCustomData, needReadReceipt, receiverList }),
      ID: messageIDOf(me, clientMsgID) ?? "",
      clientMsgID,
      type,
      payload,
      from: me,
    };
  };

  /** Makes a message that says what another one says. */
  createForwardMessage(options: unknown): Message {
    const { type, payload } = Object(Object(options).payload);
    return this.create(type, { ...Object(options), payload });
  }

  /** Sends a message. Sent again after a failure it is still one message. */
  sendMessage(message: unknown, options: unknown = {}): Promise<Sent | NotSent> {
    return answered(() => {
      refuseUnsendable(message);
      return this.#send(message as Message, new Params(options));
    }, NAMES);
  }

  resendMessage(message: unknown, options?: unknown): Promise<Sent | NotSent> {
    return this.sendMessage(message, options);
  }

  async #send(message: Message, options: Params): Promise<Sent | NotSent> {
    const wish = wishOf(new Params(message, "message"), options);
    const timedOut = timedOutBy(wish);
    if (timedOut !== undefined) {
      return this.#timeout(timedOut);
    }
    const client = this.#account.client();
    try {
      const sent = await this.#carry(client, wish);
      message.sequence = sent.seq ?? 0;
      message.time = this.#account.secondsHere(sent.time);
      message.status = "success";
      message._onlineOnlyFlag = sent.seq === undefined;
      this.#isSent(wish, sent, message);
    } catch (thrown) {
      message.status = "fail";
      throw thrown;
    }
    return ok({ message });
  }

  /** A package says that an invitation has timed out. */
  #timeout(inviteID: string): Sent | NotSent {
    const message = this.#timeouts.get(inviteID);
    this.#timeouts.set(inviteID, message);
    return message === undefined ? NOT_SENT : ok({ message });
  }

  async #carry(client: Wigwag, wish: WithPeer<MessageSend>): Promise<MessageSent> {
    const invited = pageRooms.media?.invite(client, wish, this.#account.me);
    if (invited === undefined) {
      return client.messages.send(wish);
    }
    const { sent, answers } = await invited;
    for (const answer of answers) {
      // The package knows its invitation once the promise of its message has resolved.
      setTimeout(() => this.tell(this.shape(answer)), 0);
    }
    return sent;
  }

  #isSent(wish: WithPeer<MessageSend>, sent: MessageSent, message: Message): void {
    this.#names.set(sent.messageID, message.ID);
    if (signalingIn(wish) === undefined) {
      this.#conversations.heard(sentMessage(wish, sent, this.#account.me));
    } else {
      this.#conversations.changed();
    }
    if (wish.userID !== undefined && message.sequence > 0) {
      const unread = [...(this.#unread.get(message.conversationID) ?? []), message];
      this.#unread.set(message.conversationID, unread.slice(-MOST_UNREAD));
    }
  }

  revokeMessage(message: unknown): Promise<Sent> {
    return answered(async () => {
      const params = new Params(message, "message");
      const peer = peerIn(params);
      const seq = params.optionalCount("sequence");
      if (seq === undefined || seq === 0) {
        throw invalid("sequence", "is missing: the message is not in history");
      }
      await this.#account.client().messages.revoke({ ...nativePeer(peer), seq });
      const revoked = Object.assign(message as Message, { isRevoked: true, revoker: this.#account.me });
      this.#conversations.changed();
      return ok({ message: revoked });
    }, NAMES);
  }

  #revoked({ messageID, conversation, seq, by, time }: EventOf<"message.revoked">): void {
    const { viewer } = this.#profiles;
    const [one = "", other = ""] = conversation.replace(/^c2c:/, "").split(" ");
    const peer = conversation.startsWith("group:")
      ? { groupID: conversation.slice("group:".length) }
      : { receiver: by === one ? other : one };
    const message = { messageID, conversation, seq, sender: by, ...peer, time, type: "text", content: {} };
    const shape = messageShape({ ...message, revoked: true }, viewer);
    this.#listeners.emit(EVENT.MESSAGE_REVOKED, [{ ...shape, ID: this.#names.get(messageID) ?? shape.ID }]);
  }

  #readByPeer(conversationID: string, seq: number): void {
    const unread = this.#unread.get(conversationID) ?? [];
    const read = unread.filter(({ sequence }) => sequence <= seq);
    this.#unread.set(
      conversationID,
      unread.filter(({ sequence }) => sequence > seq),
    );
    for (const message of read) {
      message.isPeerRead = true;
    }
    if (read.length > 0) {
      this.#listeners.emit(EVENT.MESSAGE_READ_BY_PEER, read);
    }
  }
}

/**
 * Packages that speak signaling in messages say by their own clock that an invitation has timed out. Here the server's clock
 * decides and everybody gets its timeout; the package's is not sent, and told so without failing, because nobody catches it. But where
 * the server has said so and nobody was there, it is the package's own at Tencent's, and counts as sent.
 */
const NOT_SENT: NotSent = {
  code: CODE.invalidInviteID,
  message: "not sent: the server tells when an invitation has timed out",
  data: {},
};
