import { isCount, isObject } from "../check.js";
import { WigwagError, wordsOf } from "../errors.js";
import type { AnyEvent } from "../events.js";
import type { ErrorBody, UserStatus } from "../wire/index.js";

/** How a request ended. */
export type Outcome = { readonly result: unknown } | { readonly error: WigwagError };

/** One frame, as far as a client cares. */
export type Heard =
  | { readonly kind: "reply"; readonly request: number; readonly outcome: Outcome }
  | { readonly kind: "event"; readonly event: AnyEvent }
  /** The backlog is sent. */
  | { readonly kind: "caughtUp"; readonly cursor: number }
  /** A user who is watched is like this from now on. */
  | { readonly kind: "status"; readonly status: UserStatus }
  /** Nothing for this version: another notification, or an error that belongs to no request. */
  | { readonly kind: "nothing" }
  /** Not what the protocol allows; an event may have been in it. */
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads what the server sends, kindly towards newer servers. */
export function read(text: string): Heard {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (thrown) {
    return unreadable(wordsOf(thrown));
  }
  if (!isObject(frame)) {
    return unreadable("not an object");
  }
  switch (frame.method) {
    case undefined:
      return readReply(frame);
    case "event":
      return readEvent(frame.params);
    case "session.caughtUp":
      return readCaughtUp(frame.params);
    case "user.status":
      return { kind: "status", status: Object(frame.params) as UserStatus };
    default:
      return { kind: "nothing" };
  }
}

function readReply(frame: Record<string, unknown>): Heard {
  const { id, result, error } = frame;
  if (typeof id !== "number") {
    return { kind: "nothing" };
  }
  return { kind: "reply", request: id, outcome: outcomeOf(result, error) };
}

function outcomeOf(result: unknown, error: unknown): Outcome {
  if (isObject(error)) {
    return { error: WigwagError.fromReply(error as unknown as ErrorBody) };
  }
  return isObject(result) ? { result } : { error: new WigwagError("unreadable", "the reply has neither result nor error") };
}

function readEvent(params: unknown): Heard {
  if (!isObject(params) || !isCount(params.cursor) || typeof params.type !== "string") {
    return unreadable("an event without cursor or type");
  }
  if (params.after !== undefined && !isCount(params.after)) {
    return unreadable("an event whose after is no cursor");
  }
  return { kind: "event", event: params as AnyEvent };
}

function readCaughtUp(params: unknown): Heard {
  if (!isObject(params) || !isCount(params.cursor)) {
    return unreadable("session.caughtUp without a cursor");
  }
  return { kind: "caughtUp", cursor: params.cursor };
}

/** The place in the stream that a result carries, whatever command it answers. */
export function cursorOf(outcome: Outcome): number | undefined {
  const cursor = "result" in outcome && isObject(outcome.result) ? outcome.result.cursor : undefined;
  return isCount(cursor) ? cursor : undefined;
}

function unreadable(why: string): Heard {
  return { kind: "unreadable", why };
}
