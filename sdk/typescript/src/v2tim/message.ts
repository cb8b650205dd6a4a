import { present } from "../present.js";
import { readSignalingText } from "../signalingText.js";
import type { JsonObject, Message, Priority } from "../wire/index.js";
import { MessageElemType, MessagePriorityEnum, MessageStatusEnum } from "./enums.js";

/** The element of a text message. */
export interface V2TimTextElem {
  text?: string;
}

/** The element of a custom message. */
export interface V2TimCustomElem {
  /** The app's own. */
  data?: string;
  desc?: string;
  extension?: string;
}

/** Push settings. They are kept as they are for the server's push adapters; other fields than these pass, too. */
export interface V2TimOfflinePushInfo {
  title?: string;
  desc?: string;
  ext?: string;
  disablePush?: boolean;
  iOSSound?: string;
  ignoreIOSBadge?: boolean;
  androidSound?: string;
  androidOPPOChannelID?: string;
  androidVIVOClassification?: string;
  [field: string]: unknown;
}

/** A message. */
export interface V2TimMessage {
  /** The server's name for it. Absent until it is sent. */
  msgID?: string;
  /** The name that the sender's client gave it. */
  id?: string;
  /** Server time, seconds. */
  timestamp?: number;
  sender?: string;
  /** The group; absent one-to-one. */
  groupID?: string;
  /** The other user; absent in groups. */
  userID?: string;
  /** See MessageStatusEnum. */
  status?: number;
  /** See MessageElemType. */
  elemType?: number;
  textElem?: V2TimTextElem;
  customElem?: V2TimCustomElem;
  cloudCustomData?: string;
  /** Whether one sent it oneself, on whichever device. */
  isSelf?: boolean;
  /** See MessagePriorityEnum. */
  priority?: number;
  offlinePushInfo?: V2TimOfflinePushInfo;
  /** Place in the conversation: 1, 2, 3 … without gap; absent when only those online get it. */
  seq?: string;
  isExcludedFromUnreadCount?: boolean;
  isExcludedFromLastMessage?: boolean;
  needReadReceipt?: boolean;
}

/** What a signaling message says. */
export interface V2TimSignalingInfo {
  inviteID: string;
  inviter: string;
  /** Invite: everybody. Accept, reject: the one. Cancel, timeout: those who were pending. */
  inviteeList: string[];
  /** Empty one-to-one. */
  groupID?: string;
  data?: string;
  /** Seconds on an invite, else 0. */
  timeout?: number;
  /** 1 invite, 2 cancel, 3 accept, 4 reject, 5 timeout. */
  actionType: number;
  businessID?: number;
  isOnlineUserOnly?: boolean;
}

/** A message of the protocol as this surface shows it to `userID`. */
export function shown(message: Message, userID: string): V2TimMessage {
  const isSelf = message.sender === userID;
  const { V2TIM_MSG_STATUS_LOCAL_REVOKED, V2TIM_MSG_STATUS_SEND_SUCC } = MessageStatusEnum;
  return present({
    msgID: message.messageID,
    id: message.clientMsgID,
    timestamp: Math.floor(message.time / 1_000),
    sender: message.sender,
    groupID: message.groupID,
    userID: message.groupID === undefined ? (isSelf ? message.receiver : message.sender) : undefined,
    status: message.revoked ? V2TIM_MSG_STATUS_LOCAL_REVOKED : V2TIM_MSG_STATUS_SEND_SUCC,
    ...elementOf(message),
    cloudCustomData: message.cloudCustomData,
    isSelf,
    priority: priorityShown(message.priority),
    offlinePushInfo: message.offlinePushInfo,
    seq: message.seq?.toString(),
    isExcludedFromUnreadCount: message.excludedFromUnread ?? false,
    isExcludedFromLastMessage: message.excludedFromLastMessage ?? false,
    needReadReceipt: message.needReadReceipt ?? false,
  });
}

/** The element of a message's content. */
export function elementOf({ type, content }: Pick<Message, "type" | "content">): V2TimMessage {
  switch (type) {
    case "text":
      return { elemType: MessageElemType.V2TIM_ELEM_TYPE_TEXT, textElem: { text: textIn(content, "text") } };
    case "custom": {
      const customElem = {
        data: textIn(content, "data"),
        desc: textIn(content, "description"),
        extension: textIn(content, "extension"),
      };
      return { elemType: MessageElemType.V2TIM_ELEM_TYPE_CUSTOM, customElem };
    }
    default:
      return { elemType: MessageElemType.V2TIM_ELEM_TYPE_NONE };
  }
}

function textIn(content: JsonObject, field: string): string {
  const text = content[field];
  return typeof text === "string" ? text : "";
}

const PRIORITIES = {
  high: MessagePriorityEnum.V2TIM_PRIORITY_HIGH,
  normal: MessagePriorityEnum.V2TIM_PRIORITY_NORMAL,
  low: MessagePriorityEnum.V2TIM_PRIORITY_LOW,
} as const;

function priorityShown(priority: Priority = "normal"): MessagePriorityEnum {
  return PRIORITIES[priority];
}

/** The protocol's name of a priority; normal for a number that is none. */
export function priorityOf(number: unknown): Priority {
  const names = Object.keys(PRIORITIES) as Priority[];
  return names.find((name) => PRIORITIES[name] === number) ?? "normal";
}

/** What a message says about an invitation; undefined when it is not signaling. */
export function signalingIn(message: V2TimMessage): V2TimSignalingInfo | undefined {
  const data: unknown = message.customElem?.data;
  const text = typeof data === "string" ? readSignalingText(data) : undefined;
  if (text === undefined) {
    return undefined;
  }
  const { onlineUserOnly, ...info } = text;
  return { ...info, isOnlineUserOnly: onlineUserOnly };
}
