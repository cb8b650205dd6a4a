import { isObject } from "../check.js";
import { signalingOf } from "../history.js";
import type { Message, Profile } from "../wire/index.js";
import { wrong } from "./codes.js";
import { textIn } from "./reading.js";

/** The other side of a conversation. */
export type Peer = { readonly userID: string; readonly groupID?: never } | { readonly groupID: string; readonly userID?: never };

/** What is in a custom message. */
export interface CustomElem {
  /** The app's payload. */
  data: string;
  /** More of it. */
  extension: string;
  /** For people. */
  description: string;
}

/** OpenIM's message. */
export interface MessageItem {
  /** The name that its client gave it. */
  clientMsgID: string;
  /** The server's name for it; absent before it is sent. */
  serverMsgID?: string;
  /** Server time in ms. */
  createTime: number;
  /** Server time in ms. */
  sendTime: number;
  /** 1 one-to-one, 3 group; 0 before it is sent. */
  sessionType: number;
  /** Who sent it. */
  sendID: string;
  /** The other user; empty in groups. */
  recvID?: string;
  /** 100: a user. */
  msgFrom: number;
  /** 101 text, 110 custom, 2101 taken back. */
  contentType: number;
  /** 0 where it is not known. */
  senderPlatformID: number;
  /** The sender's nickname. */
  senderNickname?: string;
  /** The sender's picture. */
  senderFaceUrl?: string;
  /** The group; empty one-to-one. */
  groupID?: string;
  /** Its place in the conversation; 0 when it has none. */
  seq: number;
  /** Whether it is known to be read: by the other user, or by oneself. */
  isRead: boolean;
  /** 1 being sent, 2 sent, 3 failed. */
  status: number;
  /** Of a text. */
  textElem?: { content: string };
  /** Of a custom message. */
  customElem?: CustomElem;
}

/** OpenIM's line of the conversation list. */
export interface ConversationItem {
  /** OpenIM's name of it. */
  conversationID: string;
  /** 1 one-to-one, 3 group. */
  conversationType: number;
  /** The other user; empty in groups. */
  userID: string;
  /** The group; empty one-to-one. */
  groupID: string;
  /** For people. */
  showName: string;
  /** Address of a picture. */
  faceURL: string;
  /** Always 0. */
  recvMsgOpt: number;
  /** Unread messages of others; traces of calls do not count. */
  unreadCount: number;
  /** Always 0. */
  groupAtType: number;
  /** The JSON text of a message; empty when there is none. */
  latestMsg: string;
  /** Server time in ms. */
  latestMsgSendTime: number;
  /** Always empty. */
  draftText: string;
  /** Always 0. */
  draftTextTime: number;
  /** Always false. */
  isPinned: boolean;
  /** Always false. */
  isPrivateChat: boolean;
  /** Always 0. */
  burnDuration: number;
  /** Always false. */
  isNotInGroup: boolean;
  /** Always empty. */
  attachedInfo: string;
  /** Always empty. */
  ex: string;
}

/** Content types of OpenIM. */
const TEXT = 101;
const CUSTOM = 110;
const TAKEN_BACK = 2_101;
/** States of a message. */
const SENDING = 1;
export const SENT = 2;
/** A message of a user, not of the system. */
export const FROM_USER = 100;

/** What is in a message that is made. */
export type Content = Pick<MessageItem, "contentType" | "textElem" | "customElem">;

/** What is in a text. */
export function textContent(content: string): Content {
  return { contentType: TEXT, textElem: { content } };
}

/** What is in a custom message. */
export function customContent(customElem: CustomElem): Content {
  return { contentType: CUSTOM, customElem };
}

/** A message that is made and not sent. */
export function draft(
  content: Content,
  sendID: string,
  senderPlatformID: number,
  clientMsgID: string,
  time: number,
): MessageItem {
  return {
    clientMsgID,
    createTime: time,
    sendTime: time,
    sessionType: 0,
    sendID,
    msgFrom: FROM_USER,
    senderPlatformID,
    seq: 0,
    isRead: false,
    status: SENDING,
    ...content,
  };
}

/** The kind of a conversation. */
export function sessionType({ groupID }: { groupID?: string }): number {
  return groupID === undefined ? 1 : 3;
}

/** The name of a message for its clients. */
export function clientMsgIDOf({ clientMsgID, messageID }: Message): string {
  return clientMsgID ?? messageID;
}

