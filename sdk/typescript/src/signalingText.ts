import { objectIn } from "./check.js";
import type { EventOf } from "./events.js";
import type { EventType, Message, MessagePlace, SignalingText, UserId } from "./wire/index.js";

/** The types of the events that say what an action on an invitation says in a message. */
export type SpokenEventType = Exclude<
  Extract<EventType, `invitation.${string}`>,
  "invitation.modified" | "invitation.progress" | "invitation.silenced"
>;

/** The `actionType` of the signaling text that says the same as an event. */
export const ACTION_OF = {
  "invitation.received": 1,
  "invitation.cancelled": 2,
  "invitation.accepted": 3,
  "invitation.rejected": 4,
  "invitation.timedOut": 5,
} as const satisfies Record<SpokenEventType, number>;

/** The event that says the same as a signaling text with this `actionType`; undefined when there is no such action. */
export function eventOfAction(actionType: unknown): SpokenEventType | undefined {
  return (Object.keys(ACTION_OF) as SpokenEventType[]).find((type) => ACTION_OF[type] === actionType);
}

/** One of those events. */
export type SpokenEvent = { [T in SpokenEventType]: EventOf<T> }[SpokenEventType];

/** What an action on an invitation says, and who says it. */
export interface Spoken {
  readonly text: SignalingText;
  readonly sender: UserId;
  /** Its place in history; undefined when it leaves no message. */
  readonly place: MessagePlace | undefined;
  /** Server time in ms. */
  readonly time: number;
  /** The version of the invitation that it produced. */
  readonly version: number;
}

/**
 * Reads the text of a custom message; undefined when it is not signaling. What an action does not need may be absent in it, as in
 * the texts of other clients of the field.
 */
export function readSignalingText(data: string): SignalingText | undefined {
  const text = objectIn(data);
  if (text?.businessID !== 1) {
    return undefined;
  }
  const { inviteID, inviter, inviteeList, actionType, timeout } = text;
  if (typeof inviteID !== "string" || typeof inviter !== "string" || eventOfAction(actionType) === undefined) {
    return undefined;
  }
  return {
    businessID: 1,
    inviteID,
    inviter,
    inviteeList: Array.isArray(inviteeList) ? inviteeList.filter((user) => typeof user === "string") : [],
    groupID: textOr(text.groupID),
    actionType: actionType as number,
    timeout: typeof timeout === "number" ? timeout : 0,
    data: textOr(text.data),
    onlineUserOnly: text.onlineUserOnly === true,
  };
}

/** What an event of an invitation says. */
export function spokenBy(event: SpokenEvent): Spoken {
  const { type, inviteID, inviter, groupID = "", data, time, version, message } = event;
  const answers = type === "invitation.accepted" || type === "invitation.rejected";
  const text: SignalingText = {
    businessID: 1,
    inviteID,
    inviter,
    inviteeList: answers ? [event.invitee] : event.inviteeList,
    groupID,
    actionType: ACTION_OF[type],
    timeout: type === "invitation.received" ? event.timeout : 0,
    data,
    onlineUserOnly: message === undefined,
  };
  return { text, sender: answers ? event.invitee : inviter, place: message, time, version };
}

/**
 * The message that an action on an invitation is, as history has it. One that leaves no message, because it reaches only those who
 * are online or because its group is gone, is made up: it has no `seq`, and a messageID of its own.
 */
export function messageOf({ text, sender, place, time, version }: Spoken): Message {
  const { inviteID, inviter, inviteeList, groupID } = text;
  const invitee = inviteeList[0] ?? "";
  const common = { sender, time, type: "custom", content: { data: JSON.stringify(text) } };
  const peer = groupID === "" ? { receiver: sender === inviter ? invitee : inviter } : { groupID };
  if (place !== undefined) {
    return { ...common, ...peer, ...place };
  }
  const conversation = conversationOf(groupID, inviter, invitee);
  return { ...common, ...peer, conversation, messageID: `${inviteID}-${version}`, onlineUserOnly: true };
}

/** The conversation that an invitation is in; its invitee counts one-to-one, where `groupID` is empty. */
export function conversationOf(groupID: string, inviter: UserId, invitee: UserId): string {
  return groupID === "" ? `c2c:${[inviter, invitee].sort().join(" ")}` : `group:${groupID}`;
}

function textOr(value: unknown): string {
  return typeof value === "string" ? value : "";
}
