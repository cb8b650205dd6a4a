import { durationOf } from "../people/times.js";
import type { TextKey } from "../strings/texts.js";
import type { Line } from "./lines.js";

/** What the words for a call depend on. */
export type Told = Pick<Line & { kind: "call" }, "mine" | "outcome">;

/** The text for a call, from the point of view of the reader. */
export function wordsOf({ mine, outcome }: Told): [key: TextKey, fillings?: { duration: string }] {
  switch (outcome.how) {
    case "ringing":
      return ["line.ringing"];
    case "cancelled":
      return [mine ? "line.cancelledMine" : "line.missed"];
    case "declined":
      return [mine ? "line.declinedMine" : "line.declined"];
    case "busy":
      return [mine ? "line.busyMine" : "line.busy"];
    case "noAnswer":
      return [mine ? "line.noAnswer" : "line.missed"];
    case "answered":
      return outcome.seconds === undefined ? ["line.answeredOpen"] : ["line.answered", { duration: durationOf(outcome.seconds) }];
  }
}

/** Whether the reader missed the call. */
export function isMissed({ mine, outcome: { how } }: Told): boolean {
  return !mine && (how === "cancelled" || how === "noAnswer" || how === "busy");
}
