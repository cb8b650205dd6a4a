import { Kept } from "../session/kept.js";

/**
 * The call that the user has accepted on its notification, for the page that the worker opens then. It is kept and not a part of the
 * page's address, because another site could write that: it would open the microphone of whoever follows its link.
 */
export interface Accepted {
  readonly userID: string;
  readonly inviteID: string;
}

const ACCEPTED = new Kept<Accepted>("accepted");

/** Without it the page rings, and the user accepts there. */
export function keepAccepted(accepted: Accepted): Promise<void> {
  return ACCEPTED.write(accepted).catch(() => undefined);
}

/** Whether the user has accepted this call; said once. */
export async function takeAccepted({ userID, inviteID }: Accepted): Promise<boolean> {
  const accepted = await ACCEPTED.read();
  await ACCEPTED.forget();
  return accepted?.userID === userID && accepted.inviteID === inviteID;
}

export function forgetAccepted(): Promise<void> {
  return ACCEPTED.forget();
}
