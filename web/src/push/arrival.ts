import type { InvitationView } from "@wigwag/sdk";
import type { OverReason } from "./pushed.js";

/** The address of the app, below `base`, at which a page begins that a notification opens. `rings`: whether it rang when it was shown. */
export function addressOf(base: string, { inviteID, to, rings }: { inviteID: string; to: string; rings: boolean }): string {
  const address = new URL(base);
  if (rings) {
    address.searchParams.set("ring", inviteID);
  }
  address.hash = to;
  return address.href;
}

/** What became of an invitation for one of its invitees; undefined when it is not known to them, which says no more than that it is over. */
export function outcomeFor(invitation: InvitationView | undefined, me: string): "open" | OverReason {
  const mine = invitation?.invitees.find(({ userID }) => userID === me);
  if (invitation === undefined || mine === undefined) {
    return "gone";
  }
  switch (mine.state) {
    case "pending":
      return invitation.status === "open" ? "open" : "gone";
    case "accepted":
    case "rejected":
    case "cancelled":
    case "timedOut":
      return mine.state;
    default:
      return "gone";
  }
}
