import { isObject } from "../check.js";
import type { SessionOpened } from "../wire/index.js";
import { isCursor } from "./heard.js";

/** The result of `session.open`, if it has what a session needs. */
export function readOpened(result: unknown): SessionOpened | undefined {
  const sound =
    isObject(result) &&
    typeof result.userID === "string" &&
    isCursor(result.cursor) &&
    isCursor(result.head) &&
    isCursor(result.pingInterval) &&
    isObject(result.limits) &&
    isCursor(result.limits.frameBytes);
  return sound ? (result as unknown as SessionOpened) : undefined;
}
