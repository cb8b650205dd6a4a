import { type InvitationEvent, type InvitationEventType, pendingOf } from "../book/change.js";
import type { EventOf } from "../events.js";
import { present } from "../present.js";
import { eventOfAction, readSignalingText } from "../signalingText.js";
import type {
  Acted,
  CallLink,
  CallWish,
  Device,
  InvitationView,
  InviteId,
  MessageSend,
  MessageSent,
  Method,
  UserId,
} from "../wire/index.js";

/** The device that acts. */
export interface Actor {
  readonly userID: UserId;
  readonly device: Device;
}

/** A command as it was sent; `params` is JSON. */
export interface Command {
  readonly method: Method;
  readonly params: string;
}

/** A command on an invitation, sent as one or as a message. */
export interface Act {
  /** The event that it makes. */
  readonly type: Exclude<InvitationEventType, "invitation.timedOut">;
  /** Absent when the server makes it. */
  readonly inviteID?: InviteId;
  readonly data: string;
  /** Of an invite: everybody. Of a cancel: from whom it takes back; empty means everybody who is pending. */
  readonly inviteeList: readonly UserId[];
  /** This and what follows: of an invite. Empty or absent one-to-one. */
  readonly groupID?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly onlineUserOnly?: boolean;
  readonly progress?: boolean;
  readonly call?: CallWish;
}

/** Seconds an invitation rings when its command does not say. */
const DEFAULT_TIMEOUT = 30;

/** What a command does to an invitation; undefined for any other command. */
export function readAct({ method, params }: Command): Act | undefined {
  const type = BY_METHOD[method];
  if (type === undefined) {
    return method === "message.send" ? spokenIn(JSON.parse(params)) : undefined;
  }
  const {
    invitee,
    inviteeList = invitee === undefined ? [] : [invitee],
    data = "",
    timeout = DEFAULT_TIMEOUT,
    ...rest
  } = JSON.parse(params);
  return { ...rest, type, inviteeList, data, timeout };
}

const BY_METHOD: Partial<Record<Method, Act["type"]>> = {
  "signaling.invite": "invitation.received",
  "signaling.inviteInGroup": "invitation.received",
  "signaling.cancel": "invitation.cancelled",
  "signaling.accept": "invitation.accepted",
  "signaling.reject": "invitation.rejected",
  "signaling.modify": "invitation.modified",
};

/** What an act did: an invite of somebody who was calling already accepted their invitation instead. */
export function doneBy(act: Act, reply: Acted | MessageSent): Act {
  const inviteID = "call" in reply ? reply.call?.accepted : undefined;
  return inviteID === undefined ? act : { ...act, type: "invitation.accepted", inviteID };
}

/** What a message does that speaks as signaling; a timeout does nothing. */
function spokenIn({ type, content, onlineUserOnly = false }: MessageSend): Act | undefined {
  const text = type === "custom" ? readSignalingText(String(content.data)) : undefined;
  const event = eventOfAction(text?.actionType);
  if (text === undefined || event === undefined || event === "invitation.timedOut") {
    return undefined;
  }
  const { groupID, ...rest } = text;
  return {
    ...rest,
    // A cancel that is sent as a message takes back from everybody.
    inviteeList: event === "invitation.cancelled" ? [] : text.inviteeList,
    type: event,
    onlineUserOnly: text.onlineUserOnly || onlineUserOnly,
    ...present({ groupID: groupID || undefined }),
  };
}

/**
 * The event that another device of the user hears of an act, made of the reply.
 *
 * The reply to an act that was sent as a message says less: its version is taken to be one above the known one, its deadline is
 * counted from its time, and everybody in a group invite is taken to be a member. So is the version of an invitation that was accepted
 * because its inviter was called: the reply has that of the invite.
 *
 * @param before the invitation as it was known; undefined for a new one
 */
export function eventOf(act: Act, reply: Acted | MessageSent, actor: Actor, before: InvitationView | undefined): InvitationEvent {
  const { userID, device } = actor;
  const receipt = "version" in reply ? reply : receiptOf(act, reply, before);
  const { inviteID, inviter, groupID = "" } = before ?? { ...act, inviteID: receipt.inviteID, inviter: userID };
  const { cursor = 0, time, message, deadline, ignoredInvitees = [], call } = receipt;
  const version = receipt.inviteID === inviteID ? receipt.version : (before?.version ?? 0) + 1;
  const common = { cursor, time, self: true, inviteID, inviter, groupID: groupID || undefined, data: act.data, version, message };
  switch (act.type) {
    case "invitation.received":
      return present({
        ...common,
        type: act.type,
        inviteeList: [...new Set(act.inviteeList)].filter((one) => one !== userID && !ignoredInvitees.includes(one)),
        timeout: act.timeout,
        deadline,
        remainingMs: deadline === undefined ? undefined : deadline - time,
        onlineUserOnly: act.onlineUserOnly || undefined,
        progress: act.progress || undefined,
        device,
        call: call && linkOf(call),
        busyLineUserIDList: call?.busyLineUserIDList,
      });
    case "invitation.accepted":
    case "invitation.rejected":
      return present({ ...common, type: act.type, invitee: userID, device });
    case "invitation.cancelled": {
      const pending = before === undefined ? [] : pendingOf(before);
      const inviteeList = pending.filter((one) => isMeant(act, one));
      const stillOpen = inviteeList.length < pending.length || undefined;
      return present({ ...common, type: act.type, inviteeList, stillOpen, device });
    }
    case "invitation.modified":
      return present({ ...common, type: act.type, by: userID });
  }
}

/** Whether a cancel may have made this event: one of everybody leaves nobody pending, one of some takes back from nobody else. */
export function tookBack(cancel: Act, { inviteeList, stillOpen }: EventOf<"invitation.cancelled">): boolean {
  return inviteeList.every((one) => isMeant(cancel, one)) && (cancel.inviteeList.length > 0 || !stillOpen);
}

function isMeant({ inviteeList }: Act, userID: UserId): boolean {
  return inviteeList.length === 0 || inviteeList.includes(userID);
}

function linkOf({ callID, roomID, mediaType }: CallLink): CallLink {
  return { callID, roomID, mediaType };
}

function receiptOf({ inviteID = "", timeout }: Act, sent: MessageSent, before: InvitationView | undefined): Acted {
  const { messageID, conversation, seq, time } = sent;
  return present({
    ...sent,
    inviteID,
    version: (before?.version ?? 0) + 1,
    deadline: timeout > 0 ? time + timeout * 1_000 : undefined,
    message: seq === undefined ? undefined : { messageID, conversation, seq },
  });
}
