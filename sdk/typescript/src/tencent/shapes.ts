import { readExt, writeExt } from "../ext.js";
import type { Message as NativeMessage, Profile as NativeProfile, Priority, UserId } from "../wire/index.js";
import { invalid } from "./codes.js";
import { type ConversationType, TYPES, type TypesNamed } from "./constants.js";
import type { Params } from "./params.js";

/** A message, in the shape of Tencent's package. */
export interface Message {
  /** The same from the making of the message on: the sender's key under the sender's name; the server's messageID where another kind of client made it. */
  ID: string;
  type: TypesNamed<"MSG_">;
  // biome-ignore lint/suspicious/noExplicitAny: its fields depend on `type`
  payload: any;
  conversationID: string;
  conversationType: ConversationType;
  /** userID or groupID. */
  to: string;
  /** userID of the sender. */
  from: string;
  flow: "in" | "out";
  /** Seconds; by the server's clock or, where the device's is off by more than 10 s, by that of the device. */
  time: number;
  status: "unSend" | "success" | "fail";
  isRevoked: boolean;
  priority: TypesNamed<"MSG_PRIORITY_">;
  nick: string;
  avatar: string;
  isPeerRead: boolean;
  nameCard: string;
  atUserList: string[];
  cloudCustomData: string;
  isDeleted: boolean;
  isModified: boolean;
  needReadReceipt: boolean;
  readReceiptInfo: { readCount?: number; unreadCount?: number; isPeerRead?: boolean };
  isBroadcastMessage: boolean;
  isSupportExtension: boolean;
  revoker: string;
  revokerInfo: { userID: string; nick: string; avatar: string };
  revokeReason: string;
  /** 1, 2, 3 … in each conversation, one-to-one too; 0 when it is not in history. */
  sequence: number;
  hasRiskContent: boolean;
  /** Only these members of a group should receive it; it cannot be sent. */
  receiverList?: string[] | undefined;
  /** The sender's key for sending it again safely. */
  clientMsgID: string;
  /** Not in history: it reaches only those who are online. Signaling packages read it under this name. */
  _onlineOnlyFlag: boolean;
}

/** A user's profile, in the shape of Tencent's package. What the server has no field for is kept in its `ext`. */
export interface Profile {
  userID: string;
  nick: string;
  avatar: string;
  gender: TypesNamed<"GENDER_">;
  birthday: number;
  location: string;
  selfSignature: string;
  allowType: TypesNamed<"ALLOW_TYPE_">;
  language: number;
  messageSettings: number;
  adminForbidType: TypesNamed<"FORBID_TYPE_">;
  level: number;
  role: number;
  lastUpdatedTime: number;
  profileCustomField: { key: string; value: string }[];
}

/** What is known of people's profiles without asking. */
export type KnownProfile = (userID: UserId) => NativeProfile | undefined;

/** For whom shapes are made. */
export interface Viewer {
  readonly me: UserId;
  /** The time of the viewer's clock, seconds, at a server time, ms. */
  readonly secondsHere: (serverMs: number) => number;
  readonly profile: KnownProfile;
}

const PRIORITIES: Readonly<Record<Priority, Message["priority"]>> = {
  high: TYPES.MSG_PRIORITY_HIGH,
  normal: TYPES.MSG_PRIORITY_NORMAL,
  low: TYPES.MSG_PRIORITY_LOW,
};

/** Whose name and face stand beside something. */
export function faceOf({ profile }: Viewer, userID: UserId): { nick: string; avatar: string } {
  const { nickname = "", faceURL = "" } = profile(userID) ?? {};
  return { nick: nickname, avatar: faceURL };
}

/** The keys that `newID` makes. */
const MADE_HERE = /^[0-9a-f-]{36}$/;

/** A message of the protocol in Tencent's shape. */
export function messageShape(message: NativeMessage, viewer: Viewer, peerReadSeq = 0): Message {
  const { me, secondsHere } = viewer;
  const { sender, receiver = "", groupID, seq = 0 } = message;
  const out = sender === me;
  return {
    ...emptyMessage(groupID === undefined ? TYPES.CONV_C2C : TYPES.CONV_GROUP, groupID ?? receiver),
    ID: messageIDOf(sender, message.clientMsgID) ?? message.messageID,
    type: shapedType(message.type),
    payload: payloadOf(message),
    conversationID: groupID === undefined ? `${TYPES.CONV_C2C}${out ? receiver : sender}` : `${TYPES.CONV_GROUP}${groupID}`,
    from: sender,
    flow: out ? "out" : "in",
    time: secondsHere(message.time),
    status: "success",
    isRevoked: message.revoked === true,
    priority: PRIORITIES[message.priority ?? "normal"],
    ...faceOf(viewer, sender),
    isPeerRead: groupID === undefined && out && seq > 0 && seq <= peerReadSeq,
    cloudCustomData: message.cloudCustomData ?? "",
    needReadReceipt: message.needReadReceipt === true,
    revoker: message.revoked === true ? sender : "",
    sequence: seq,
    clientMsgID: message.clientMsgID ?? "",
    _onlineOnlyFlag: message.onlineUserOnly === true,
  };
}

