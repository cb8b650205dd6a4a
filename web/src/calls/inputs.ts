import { type InvitationView, type KnownEvent, WigwagError } from "@wigwag/sdk";
import { readNote, readPurpose, readsBusy } from "../session/payload.js";
import type { Call, Ending, Input } from "./machine.js";

/** The input of an event for the machine, if it has any; `now` in ms of this page's clock. */
export function inputOfEvent(event: KnownEvent, me: string, now: number): Input | undefined {
  switch (event.type) {
    case "invitation.received": {
      const purpose = readPurpose(event.data);
      const rings = purpose?.scene === "call" && event.inviter !== me;
      return rings
        ? { kind: "invited", inviteID: event.inviteID, peer: event.inviter, media: purpose.media, ...endOf(event, now) }
        : undefined;
    }
    case "invitation.accepted":
      return { kind: "accepted", inviteID: event.inviteID, self: event.invitee === me, now };
    case "invitation.rejected":
      return { kind: "rejected", inviteID: event.inviteID, self: event.invitee === me, busy: readsBusy(event.data) };
    case "invitation.cancelled":
      return { kind: "cancelled", inviteID: event.inviteID };
    case "invitation.timedOut":
      return { kind: "timedOut", inviteID: event.inviteID };
    case "message.received": {
      const note = event.message.sender === me ? undefined : readNote(event.message.content.data);
      const ends = note?.scene === "call" && note.action === "end";
      return ends ? { kind: "ended", inviteID: note.inviteID, seconds: note.seconds } : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * The inputs of the invitations that are known when the open ones were listed: a reloaded page rings again, and a page that slept past
 * the end stops. `now` in ms of this page's clock.
 */
export function inputsOfOpening(known: readonly InvitationView[], call: Call, me: string, now: number): Input[] {
  const inputs: Input[] = [];
  const waits = call.at === "ringing" || call.at === "answering" || call.at === "calling";
  if (waits && known.some(({ inviteID, status }) => inviteID === call.inviteID && status === "ended")) {
    inputs.push({ kind: "gone", inviteID: call.inviteID });
  }
  for (const invitation of known) {
    const { inviteID, inviter, data, status, invitees } = invitation;
    const purpose = readPurpose(data);
    const forMe = invitees.some(({ userID, state }) => userID === me && state === "pending");
    if (status === "open" && forMe && purpose?.scene === "call") {
      inputs.push({ kind: "invited", inviteID, peer: inviter, media: purpose.media, ...endOf(invitation, now) });
    }
  }
  return inputs;
}

/** When an invitation ends by this page's clock; the server's deadline counts, this is for showing what is left. */
export function endOf({ remainingMs }: Pick<InvitationView, "remainingMs">, now: number): { endsAt?: number } {
  return remainingMs === undefined ? {} : { endsAt: now + remainingMs };
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
