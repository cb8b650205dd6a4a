import type { CallView, EventOf, KnownEvent } from "@wigwag/sdk";
import { type Media, mediaOf } from "../session/payload.js";

/** How a call went. */
export type Outcome =
  | { readonly how: "ringing" }
  | { readonly how: "cancelled" }
  | { readonly how: "declined" }
  | { readonly how: "busy" }
  | { readonly how: "noAnswer" }
  /** `seconds` is absent until the call is over. */
  | { readonly how: "answered"; readonly seconds?: number };

/** What the server says of a call, whatever app made it. */
export interface KnownCall {
  readonly media?: Media;
  /** Absent until it is over. */
  readonly outcome?: Outcome;
}

/** Calls between two, by the invitation that began them. */
export type KnownCalls = ReadonlyMap<string, KnownCall>;

/** What a list of calls says; those of groups are left out. */
export function knownOf(calls: readonly CallView[]): KnownCalls {
  return new Map(calls.filter(({ groupID }) => groupID === undefined).map((call) => [call.callID, knownOne(call)]));
}

/** What an event tells of a call that no message in the conversation says. */
export function knownBy(event: KnownEvent): readonly [callID: string, KnownCall] | undefined {
  switch (event.type) {
    case "invitation.received":
      return invited(event);
    case "call.hungUp":
      return event.endReason === undefined ? undefined : [event.callID, { outcome: hungUp(event) }];
    default:
      return undefined;
  }
}

/** How a call that the server lists went, or goes. */
export function outcomeOf({ endReason, answeredAt, durationMs }: CallView): Outcome {
  if (answeredAt === undefined) {
    return endReason === undefined ? { how: "ringing" } : unanswered(endReason);
  }
  return endReason === undefined ? { how: "answered" } : talked(durationMs);
}

function knownOne(call: CallView): KnownCall {
  const media = mediaOf(call);
  return call.endReason === undefined ? { media } : { media, outcome: outcomeOf(call) };
}

/** An invitation into a call that runs already begins none. */
function invited(event: EventOf<"invitation.received">): readonly [callID: string, KnownCall] | undefined {
  const { call, groupID, inviteID } = event;
  if (call === undefined || groupID !== undefined || call.callID !== inviteID) {
    return undefined;
  }
  const media = mediaOf(call);
  return [inviteID, isBusy(event) ? { media, outcome: { how: "busy" } } : { media }];
}

function unanswered(why: NonNullable<CallView["endReason"]>): Outcome {
  switch (why) {
    case "rejected":
      return { how: "declined" };
    case "busy":
      return { how: "busy" };
    case "timedOut":
      return { how: "noAnswer" };
    default:
      return { how: "cancelled" };
  }
}

/** A caller who is lost while it rings has taken the call back. */
function hungUp({ endReason, durationMs }: EventOf<"call.hungUp">): Outcome {
  return endReason === "hungUp" || durationMs > 0 ? talked(durationMs) : { how: "cancelled" };
}

function talked(durationMs: number): Outcome {
  return { how: "answered", seconds: Math.round(durationMs / 1_000) };
}

function isBusy({ inviteeList, busyLineUserIDList: busy = [] }: EventOf<"invitation.received">): boolean {
  return inviteeList.every((userID) => busy.includes(userID));
}
