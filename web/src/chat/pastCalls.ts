import type { CallView, EventOf, KnownEvent } from "@wigwag/sdk";

/** How a call went. */
export type Outcome =
  | { readonly how: "ringing" }
  | { readonly how: "cancelled" }
  | { readonly how: "declined" }
  | { readonly how: "busy" }
  | { readonly how: "noAnswer" }
  /** `seconds` is absent until the call is over. */
  | { readonly how: "answered"; readonly seconds?: number };

/** How calls between two went that are over, by the invitation that began them. */
export type PastCalls = ReadonlyMap<string, Outcome>;

/** How the calls of a list went; those that are running or of a group are left out. */
export function pastOf(calls: readonly CallView[]): PastCalls {
  return new Map(calls.flatMap((call) => (call.groupID === undefined ? pastOne(call) : [])));
}

/** What an event tells of how a call went that no message in the conversation says. */
export function pastBy(event: KnownEvent): readonly [callID: string, Outcome] | undefined {
  switch (event.type) {
    case "invitation.received":
      return isBusy(event) ? [event.inviteID, { how: "busy" }] : undefined;
    case "call.hungUp":
      return event.endReason === undefined ? undefined : [event.callID, hungUp(event)];
    default:
      return undefined;
  }
}

function pastOne({ callID, endReason, answeredAt, durationMs }: CallView): [string, Outcome][] {
  if (endReason === undefined) {
    return [];
  }
  return [[callID, answeredAt === undefined ? unanswered(endReason) : talked(durationMs)]];
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
