import type { Peer } from "../api/caller.js";
import type { Wigwag } from "../client.js";
import { newID } from "../ids.js";
import { Newest } from "../newest.js";
import type { Message } from "../wire/index.js";
import { MessageStatusEnum } from "./enums.js";
import type { Inbox, V2TimAdvancedMsgListener } from "./inbox.js";
import { elementOf, shown, type V2TimMessage } from "./message.js";
import {
  answer,
  done,
  Refusal,
  type V2TimCallback,
  type V2TimValueCallback,
  wantNumber,
  wantObject,
  wantString,
  wantText,
  wantTexts,
} from "./results.js";
import { type Draft, send, type V2TimSendOptions } from "./sending.js";
import type { Session } from "./session.js";
import { UnsupportedByMessages } from "./unsupported.js";

/** A message that was made and not sent yet. */
export interface V2TimMsgCreateInfoResult {
  /** Give it to `sendMessage`. */
  id: string;
  messageInfo: V2TimMessage;
}

/** What `createCustomMessage` takes. */
export interface V2TimCustomMessage {
  /** The app's own. */
  data: string;
  /** Default: empty. */
  desc?: string;
  /** Default: empty. */
  extension?: string;
}

/** What `sendMessage` takes. */
export interface V2TimSending extends V2TimSendOptions {
  /** Of the message made before. */
  id: string;
  /** The user it goes to; empty or left out when it goes to a group. */
  receiver?: string;
  /** The group it goes to; empty or left out when it goes to a user. */
  groupID?: string;
}

/** Drafts that wait for `sendMessage`; apps make one and send it. */
const MOST_DRAFTS = 100;

/** The server's bound of a page. */
const MOST_AT_ONCE = 100;

/** Messages: send, receive, read. */
export class V2TIMMessageManager extends UnsupportedByMessages {
  readonly #session: Session;
  readonly #inbox: Inbox;
  readonly #drafts = new Newest<Draft>(MOST_DRAFTS);

  /** @internal */
  constructor(session: Session, inbox: Inbox) {
    super();
    this.#session = session;
    this.#inbox = inbox;
  }

  /** Adds a listener; the same again changes nothing. It stays from login to login. */
  addAdvancedMsgListener(listener: V2TimAdvancedMsgListener): V2TimCallback {
    return this.#inbox.advanced.add(listener);
  }

  /** Removes a listener; without one, all of them. */
  removeAdvancedMsgListener(listener?: V2TimAdvancedMsgListener): V2TimCallback {
    return this.#inbox.advanced.remove(listener);
  }

