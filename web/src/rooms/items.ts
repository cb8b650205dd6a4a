import type { KnownEvent, Message } from "@wigwag/sdk";
import { type Note, type Purpose, readNote, readPurpose } from "../session/payload.js";
import { ACTION, type Signaled, signaledByEvent, signaledByMessage } from "../session/signaled.js";

/**
 * One thing that happened in a room, at its place in the room's conversation. Every page that applies the items in this order
 * computes the same hands and seats, whether it heard them as events or reads them later.
 */
export type RoomItem = { readonly seq: number; readonly time: number } & (
  | {
      readonly kind: "invited";
      readonly inviteID: string;
      readonly inviter: string;
      readonly invitees: readonly string[];
      readonly purpose: Purpose;
    }
  | { readonly kind: "answered"; readonly inviteID: string; readonly invitee: string; readonly accepted: boolean }
  /** The invitation was cancelled or timed out for the invitees who had not answered. */
  | { readonly kind: "closed"; readonly inviteID: string; readonly invitees: readonly string[] }
  | { readonly kind: "note"; readonly sender: string; readonly note: Note }
  | { readonly kind: "text"; readonly sender: string; readonly text: string }
);

/** The item of a message; undefined when the app has no use for the message. */
export function roomItemOfMessage(message: Message): RoomItem | undefined {
  const { seq, time, sender, type, content } = message;
  if (seq === undefined) {
    return undefined;
  }
  if (type === "text") {
    return typeof content.text === "string" ? { kind: "text", seq, time, sender, text: content.text } : undefined;
  }
  const step = signaledByMessage(message);
  if (step !== undefined) {
    return itemOfStep(step);
  }
  const note = readNote(content.data);
  return note && { kind: "note", seq, time, sender, note };
}

/** The item that an event adds to the room `groupID`. */
export function roomItemOfEvent(event: KnownEvent, groupID: string): RoomItem | undefined {
  if (event.type === "message.received") {
    return event.message.groupID === groupID ? roomItemOfMessage(event.message) : undefined;
  }
  const step = "groupID" in event && event.groupID === groupID ? signaledByEvent(event) : undefined;
  return step && itemOfStep(step);
}

function itemOfStep({ seq, time, actionType, inviteID, inviter, inviteeList, data }: Signaled): RoomItem | undefined {
  const [invitee] = inviteeList;
  switch (actionType) {
    case ACTION.invited: {
      const purpose = readPurpose(data);
      return purpose && { seq, time, kind: "invited", inviteID, inviter, invitees: inviteeList, purpose };
    }
    case ACTION.accepted:
    case ACTION.rejected: {
      const accepted = actionType === ACTION.accepted;
      return invitee === undefined ? undefined : { seq, time, kind: "answered", inviteID, invitee, accepted };
    }
    default:
      return { seq, time, kind: "closed", inviteID, invitees: inviteeList };
  }
}
