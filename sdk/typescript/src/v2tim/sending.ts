import type { Peer } from "../api/caller.js";
import type { MessageExtras } from "../api/messages.js";
import type { JsonObject, Message } from "../wire/index.js";
import type { MessagePriorityEnum } from "./enums.js";
import type { Inbox } from "./inbox.js";
import { priorityOf, shown, type V2TimMessage, type V2TimOfflinePushInfo } from "./message.js";
import { wantSwitch } from "./results.js";
import type { Session } from "./session.js";

/** A message's content, before somebody says where it goes. */
export interface Draft {
  readonly type: "text" | "custom";
  readonly content: JsonObject;
}

/** How a message is sent. */
export interface V2TimSendOptions {
  /** Not stored, not counted, not pushed; reaches only those who are online. Default: false. */
  onlineUserOnly?: boolean;
  /** Default: false. */
  isExcludedFromUnreadCount?: boolean;
  /** Default: false. */
  isExcludedFromLastMessage?: boolean;
  /** Default: false. */
  needReadReceipt?: boolean;
  offlinePushInfo?: V2TimOfflinePushInfo;
  cloudCustomData?: string;
  /** Default: normal. */
  priority?: MessagePriorityEnum;
}

/** Sends a draft under a name that makes it safe to send it again, and notes it. */
export async function send(
  { session, inbox }: { session: Session; inbox: Inbox },
  id: string,
  draft: Draft,
  peer: Peer,
  options: V2TimSendOptions = {},
): Promise<V2TimMessage> {
  const { client, userID } = session;
  const body = { clientMsgID: id, ...draft, ...extrasOf(options) };
  const { messageID, conversation, time, seq } = await client.messages.send({ ...peer, ...body });
  const place = { messageID, conversation, time, ...(seq === undefined ? {} : { seq }) };
  const to = peer.groupID === undefined ? { receiver: peer.userID } : { groupID: peer.groupID };
  const message: Message = { ...body, ...place, ...to, sender: userID };
  inbox.saw(message);
  return shown(message, userID);
}

function extrasOf(options: V2TimSendOptions): MessageExtras {
  for (const name of SWITCHES) {
    wantSwitch(name, options[name]);
  }
  const extras = {
    onlineUserOnly: options.onlineUserOnly,
    excludedFromUnread: options.isExcludedFromUnreadCount,
    excludedFromLastMessage: options.isExcludedFromLastMessage,
    needReadReceipt: options.needReadReceipt,
    offlinePushInfo: options.offlinePushInfo ?? undefined,
    cloudCustomData: options.cloudCustomData,
    priority: options.priority === undefined ? undefined : priorityOf(options.priority),
  };
  return Object.fromEntries(Object.entries(extras).filter(([, value]) => value !== undefined));
}

const SWITCHES = ["onlineUserOnly", "isExcludedFromUnreadCount", "isExcludedFromLastMessage", "needReadReceipt"] as const;
