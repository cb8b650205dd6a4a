import { isCount, isObject } from "../check.js";
import type { SessionOpened } from "../wire/index.js";

/** The result of `session.open`, if it has what a session needs. */
export function readOpened(result: unknown): SessionOpened | undefined {
  const sound =
    isObject(result) &&
    typeof result.userID === "string" &&
    isCount(result.cursor) &&
    isCount(result.head) &&
    isCount(result.pingInterval) &&
    isObject(result.limits) &&
    isCount(result.limits.frameBytes);
  return sound ? (result as unknown as SessionOpened) : undefined;
}