  /** Makes a text message, for `sendMessage`. */
  createTextMessage(text: string): Promise<V2TimValueCallback<V2TimMsgCreateInfoResult>> {
    return answer(() => this.#draft({ type: "text", content: { text: wantText("text", text) } }));
  }

  /** Makes a custom message, for `sendMessage`. */
  createCustomMessage(message: V2TimCustomMessage): Promise<V2TimValueCallback<V2TimMsgCreateInfoResult>> {
    return answer(() => {
      const { data, desc = "", extension = "" } = wantObject("message", message);
      const content = {
        data: wantString("data", data),
        description: wantString("desc", desc),
        extension: wantString("extension", extension),
      };
      return this.#draft({ type: "custom", content });
    });
  }

  /** Sends a message that was made before. One that failed can be sent again; it arrives once. */
  sendMessage(message: V2TimSending): Promise<V2TimValueCallback<V2TimMessage>> {
    return answer(
      async () => {
        const id = wantText("id", wantObject("message", message).id);
        const draft = this.#drafts.get(id);
        if (draft === undefined) {
          throw new Refusal("invalidParams", "id", "there is no such message to be sent: make it with a create method");
        }
        const sent = await send({ session: this.#session, inbox: this.#inbox }, id, draft, peerOf(message), message);
        this.#drafts.delete(id);
        return sent;
      },
      { userID: "receiver" },
    );
  }

  /** Reads one-to-one messages, newest first; those before `lastMsgID` when it is given. At most 100 at once. */
  getC2CHistoryMessageList(userID: string, count: number, lastMsgID?: string): Promise<V2TimValueCallback<V2TimMessage[]>> {
    return answer(() => this.#history({ userID: wantText("userID", userID) }, count, lastMsgID));
  }

  /** Reads a group's messages, newest first; those before `lastMsgID` when it is given. At most 100 at once. */
  getGroupHistoryMessageList(groupID: string, count: number, lastMsgID?: string): Promise<V2TimValueCallback<V2TimMessage[]>> {
    return answer(() => this.#history({ groupID: wantText("groupID", groupID) }, count, lastMsgID));
  }

  /** Finds messages among the newest 1,000 that this client has received, sent or read; those it has not are left out. */
  findMessages(messageIDList: string[]): Promise<V2TimValueCallback<V2TimMessage[]>> {
    return answer(() => {
      const { client: _, userID } = this.#session;
      const found = wantTexts("messageIDList", messageIDList).map((msgID) => this.#inbox.find(msgID));
      return found.filter((message) => message !== undefined).map((message) => shown(message, userID));
    });
  }

  /** Takes one's own message back, within the server's window. */
  revokeMessage(msgID: string): Promise<V2TimCallback> {
    return done(() => {
      const { client, userID } = this.#session;
      const message = this.#seen("msgID", msgID);
      return client.messages.revoke({ ...peerIn(message, userID), seq: seqOf("msgID", message) });
    });
  }

  /** Marks everything with a user as read. */
  markC2CMessageAsRead(userID: string): Promise<V2TimCallback> {
    return done(() => markRead(this.#session.client, { userID: wantText("userID", userID) }));
  }

  /** Marks everything in a group as read. */
  markGroupMessageAsRead(groupID: string): Promise<V2TimCallback> {
    return done(() => markRead(this.#session.client, { groupID: wantText("groupID", groupID) }));
  }

  #draft(draft: Draft): V2TimMsgCreateInfoResult {
    const id = newID();
    this.#drafts.set(id, draft);
    const status = MessageStatusEnum.V2TIM_MSG_STATUS_SENDING;
    return { id, messageInfo: { id, status, isSelf: true, sender: this.#session.userID, ...elementOf(draft) } };
  }

  async #history(peer: Peer, count: number, lastMsgID: string | undefined): Promise<V2TimMessage[]> {
    const { client, userID } = this.#session;
    const limit = wantNumber("count", count, 1, MOST_AT_ONCE);
    let before = lastMsgID ? seqOf("lastMsgID", this.#seen("lastMsgID", lastMsgID)) : undefined;
    const found: Message[] = [];
    // Apps take fewer messages than they asked for as the end, so pages that ended by their bytes are put together.
    while (before !== 1 && found.length < limit) {
      const from = before === undefined ? {} : { fromSeq: before - 1 };
      const { messages, complete } = await client.messages.history({ ...peer, limit: limit - found.length, ...from });
      found.push(...messages);
      before = messages.at(-1)?.seq;
      if (complete || before === undefined) {
        break;
      }
    }
    for (const message of found) {
      this.#inbox.saw(message);
    }
    return found.map((message) => shown(message, userID));
  }

  #seen(field: string, msgID: unknown): Message {
    const message = this.#inbox.find(wantText(field, msgID));
    if (message === undefined) {
      throw new Refusal("unknownMessage", field);
    }
    return message;
  }
}

function peerOf({ receiver, groupID }: V2TimSending): Peer {
  if (Boolean(receiver) === Boolean(groupID)) {
    throw new Refusal("invalidParams", "receiver", "give either receiver or groupID");
  }
  return groupID ? { groupID: wantText("groupID", groupID) } : { userID: wantText("receiver", receiver) };
}

/** The conversation a message is in. */
function peerIn(message: Message, userID: string): Peer {
  if (message.groupID !== undefined) {
    return { groupID: message.groupID };
  }
  return { userID: message.sender === userID ? (message.receiver ?? userID) : message.sender };
}

function seqOf(field: string, { seq }: Message): number {
  if (seq === undefined) {
    throw new Refusal("unknownMessage", field, "a message for those online only is not in history");
  }
  return seq;
}

/** A seq past the newest message means the newest. */
function markRead(client: Wigwag, peer: Peer): Promise<unknown> {
  return client.messages.markRead({ ...peer, seq: Number.MAX_SAFE_INTEGER });
}
