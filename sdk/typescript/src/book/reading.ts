import { isObject } from "../check.js";
import type { AnyEvent } from "../events.js";
import type { CallView, InvitationView } from "../wire/index.js";
import type { InvitationEvent } from "./change.js";

/** Whether the book can take an event; one of a type that is newer than this version raises the invitation's version. */
export function isInvitationEvent(event: AnyEvent): event is AnyEvent & InvitationEvent {
  return event.type.startsWith("invitation.") && typeof event.inviteID === "string" && typeof event.version === "number";
}

/** The invitations in something that the server sent; what cannot be read is left out. */
export function viewsIn(list: unknown): InvitationView[] {
  return Array.isArray(list) ? list.filter(isView) : [];
}

/** The calls in something that the server sent; what cannot be read is left out. */
export function callsIn(list: unknown): CallView[] {
  return Array.isArray(list) ? list.filter(isCall) : [];
}

function isCall(view: unknown): view is CallView {
  return isObject(view) && typeof view.callID === "string" && typeof view.version === "number" && Array.isArray(view.people);
}

function isView(view: unknown): view is InvitationView {
  return isObject(view) && typeof view.inviteID === "string" && typeof view.version === "number" && Array.isArray(view.invitees);
}