/**
 * The name of a message that was made by a surface like this one, by its sender and key; undefined for other keys. The sender is in it
 * because keys are theirs to choose, and the key has one length: nobody can give a message the name of another's.
 */
export function messageIDOf(sender: UserId, clientMsgID: string | undefined): string | undefined {
  return clientMsgID !== undefined && MADE_HERE.test(clientMsgID) ? `${sender}-${clientMsgID}` : undefined;
}

/** A message with nothing in it. */
export function emptyMessage(conversationType: ConversationType, to: string): Message {
  return {
    ID: "",
    type: TYPES.MSG_TEXT,
    payload: {},
    conversationID: `${conversationType}${to}`,
    conversationType,
    to,
    from: "",
    flow: "out",
    time: seconds(Date.now()),
    status: "unSend",
    isRevoked: false,
    priority: TYPES.MSG_PRIORITY_NORMAL,
    nick: "",
    avatar: "",
    isPeerRead: false,
    nameCard: "",
    atUserList: [],
    cloudCustomData: "",
    isDeleted: false,
    isModified: false,
    needReadReceipt: false,
    readReceiptInfo: {},
    isBroadcastMessage: false,
    isSupportExtension: false,
    revoker: "",
    revokerInfo: { userID: "", nick: "", avatar: "" },
    revokeReason: "",
    sequence: 0,
    hasRiskContent: false,
    clientMsgID: "",
    _onlineOnlyFlag: false,
  };
}

/** Tencent's name of a message's type; others pass under their own, which the type does not tell. */
function shapedType(type: string): Message["type"] {
  return type === "text" ? TYPES.MSG_TEXT : type === "custom" ? TYPES.MSG_CUSTOM : (type as Message["type"]);
}

/** The protocol's name of a message's type. */
export function nativeType(type: string): string {
  return type === TYPES.MSG_TEXT ? "text" : type === TYPES.MSG_CUSTOM ? "custom" : type;
}

/** The protocol's name of a priority; it knows nothing below low. */
export function nativePriority(priority: unknown): Priority {
  switch (priority) {
    case TYPES.MSG_PRIORITY_HIGH:
      return "high";
    case TYPES.MSG_PRIORITY_LOW:
    case TYPES.MSG_PRIORITY_LOWEST:
      return "low";
    default:
      return "normal";
  }
}

function payloadOf({ type, content }: NativeMessage): unknown {
  switch (type) {
    case "text":
      return { text: content.text ?? "" };
    case "custom":
      return { data: content.data ?? "", description: content.description ?? "", extension: content.extension ?? "" };
    default:
      return { ...content };
  }
}

/** A profile of the protocol with nothing in it. */
export function emptyProfile(userID: UserId): NativeProfile {
  return { userID, nickname: "", faceURL: "", ext: "" };
}

/** Fields of Tencent's profile that the server has no field for, before anybody has set them; what is set is kept in the `ext`. */
export function unsetFields(): Omit<Profile, "userID" | "nick" | "avatar" | "lastUpdatedTime"> {
  return {
    gender: TYPES.GENDER_UNKNOWN,
    birthday: 0,
    location: "",
    selfSignature: "",
    allowType: TYPES.ALLOW_TYPE_ALLOW_ANY,
    language: 0,
    messageSettings: 0,
    adminForbidType: TYPES.FORBID_TYPE_NONE,
    level: 0,
    role: 0,
    profileCustomField: [],
  };
}

/** A profile of the protocol in Tencent's shape. */
export function profileShape({ userID, nickname, faceURL, ext }: NativeProfile): Profile {
  return {
    lastUpdatedTime: 0,
    ...unsetFields(),
    ...readExt(ext),
    userID,
    nick: nickname,
    avatar: faceURL,
  };
}

/** An `ext` with these fields of Tencent's; the same when there are none. */
export function keeping(ext: string, kept: Record<string, unknown>): string {
  const names = Object.keys(kept);
  const all = names.length === 0 ? ext : writeExt(ext, kept);
  if (all === undefined) {
    throw invalid(names.join(", "), "cannot be kept: the ext holds something of the app's own");
  }
  return all;
}

/** The kind of a conversation, and whose it is. */
export interface Peer {
  readonly type: typeof TYPES.CONV_C2C | typeof TYPES.CONV_GROUP;
  readonly id: string;
}

/** Reads the conversationID among parameters, `C2C…` or `GROUP…`. */
export function conversationIn(params: Params): Peer {
  const conversationID = params.text("conversationID");
  for (const type of [TYPES.CONV_GROUP, TYPES.CONV_C2C]) {
    if (conversationID.startsWith(type) && conversationID.length > type.length) {
      return { type, id: conversationID.slice(type.length) };
    }
  }
  throw invalid("conversationID", "must begin with C2C or GROUP");
}

/** The parameters that name a conversation in the protocol. */
export function nativePeer({ type, id }: Peer): { userID: string; groupID?: never } | { groupID: string; userID?: never } {
  return type === TYPES.CONV_GROUP ? { groupID: id } : { userID: id };
}

/** Seconds from ms, as Tencent counts. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
