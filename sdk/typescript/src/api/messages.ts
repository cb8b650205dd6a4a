import { invalid } from "../errors.js";
import { newID } from "../ids.js";
import type {
  Done,
  History,
  MessageAt,
  MessageHistory,
  MessageReceipts,
  MessageSend,
  MessageSent,
  Receipts,
} from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller, WithPeer } from "./caller.js";

/** What a message may have besides its content. */
export type MessageExtras = Omit<MessageSend, "userID" | "groupID" | "type" | "content">;

/** A text message. */
export type TextMessage = WithPeer<MessageExtras & { text: string }>;
/** A custom message: `data` is the app's own. */
export type CustomMessage = WithPeer<MessageExtras & { data: string; description?: string; extension?: string }>;

/** Messages, one-to-one and in groups. */
export class Messages extends Area {
  readonly #call: Caller;

  constructor(call: Caller) {
    super("message", call);
    this.#call = call;
  }

  /** Sends a message of any type. Without a clientMsgID one is made here, so that it can be sent again safely. */
  send(message: WithPeer<MessageSend>): Promise<MessageSent> {
    const { clientMsgID = newID() } = message ?? {};
    return this.#call("message.send", { ...message, clientMsgID });
  }

  /** Sends a text message; like `send`. */
  sendText(message: TextMessage): Promise<MessageSent> {
    const { text, ...rest } = message ?? {};
    return typeof text === "string" ? this.send({ ...rest, type: "text", content: { text } }) : wrong("text");
  }

  /** Sends a custom message; like `send`. */
  sendCustom(message: CustomMessage): Promise<MessageSent> {
    const { data, description, extension, ...rest } = message ?? {};
    return typeof data === "string"
      ? this.send({ ...rest, type: "custom", content: { data, description, extension } })
      : wrong("data");
  }

  /** Reads a page of a conversation, newest first unless `direction` is `newer`. */
  declare readonly history: (page: WithPeer<MessageHistory>) => Promise<History>;

  /** Takes one's own message back, within the server's window. Not repeated after a lost connection. */
  declare readonly revoke: (at: WithPeer<MessageAt>) => Promise<Done>;

  /** Marks a conversation as read up to a message. */
  declare readonly markRead: (at: WithPeer<MessageAt>) => Promise<Done>;

  /** Pages through those who, besides the sender, have read a message. */
  declare readonly receipts: (at: WithPeer<MessageReceipts>) => Promise<Receipts>;
}

function wrong(field: string): Promise<never> {
  return Promise.reject(invalid(field, "must be a string"));
}
