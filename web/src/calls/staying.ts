import type { Call } from "./machine.js";

/** Who attends to the card that tells how a call ended. */
export interface Attention {
  /** The pointer rests on it. */
  readonly pointer: boolean;
  /** A key was pressed in it, and it still has the focus. */
  readonly keyboard: boolean;
  /** The user looks at this tab. */
  readonly visible: boolean;
}

/** Time to read one line, s. */
const READ_S = 6;

/** Time to read why, and to choose what to do, s. */
const CHOOSE_S = 15;

/** How long the card stays when nobody attends to it, s. */
export function staysFor({ why }: Extract<Call, { at: "over" }>): number {
  return why === "refused" || mayCallAgain(why) ? CHOOSE_S : READ_S;
}

/** Whether the card offers another call. */
export function mayCallAgain(why: Extract<Call, { at: "over" }>["why"]): boolean {
  return why === "missed" || why === "noAnswer" || why === "busy" || why === "connectionLost";
}

/** The seconds that are left a second later. Attention gives all of them back. */
export function secondLater(left: number, whole: number, { pointer, keyboard, visible }: Attention): number {
  return pointer || keyboard || !visible ? whole : left - 1;
}
