import type { Book } from "../book/book.js";
import { is } from "../book/call.js";
import { pendingOf } from "../book/change.js";
import type { AnyEvent } from "../events.js";
import type { CallOnly } from "../wire/index.js";
import type { Actor, Command } from "./acts.js";

/**
 * What the app's own `call.join` and `call.hangUp` did, as the event that the user's other devices hear; undefined where events of
 * their own tell it. The replies say less: versions and reasons follow from what is known, and the place of a message is not known. So
 * these events go into the book and are not told.
 */
export function deedOf({ method, params }: Command, time: number, { userID, device }: Actor, book: Book): AnyEvent | undefined {
  const call = method === "call.join" || method === "call.hangUp" ? book.calls.find(JSON.parse(params) as CallOnly) : undefined;
  if (call === undefined) {
    return undefined;
  }
  const { callID, roomID, people, answeredAt = time } = call;
  const ringing = people.filter(is("ringing"));
  const rings = ringing.find((person) => person.userID === userID);
  const common = { cursor: 0, time, self: true, device };
  if (rings !== undefined) {
    const type = method === "call.join" ? "invitation.accepted" : "invitation.rejected";
    const view = book.get(rings.inviteID ?? "", 0);
    return view && { ...common, type, inviteID: view.inviteID, invitee: userID, data: "", version: view.version + 1 };
  }
  const step = { ...common, callID, roomID, userID, version: call.version + 1 };
  if (method === "call.join") {
    return { ...step, type: "call.joined" };
  }
  const others = people.filter(is("joined")).filter((person) => person.userID !== userID).length;
  if (others > 0) {
    const endReason = others === 1 && ringing.length === 0 ? "hungUp" : undefined;
    return { ...step, type: "call.hungUp", reason: "hungUp", durationMs: time - answeredAt, endReason };
  }
  // What becomes of further ones comes as events.
  const first = ringing.map(({ inviteID = "" }) => book.get(inviteID, 0)).find((view) => view?.inviter === userID);
  const taken = first && { inviteID: first.inviteID, inviteeList: pendingOf(first), data: "", version: first.version + 1 };
  return taken && { ...common, ...taken, type: "invitation.cancelled" };
}
