import type { Book } from "../book/book.js";
import { is, isNamed } from "../book/call.js";
import { pendingOf } from "../book/change.js";
import type { AnyEvent } from "../events.js";
import type { CallOnly, InvitationView } from "../wire/index.js";
import type { Actor, Command } from "./acts.js";

/**
 * What the app's own `call.join` and `call.hangUp` did, as the event that the user's other devices hear; undefined where events of
 * their own tell it. The replies say less: versions and reasons follow from what is known, and the place of a message is not known. So
 * these events go into the book and are not told. `look` is called with what only the server knows.
 */
export function deedOf(
  { method, params }: Command,
  time: number,
  { userID, device }: Actor,
  book: Book,
  look: (view: InvitationView) => void,
): AnyEvent | undefined {
  const joins = method === "call.join";
  if (!joins && method !== "call.hangUp") {
    return undefined;
  }
  const which = JSON.parse(params) as CallOnly;
  const common = { cursor: 0, time, self: true, device };
  const answered = (view?: InvitationView) => {
    const type = joins ? "invitation.accepted" : "invitation.rejected";
    return view && { ...common, type, inviteID: view.inviteID, invitee: userID, data: "", version: view.version + 1 };
  };
  const takenBack = (view?: InvitationView) => {
    const taken = view && { inviteID: view.inviteID, inviteeList: pendingOf(view), data: "", version: view.version + 1 };
    return taken && { ...common, ...taken, type: "invitation.cancelled" };
  };
  const call = book.calls.find(which);
  if (call === undefined) {
    // As far as the open invitations into it tell. The user's own ring on with whoever is in the call, or are cancelled.
    const into = book.all(0).filter(({ status, call }) => status === "open" && call !== undefined && isNamed(call, which));
    const rung = into.find((view) => pendingOf(view).includes(userID));
    if (rung === undefined && !joins) {
      into.filter((view) => view.inviter === userID).forEach(look);
    }
    return answered(rung);
  }
  const { callID, roomID, people, answeredAt = time } = call;
  const ringing = people.filter(is("ringing"));
  const rings = ringing.find((person) => person.userID === userID);
  if (rings !== undefined) {
    return answered(book.get(rings.inviteID ?? "", 0));
  }
  const step = { ...common, callID, roomID, userID, version: call.version + 1 };
  if (joins) {
    return { ...step, type: "call.joined" };
  }
  const others = people.filter(is("joined")).filter((person) => person.userID !== userID).length;
  if (others > 0) {
    const endReason = others === 1 && ringing.length === 0 ? "hungUp" : undefined;
    return { ...step, type: "call.hungUp", reason: "hungUp", durationMs: time - answeredAt, endReason };
  }
  // What becomes of further ones comes as events.
  return takenBack(ringing.map(({ inviteID = "" }) => book.get(inviteID, 0)).find((view) => view?.inviter === userID));
}
