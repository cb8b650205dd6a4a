import { type KnownEvent, type Message, type SignalingText, signalingOf } from "@wigwag/sdk";

/** The `actionType` of each step of an invitation. */
export const ACTION = { invited: 1, cancelled: 2, accepted: 3, rejected: 4, timedOut: 5 } as const;

/** One step of an invitation, at the place of its message in the conversation. */
export interface Signaled extends Pick<SignalingText, "actionType" | "inviteID" | "inviter" | "inviteeList" | "data"> {
  readonly conversation: string;
  readonly seq: number;
  /** Server time in ms. */
  readonly time: number;
}

/** The step that a message of the history tells about; undefined for other messages. */
export function signaledByMessage(message: Message): Signaled | undefined {
  const { conversation, seq, time } = message;
  const text = signalingOf(message);
  if (seq === undefined || text === undefined) {
    return undefined;
  }
  const { actionType, inviteID, inviter, inviteeList, data } = text;
  return { conversation, seq, time, actionType, inviteID, inviter, inviteeList, data };
}

/** The same step, read from its event; undefined for events that leave no signaling message. */
export function signaledByEvent(event: KnownEvent): Signaled | undefined {
  switch (event.type) {
    case "invitation.received":
      return signaled(event, ACTION.invited, event.inviteeList);
    case "invitation.cancelled":
      return signaled(event, ACTION.cancelled, event.inviteeList);
    case "invitation.accepted":
      return signaled(event, ACTION.accepted, [event.invitee]);
    case "invitation.rejected":
      return signaled(event, ACTION.rejected, [event.invitee]);
    case "invitation.timedOut":
      return signaled(event, ACTION.timedOut, event.inviteeList);
    default:
      return undefined;
  }
}

/** The events of an invitation but `invitation.modified`, which leaves no message. */
type StepEvent = Exclude<Extract<KnownEvent, { type: `invitation.${string}` }>, { type: "invitation.modified" }>;

function signaled(event: StepEvent, actionType: number, inviteeList: string[]): Signaled | undefined {
  const { message, time, inviteID, inviter, data } = event;
  if (message === undefined) {
    return undefined;
  }
  const { conversation, seq } = message;
  return { conversation, seq, time, actionType, inviteID, inviter, inviteeList, data };
}
