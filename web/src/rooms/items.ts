import { type KnownEvent, type Message, signalingOf } from "@wigwag/sdk";
import { type Note, type Purpose, readNote, readPurpose } from "../session/payload.js";

/**
 * One thing that happened in a room, at its place in the room's conversation. Every page that puts the items in this order comes to
 * the same hands and seats, whether it was there or reads of it later.
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
  /** Taken back, or timed out, for those who had not answered. */
  | { readonly kind: "closed"; readonly inviteID: string; readonly invitees: readonly string[] }
  | { readonly kind: "note"; readonly sender: string; readonly note: Note }
  | { readonly kind: "text"; readonly sender: string; readonly text: string }
);

/** A message of a room's history, if it means anything here. */
export function roomItemOfMessage(message: Message): RoomItem | undefined {
  const { seq, time, sender, type, content } = message;
  if (seq === undefined) {
    return undefined;
  }
  if (type === "text") {
    return typeof content.text === "string" ? { kind: "text", seq, time, sender, text: content.text } : undefined;
  }
  const signaling = signalingOf(message);
  if (signaling === undefined) {
    const note = readNote(content.data);
    return note && { kind: "note", seq, time, sender, note };
  }
  const { actionType, inviteID, inviter, inviteeList, data } = signaling;
  return signaled({ seq, time }, actionType, { inviteID, inviter, inviteeList, data });
}

/** Numbers of the actions, as signaling messages have them. */
const ACTIONS = {
  "invitation.received": 1,
  "invitation.cancelled": 2,
  "invitation.accepted": 3,
  "invitation.rejected": 4,
  "invitation.timedOut": 5,
} as const;

/** What an event means in the room `groupID`. */
export function roomItemOfEvent(event: KnownEvent, groupID: string): RoomItem | undefined {
  switch (event.type) {
    case "message.received":
      return event.message.groupID === groupID ? roomItemOfMessage(event.message) : undefined;
    case "invitation.received":
    case "invitation.cancelled":
    case "invitation.accepted":
    case "invitation.rejected":
    case "invitation.timedOut": {
      if (event.groupID !== groupID || event.message === undefined) {
        return undefined;
      }
      const { message, time, inviteID, inviter, data } = event;
      const inviteeList = "invitee" in event ? [event.invitee] : event.inviteeList;
      return signaled({ seq: message.seq, time }, ACTIONS[event.type], { inviteID, inviter, inviteeList, data });
    }
    default:
      return undefined;
  }
}

interface Signaled {
  inviteID: string;
  inviter: string;
  inviteeList: string[];
  data: string;
}

function signaled(place: { seq: number; time: number }, action: number, what: Signaled): RoomItem | undefined {
  const { inviteID, inviter, inviteeList, data } = what;
  const [invitee] = inviteeList;
  switch (action) {
    case 1: {
      const purpose = readPurpose(data);
      return purpose && { ...place, kind: "invited", inviteID, inviter, invitees: inviteeList, purpose };
    }
    case 3:
    case 4:
      return invitee === undefined ? undefined : { ...place, kind: "answered", inviteID, invitee, accepted: action === 3 };
    default:
      return { ...place, kind: "closed", inviteID, invitees: inviteeList };
  }
}
