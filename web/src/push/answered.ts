import type { OverReason } from "./pushed.js";

/** What became of an action of the worker's: an answer to a ring, or the word that it rings. */
export type Answered =
  | { readonly is: "taken" }
  /** The ring was over. */
  | { readonly is: "late"; readonly how: OverReason }
  /** The server does not take it, and will not: this browser is signed out. */
  | { readonly is: "refused" }
  /** The server did not answer, or asked to wait for longer than a worker can. */
  | { readonly is: "away" };

/** That the same action can be tried again, after this, ms. */
export interface TryAgain {
  readonly is: "tryAgain";
  readonly afterMs: number;
}

/** Between two attempts when the server names no time, ms. */
const PAUSE_MS = 1_000;

/** Reads what the server says to an action (docs/push.md): its status, and its body. */
export function readAnswer(status: number, body: unknown): Answered | TryAgain {
  if (status >= 200 && status < 300) {
    return { is: "taken" };
  }
  const { reason, retryable, retryAfterMs, outcome } = (body ?? {}) as Partial<Record<string, unknown>>;
  switch (reason) {
    case "cancelled":
    case "timedOut":
      return { is: "late", how: reason };
    case "settled":
      return { is: "late", how: howSettled(outcome) };
    case "unknownInvitation":
      return { is: "late", how: "gone" };
    default:
      return retryable === true || status >= 500 ? tryAgain(retryAfterMs) : { is: "refused" };
  }
}

/** Nothing came from the server. */
export function tryAgain(afterMs: unknown = PAUSE_MS): TryAgain {
  return { is: "tryAgain", afterMs: typeof afterMs === "number" && afterMs >= 0 ? afterMs : PAUSE_MS };
}

/** By the state of this user's that came first. */
function howSettled(outcome: unknown): OverReason {
  const { state } = (outcome ?? {}) as { readonly state?: unknown };
  return state === "accepted" || state === "rejected" || state === "cancelled" || state === "timedOut" ? state : "gone";
}