/** A message as its viewer sees it; `readSeq`: up to where it is known to be read. */
export function messageItem(message: Message, sender: Profile | undefined, readSeq: number): MessageItem {
  const { messageID, time, groupID, receiver, seq = 0, revoked } = message;
  return {
    clientMsgID: clientMsgIDOf(message),
    serverMsgID: messageID,
    createTime: time,
    sendTime: time,
    sessionType: sessionType(message),
    sendID: message.sender,
    recvID: receiver ?? "",
    msgFrom: FROM_USER,
    senderPlatformID: 0,
    senderNickname: sender?.nickname ?? "",
    senderFaceUrl: sender?.faceURL ?? "",
    groupID: groupID ?? "",
    seq,
    isRead: seq > 0 && seq <= readSeq,
    status: SENT,
    ...(revoked ? { contentType: TAKEN_BACK } : contentOf(message)),
  };
}

/** A message of a kind that OpenIM's apps do not have is shown as custom, with its kind as description. */
function contentOf({ type, content }: Message): Content {
  const text = (field: unknown) => (typeof field === "string" ? field : "");
  if (type === "text" && typeof content.text === "string") {
    return textContent(content.text);
  }
  if (type === "custom") {
    const { data, extension, description } = content;
    return customContent({ data: text(data), extension: text(extension), description: text(description) });
  }
  return customContent({ data: JSON.stringify(content), extension: "", description: type });
}

/** What is in a message that an app gives back to be sent. What it says of its sender counts for nothing. */
export function readContent(message: Record<string, unknown>): Content {
  const { contentType, textElem, customElem } = message;
  switch (contentType) {
    case TEXT:
      return textContent(textIn(isObject(textElem) ? textElem : message, "content"));
    case CUSTOM: {
      const elem = isObject(customElem) ? customElem : {};
      const [data, extension, description] = [textIn(elem, "data"), textIn(elem, "extension"), textIn(elem, "description")];
      return customContent({ data, extension, description });
    }
    default:
      throw wrong("contentType is neither 101 (text) nor 110 (custom)");
  }
}

/** Whether a message is the trace of an action on an invitation. Calls never appear as messages at OpenIM's apps. */
export function isTrace(message: Message): boolean {
  return signalingOf(message) !== undefined;
}

/** OpenIM's name of a conversation of `me`. */
export function conversationIDOf(me: string, { userID, groupID }: Peer): string {
  if (groupID !== undefined) {
    return `sg_${groupID}`;
  }
  return me <= userID ? `si_${me}_${userID}` : `si_${userID}_${me}`;
}

/** The other side of the conversation that OpenIM calls so. UserIDs may have underscores, so one's own is taken off. */
export function peerOf(me: string, conversationID: string): Peer {
  if (conversationID.startsWith("sg_") && conversationID.length > 3) {
    return { groupID: conversationID.slice(3) };
  }
  const users = conversationID.slice(3);
  const others = [
    users.startsWith(`${me}_`) ? users.slice(me.length + 1) : "",
    users.endsWith(`_${me}`) ? users.slice(0, -me.length - 1) : "",
  ];
  const userID = others.find((other) => other !== "" && conversationIDOf(me, { userID: other }) === conversationID);
  if (userID === undefined) {
    throw wrong("conversationID names no conversation of yours");
  }
  return { userID };
}

/** The other side of a conversation by the protocol's name for it. */
export function peerIn(conversation: string, me: string): Peer {
  if (conversation.startsWith("group:")) {
    return { groupID: conversation.slice("group:".length) };
  }
  const [one = "", other = ""] = conversation.slice("c2c:".length).split(" ");
  return { userID: one === me ? other : one };
}

/** What is known of a conversation. */
export interface KnownConversation {
  readonly peer: Peer;
  readonly showName: string;
  readonly faceURL: string;
  readonly unreadCount: number;
  readonly isPinned?: boolean | undefined;
  readonly latest: MessageItem | undefined;
}

/** A line of the list, as `me` sees it. */
export function conversationItem(
  me: string,
  { peer, showName, faceURL, unreadCount, isPinned = false, latest }: KnownConversation,
): ConversationItem {
  const { userID = "", groupID = "" } = peer;
  return {
    conversationID: conversationIDOf(me, peer),
    conversationType: sessionType(peer),
    userID,
    groupID,
    showName,
    faceURL,
    recvMsgOpt: 0,
    unreadCount,
    groupAtType: 0,
    latestMsg: latest === undefined ? "" : JSON.stringify(latest),
    latestMsgSendTime: latest?.sendTime ?? 0,
    draftText: "",
    draftTextTime: 0,
    isPinned,
    isPrivateChat: false,
    burnDuration: 0,
    isNotInGroup: false,
    attachedInfo: "",
    ex: "",
  };
}
