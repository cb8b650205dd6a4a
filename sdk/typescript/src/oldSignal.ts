import type { InvitationView } from "./wire/index.js";

/** Until it is as old as this, an invitation without a deadline may be a call whose app gave none; ms. */
const RINGS_MS = 60_000;

/**
 * Whether an invitation is a message of the past to an app that has just signed in: apps send invitations without a deadline as
 * messages ("hang up", "switch to audio"), and the server keeps the newest few open for a day.
 *
 * @param signedInAt server time in ms
 */
export function isOldSignal({ timeout, createdAt }: Pick<InvitationView, "timeout" | "createdAt">, signedInAt: number): boolean {
  return timeout === 0 && createdAt + RINGS_MS < signedInAt;
}

/**
 * Of what is open at a login, oldest first, what rings: everything with a deadline; without one only what no newer invitation of its inviter
 * to the same side follows, unless it is old. Not what is to make no sound: apps of these surfaces have no word for it.
 */
export function ringing(open: readonly InvitationView[], signedInAt: number): InvitationView[] {
  const sideOf = ({ inviter, groupID = "" }: InvitationView) => `${inviter} ${groupID}`;
  const newest = new Map(open.map((view) => [sideOf(view), view]));
  return open.filter(
    (view) => !view.quiet && (view.timeout > 0 || (newest.get(sideOf(view)) === view && !isOldSignal(view, signedInAt))),
  );
}
