import { durationOf } from "../people/times.js";
import type { TextKey } from "../strings/texts.js";
import type { Line } from "./lines.js";

type CallLine = Line & { kind: "call" };

/** The text for a call, from the point of view of the reader. */
export function wordsOf({ mine, outcome }: CallLine): [key: TextKey, fillings?: { duration: string }] {
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
export function isMissed(line: CallLine): boolean {
  const { how } = line.outcome;
  return !line.mine && (how === "cancelled" || how === "noAnswer" || how === "busy");
}
