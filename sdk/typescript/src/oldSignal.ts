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
