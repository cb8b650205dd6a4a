import type { KnownEvent } from "@wigwag/sdk";
import type { RoomItem } from "./items.js";

/** A room as this page sees it. */
export interface RoomView {
  /** `absent`: there is no such room, as far as this page knows there never was. */
  readonly status: "loading" | "open" | "unreachable" | "absent" | "gone" | "removed";
  /** The userID of the teacher or the host. */
  readonly owner: string;
  /** The userIDs of all members, the owner included, in ascending order. */
  readonly members: readonly string[];
  /** The known items, oldest first. */
  readonly items: readonly RoomItem[];
}

/** The view after something happened to the room's members; `me`: the userID of this page. */
export function afterEvent(view: RoomView, event: KnownEvent, me: string): RoomView {
  const { members } = view;
  switch (event.type) {
    case "group.membersAdded":
      return { ...view, members: [...new Set([...members, ...event.userIDs])].sort() };
    case "group.membersRemoved":
      return {
        ...view,
        status: event.userIDs.includes(me) ? "removed" : view.status,
        members: members.filter((userID) => !event.userIDs.includes(userID)),
      };
    case "group.roleChanged":
      return event.role === "owner" ? { ...view, owner: event.userID } : view;
    case "group.dismissed":
      return { ...view, status: "gone" };
    default:
      return view;
  }
}
