import { ACTION_OF, type KnownEvent, type Message, type SignalingText, type SpokenEvent, signalingOf } from "@wigwag/sdk";

/** The `actionType` of each step of an invitation. */
export const ACTION = {
  invited: ACTION_OF["invitation.received"],
  cancelled: ACTION_OF["invitation.cancelled"],
  accepted: ACTION_OF["invitation.accepted"],
  rejected: ACTION_OF["invitation.rejected"],
  timedOut: ACTION_OF["invitation.timedOut"],
} as const;

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
    case "invitation.cancelled":
    case "invitation.timedOut":
      return signaled(event, event.inviteeList);
    case "invitation.accepted":
    case "invitation.rejected":
      return signaled(event, [event.invitee]);
    default:
      return undefined;
  }
}

function signaled(event: SpokenEvent, inviteeList: string[]): Signaled | undefined {
  const { type, message, time, inviteID, inviter, data } = event;
  if (message === undefined) {
    return undefined;
  }
  const { conversation, seq } = message;
  return { conversation, seq, time, actionType: ACTION_OF[type], inviteID, inviter, inviteeList, data };
}
