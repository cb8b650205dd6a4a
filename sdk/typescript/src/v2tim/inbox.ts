import type { KnownEvent } from "../events.js";
import { Newest } from "../newest.js";
import { messageOf, type SpokenEvent, spokenBy } from "../signalingText.js";
import type { Message } from "../wire/index.js";
import { Listeners } from "./listeners.js";
import { shown, type V2TimMessage } from "./message.js";
import type { Session } from "./session.js";

/** Who has read, and when. */
export interface V2TimMessageReceipt {
  userID: string;
  /** Server time, seconds. */
  timestamp: number;
}

/** Told of every message, signaling included. */
export interface V2TimAdvancedMsgListener {
  /**
   * A message came. Every signaling action that leaves a message is one of them, one's own included; `getSignalingInfo` tells them
   * from others.
   */
  onRecvNewMessage?: (message: V2TimMessage) => void;
  /** A message was taken back. */
  onRecvMessageRevoked?: (msgID: string) => void;
  /** The other user of a one-to-one conversation has read it. */
  onRecvC2CReadReceipt?: (receiptList: V2TimMessageReceipt[]) => void;
}

/** Who sent a message. */
export interface V2TimUserInfo {
  userID: string;
}

/** Told of text and custom messages that are not signaling, each kind by a callback of its own. */
export interface V2TimSimpleMsgListener {
  /** A text from a user. */
  onRecvC2CTextMessage?: (msgID: string, sender: V2TimUserInfo, text: string) => void;
  /** A custom message from a user. */
  onRecvC2CCustomMessage?: (msgID: string, sender: V2TimUserInfo, customData: string) => void;
  /** A text in a group. */
  onRecvGroupTextMessage?: (msgID: string, groupID: string, sender: V2TimUserInfo, text: string) => void;
  /** A custom message in a group. */
  onRecvGroupCustomMessage?: (msgID: string, groupID: string, sender: V2TimUserInfo, customData: string) => void;
}

/** Messages that can be named by their msgID alone: what a person scrolls through in a few conversations. */
const MOST_SEEN = 1_000;

/** Messages as they come: who is told, and which were seen. */
export class Inbox {
  readonly advanced = new Listeners<V2TimAdvancedMsgListener>([
    "onRecvNewMessage",
    "onRecvMessageRevoked",
    "onRecvC2CReadReceipt",
  ]);
  readonly simple = new Listeners<V2TimSimpleMsgListener>([
    "onRecvC2CTextMessage",
    "onRecvC2CCustomMessage",
    "onRecvGroupTextMessage",
    "onRecvGroupCustomMessage",
  ]);
  readonly #seen = new Newest<Message>(MOST_SEEN);
  #userID = "";

  constructor(session: Session) {
    session.tells({
      begins: (userID) => this.#begins(userID),
      acted: (event, userID) => this.#event(event, userID),
      event: (event, userID) => this.#event(event, userID),
    });
  }

  /** Notes a message that was read or sent. */
  saw(message: Message): void {
    this.#seen.set(message.messageID, message);
  }

  /** One that was seen. */
  find(msgID: string): Message | undefined {
    return this.#seen.get(msgID);
  }

  /** What one user has seen is not another's. */
  #begins(userID: string): void {
    if (this.#userID !== userID) {
      this.#userID = userID;
      this.#seen.clear();
    }
  }

  #event(event: KnownEvent, userID: string): void {
    switch (event.type) {
      case "message.received":
        return this.#received(event.message, userID);
      case "message.revoked":
        return this.advanced.tell("onRecvMessageRevoked", event.messageID);
      case "message.read":
        return this.#read(event, userID);
      case "invitation.received":
      case "invitation.accepted":
      case "invitation.rejected":
      case "invitation.cancelled":
      case "invitation.timedOut":
        return this.#signaling(event, userID);
    }
  }

  /** Tells of the message that an action on an invitation left, another's or one's own, if it left one. */
  #signaling(event: SpokenEvent, userID: string): void {
    // An own act whose reply was lost is told twice, as such and as an event.
    if (event.message !== undefined && !this.#seen.has(event.message.messageID)) {
      const message = messageOf(spokenBy(event));
      this.saw(message);
      this.advanced.tell("onRecvNewMessage", shown(message, userID));
    }
  }

  #received(message: Message, userID: string): void {
    this.saw(message);
    const told = shown(message, userID);
    this.advanced.tell("onRecvNewMessage", told);
    this.#tellSimply(message, told);
  }

  #tellSimply({ messageID, groupID, sender, type }: Message, told: V2TimMessage): void {
    const text = type === "text" ? told.textElem?.text : told.customElem?.data;
    const from = { userID: sender };
    if (text === undefined) {
      return;
    }
    if (groupID === undefined) {
      this.simple.tell(type === "text" ? "onRecvC2CTextMessage" : "onRecvC2CCustomMessage", messageID, from, text);
    } else {
      const name = type === "text" ? "onRecvGroupTextMessage" : "onRecvGroupCustomMessage";
      this.simple.tell(name, messageID, groupID, from, text);
    }
  }

  #read({ conversation, reader, time }: KnownEvent & { type: "message.read" }, userID: string): void {
    if (reader !== userID && conversation.startsWith("c2c:")) {
      this.advanced.tell("onRecvC2CReadReceipt", [{ userID: reader, timestamp: Math.floor(time / 1_000) }]);
    }
  }
}
