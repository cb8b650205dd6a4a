import type { InvitationEvent } from "../book/change.js";
import { isInvitationEvent } from "../book/reading.js";
import { isObject } from "../check.js";
import type { AnyEvent } from "../events.js";
import { conversationOf } from "../signalingText.js";
import { type Command, readAct, tookBack } from "./acts.js";

/** Whether the device did it: an act on an invitation. The event of a modification does not say which device made it. */
export function isActOf(deviceID: string, event: AnyEvent): event is AnyEvent & ActEvent {
  const { self, device } = event as AnyEvent;
  return self === true && isInvitationEvent(event) && isObject(device) && device.deviceID === deviceID;
}

type ActEvent = Exclude<InvitationEvent, { type: "invitation.timedOut" | "invitation.modified" }>;

/**
 * What the reply to a command of the device's says, and more, read from the event that the command made; undefined when it made
 * another one.
 *
 * The server sends a device the event of its own command when the connection that waited for the reply is gone. Only the reply says how
 * to reach the media of a call.
 */
export function replyIn(event: AnyEvent, command: Command, deviceID: string): object | undefined {
  const { type, cursor, message } = event;
  if (isActOf(deviceID, event)) {
    return actedIn(event, command);
  }
  const isSent = type === "message.received" && command.method === "message.send" && isObject(message);
  return isSent && message.clientMsgID === JSON.parse(command.params).clientMsgID ? { ...message, cursor } : undefined;
}

function actedIn(event: ActEvent, command: Command): object | undefined {
  const act = readAct(command);
  const { type, inviteID, inviter, groupID = "", data, message } = event;
  // An invite into a call accepts the invitation of an invitee who is calling already: that one stands, and is named.
  const meets = type === "invitation.accepted" && groupID === "" && act?.call !== undefined && act.inviteeList[0] === inviter;
  // With other data it is another command, which the server refuses as settled.
  if (act === undefined || act.data !== data || !(meets || (act.type === type && act.inviteID === inviteID))) {
    return undefined;
  }
  if (type === "invitation.cancelled" && !tookBack(act, event)) {
    return undefined;
  }
  const named = "invitee" in event ? [event.invitee] : event.inviteeList;
  if (command.method === "message.send") {
    return { ...event, messageID: "", conversation: conversationOf(groupID, inviter, named[0] ?? ""), ...message };
  }
  // Of an invitation: those whom it was for and does not name.
  const isIgnored = (one: string) => type === "invitation.received" && one !== inviter && !named.includes(one);
  return { ...event, ignoredInvitees: [...new Set(act.inviteeList)].filter(isIgnored) };
}
