import type { EventOf } from "../events.js";
import { present } from "../present.js";
import type { EndReason, EventType, InvitationView, Invitee, InviteeState } from "../wire/index.js";

/** The type of an event about an invitation, which makes a version of it. */
export type InvitationEventType = Exclude<
  Extract<EventType, `invitation.${string}`>,
  "invitation.progress" | "invitation.silenced"
>;

/** An event about an invitation. */
export type InvitationEvent = { [T in InvitationEventType]: EventOf<T> }[InvitationEventType];

/** An event about an invitation that exists already. */
type ChangeEvent = Exclude<InvitationEvent, { type: "invitation.received" }>;

/** The invitation that an `invitation.received` describes. */
export function invited(event: EventOf<"invitation.received">): InvitationView {
  const { inviteID, inviter, inviteeList, data, timeout, version, device: inviterDevice, time: createdAt } = event;
  const { groupID, deadline, remainingMs, onlineUserOnly, progress, quiet, call, busyLineUserIDList = [] } = event;
  const invitees = [...new Set(inviteeList)].map((userID) => invitee(userID, busyLineUserIDList.includes(userID), createdAt));
  const view = present({
    inviteID,
    inviter,
    inviterDevice,
    groupID,
    invitees,
    data,
    timeout,
    createdAt,
    deadline,
    remainingMs,
    onlineUserOnly,
    progress,
    quiet,
    call,
    status: "open" as const,
    version,
  });
  return invitees.some(isPending) ? view : ended(view, "completed");
}

/** Whoever is in another call counts as rejected from the beginning. */
function invitee(userID: string, busy: boolean, at: number): Invitee {
  return busy ? { userID, state: "rejected", at, busy } : { userID, state: "pending" };
}

/** The invitation after an event. */
export function changed(view: InvitationView, event: ChangeEvent): InvitationView {
  const after = { ...view, version: event.version };
  switch (event.type) {
    case "invitation.accepted":
      return answered(after, event, "accepted");
    case "invitation.rejected":
      return answered(after, event, event.reason === undefined ? "rejected" : "removed");
    case "invitation.cancelled": {
      const left = settled(after, event.inviteeList, { state: "cancelled", at: event.time });
      return event.stillOpen ? left : ended(left, endReasonOf(event.reason));
    }
    case "invitation.timedOut": {
      const last = settled(after, event.inviteeList, { state: "timedOut", at: event.time });
      return ended(last, last.invitees.every(({ state }) => state === "timedOut") ? "timedOut" : "completed");
    }
    case "invitation.modified":
      return { ...after, data: event.data };
    default:
      // An event that is newer than this version.
      return after;
  }
}

/** An invitation that is open no more; without a reason it is not known how it ended. */
export function ended(view: InvitationView, endReason?: EndReason): InvitationView {
  return present({ ...view, status: "ended" as const, endReason: endReason ?? view.endReason });
}

/** Those who have not answered. */
export function pendingOf({ invitees }: InvitationView): string[] {
  return invitees.filter(isPending).map(({ userID }) => userID);
}

function isPending({ state }: Invitee): boolean {
  return state === "pending";
}

type AnswerEvent = Extract<ChangeEvent, { type: "invitation.accepted" | "invitation.rejected" }>;

function answered(view: InvitationView, { invitee, time: at, data, device }: AnswerEvent, state: InviteeState): InvitationView {
  const after = settled(view, [invitee], present({ state, at, data, device }));
  return after.invitees.some(isPending) ? after : ended(after, "completed");
}

function settled(view: InvitationView, who: readonly string[], how: Omit<Invitee, "userID">): InvitationView {
  const concerned = new Set(who);
  const invitees = view.invitees.map((one) => (isPending(one) && concerned.has(one.userID) ? { ...one, ...how } : one));
  return { ...view, invitees };
}

function endReasonOf(cause: EventOf<"invitation.cancelled">["reason"]): EndReason {
  // An invitee who leaves settles for themselves alone; no cancel has that cause.
  return cause === undefined || cause === "leftGroup" ? "cancelled" : cause;
}
