import type { WithPeer } from "../api/caller.js";
import { present } from "../present.js";
import { ACTION_OF, readSignalingText } from "../signalingText.js";
import type { MessageSend, MessageSent, Message as NativeMessage, SignalingText, UserId } from "../wire/index.js";
import { invalid } from "./codes.js";
import { TYPES } from "./constants.js";
import { Params } from "./params.js";
import { nativePeer, nativePriority, nativeType, type Peer } from "./shapes.js";

/** The conversation a message goes to. */
export function peerIn(params: Params): Peer {
  const type = params.optionalChoice("conversationType", [TYPES.CONV_C2C, TYPES.CONV_GROUP]) ?? TYPES.CONV_C2C;
  return { type, id: params.text("to") };
}

/** A message that the app wants to send, in the protocol's words. Throws a ChatError that names the field that is wrong. */
export function wishOf(message: Params, options: Params): WithPeer<MessageSend> {
  const control = new Params(options.optionalObject("messageControlInfo") ?? {}, "messageControlInfo");
  return {
    ...nativePeer(peerIn(message)),
    type: nativeType(message.text("type")),
    content: contentIn(message),
    priority: nativePriority(message.any("priority")),
    ...present({
      clientMsgID: message.optionalText("clientMsgID"),
      cloudCustomData: message.optionalText("cloudCustomData") || undefined,
      needReadReceipt: message.optionalBoolean("needReadReceipt") || undefined,
      onlineUserOnly: options.optionalBoolean("onlineUserOnly"),
      offlinePushInfo: options.optionalObject("offlinePushInfo"),
      excludedFromUnread: control.optionalBoolean("excludedFromUnreadCount"),
      excludedFromLastMessage: control.optionalBoolean("excludedFromLastMessage"),
    }),
  };
}

/** The signaling that a message speaks; undefined for any other message. */
export function signalingIn({ type, content }: WithPeer<MessageSend>): SignalingText | undefined {
  return type === "custom" ? readSignalingText(String(content.data)) : undefined;
}

/** The invitation that has timed out, where a message says so. */
export function timedOutBy(wish: WithPeer<MessageSend>): string | undefined {
  const { actionType, inviteID } = signalingIn(wish) ?? {};
  return actionType === ACTION_OF["invitation.timedOut"] ? inviteID : undefined;
}

/** The message that was sent, as others receive it. */
export function sentMessage(wish: WithPeer<MessageSend>, sent: MessageSent, me: UserId): NativeMessage {
  const { userID, groupID, ...rest } = wish;
  const { messageID, conversation, time, seq } = sent;
  const peer = present({ groupID, receiver: userID });
  return { ...rest, ...peer, messageID, conversation, time, sender: me, ...present({ seq }) };
}

function contentIn(message: Params): Record<string, unknown> {
  const payload = new Params(message.any("payload"), "payload");
  switch (message.text("type")) {
    case TYPES.MSG_TEXT:
      return { text: within(payload, "text") };
    case TYPES.MSG_CUSTOM: {
      const [description, extension] = [payload.optionalText("description"), payload.optionalText("extension")];
      return { data: within(payload, "data"), ...present({ description, extension }) };
    }
    default:
      return { ...(message.any("payload") as object) };
  }
}

function within(payload: Params, field: string): string {
  const value = payload.any(field);
  if (typeof value !== "string") {
    throw invalid(`payload.${field}`, value === undefined ? "is missing" : "must be a string");
  }
  return value;
}
