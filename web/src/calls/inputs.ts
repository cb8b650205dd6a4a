import { type EventOf, type InvitationView, type KnownEvent, type ProgressStep, WigwagError } from "@wigwag/sdk";
import { mediaOf, readsBusy } from "../session/payload.js";
import type { Call, Ending, Input, Way } from "./machine.js";

/** The input of an event for the machine, if it has any; `now` in ms of this page's clock. */
export function inputOfEvent(event: KnownEvent, me: string, now: number): Input | undefined {
  switch (event.type) {
    case "invitation.received": {
      const { inviteID, inviter: peer, call, groupID, busyLineUserIDList: busy, quiet } = event;
      const rings = call !== undefined && groupID === undefined && peer !== me && !busy?.includes(me);
      return rings ? { kind: "invited", inviteID, peer, media: mediaOf(call), ...(quiet ? { quiet } : {}) } : undefined;
    }
    case "invitation.accepted":
      return { kind: "accepted", inviteID: event.inviteID, self: event.invitee === me, now };
    case "invitation.rejected":
      return { kind: "rejected", inviteID: event.inviteID, self: event.invitee === me, busy: readsBusy(event.data) };
    case "invitation.silenced":
      return { kind: "silenced", inviteID: event.inviteID };
    case "invitation.progress": {
      const way = wayOf(event.step);
      return way && { kind: "underWay", inviteID: event.inviteID, way };
    }
    case "invitation.cancelled":
      return { kind: "cancelled", inviteID: event.inviteID };
    case "invitation.timedOut":
      return { kind: "timedOut", inviteID: event.inviteID };
    case "call.hungUp":
      return event.endReason === undefined ? undefined : endedBy(event);
    case "call.ended":
      return endedBy(event);
    case "call.declined":
      return event.endReason === undefined ? undefined : endedBy({ ...event, durationMs: 0 });
    case "call.joined":
      // A page comes into a call by its invitation alone, of which this event does not tell.
      return event.userID === me ? { kind: "moved", inviteID: event.callID } : undefined;
    default:
      return undefined;
  }
}

/**
 * The inputs of the invitations that are known when the open ones were listed: a reloaded page rings again, and a page that slept past
 * the end stops.
 */
export function inputsOfOpening(known: readonly InvitationView[], call: Call, me: string): Input[] {
  const inputs: Input[] = [];
  const waits = call.at === "ringing" || call.at === "answering" || call.at === "calling";
  if (waits && known.some(({ inviteID, status }) => inviteID === call.inviteID && status === "ended")) {
    inputs.push({ kind: "gone", inviteID: call.inviteID });
  }
  for (const invitation of known) {
    const { inviteID, inviter, call: link, groupID, status, invitees, quiet } = invitation;
    const forMe = invitees.some(({ userID, state }) => userID === me && state === "pending");
    if (status === "open" && forMe && link !== undefined && groupID === undefined) {
      inputs.push({ kind: "invited", inviteID, peer: inviter, media: mediaOf(link), ...(quiet ? { quiet } : {}) });
    }
  }
  return inputs;
}

/** What a step says to whoever calls; undefined when it says no more than that they call. */
function wayOf(step: ProgressStep): Way | undefined {
  switch (step) {
    case "unreachable":
      return "unreachable";
    case "acknowledged":
    case "ringing":
      return "rings";
    default:
      return undefined;
  }
}

/** The input for a call of this page's, by what the server knows of the other side's devices. */
export function inputOfDevices({ inviteID, invitees }: InvitationView): Input | undefined {
  const devices = invitees.flatMap(({ devices = [] }) => devices);
  const rings = devices.some(({ acknowledgedAt, ringingAt }) => (acknowledgedAt ?? ringingAt) !== undefined);
  return rings ? { kind: "underWay", inviteID, way: "rings" } : undefined;
}

function endedBy({ callID, endReason, durationMs }: Pick<EventOf<"call.hungUp">, "callID" | "endReason" | "durationMs">): Input {
  const why = endReason === "connectionLost" ? "connectionLost" : "hungUp";
  return { kind: "ended", inviteID: callID, why, seconds: Math.round(durationMs / 1_000) };
}

/** How a call ended whose invite, accept or reject failed. */
export function endingOf(thrown: unknown): { why: Ending; refusal?: string } {
  if (!(thrown instanceof WigwagError)) {
    throw thrown;
  }
  const { reason, outcome } = thrown;
  if (reason === "cancelled" || reason === "timedOut") {
    return { why: "missed" };
  }
  if (reason === "settled" && outcome?.state !== undefined) {
    return { why: outcome.state === "rejected" ? "declinedElsewhere" : "answeredElsewhere" };
  }
  return { why: "refused", refusal: reason };
}
