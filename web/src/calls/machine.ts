import type { Media } from "../session/payload.js";

/** Why a call, or the attempt at one, is over; as the person in front of this page sees it. */
export type Ending =
  /** Somebody hung up. */
  | "hungUp"
  /** The caller took it back: this page's user, or the other one before he was answered. */
  | "cancelled"
  | "missed"
  | "declined"
  | "busy"
  | "noAnswer"
  /** The user picked up, or said no, on another device of his. */
  | "answeredElsewhere"
  | "declinedElsewhere"
  /** The two browsers do not reach each other, or no longer. */
  | "connectionLost"
  /** The server refused, or could not be reached. */
  | "refused";

interface About {
  readonly inviteID: string;
  /** The other one. */
  readonly peer: string;
  readonly media: Media;
}

/** ```text
 *            call                accepted
 *   idle ──────────▶ calling ──────────────────▶ talking ──▶ over ──▶ idle
 *    │                  │  cancelled, no answer…    ▲         ▲
 *    │ invited          └───────────────────────────┼─────────┤
 *    └─────────────▶ ringing ──▶ answering ─────────┘         │
 *                       └────────────┴────────────────────────┘
 * ```
 */
export type Call =
  | { readonly at: "idle" }
  /** This page invited; `endsAt` is known when the server has it. */
  | (About & { readonly at: "calling"; readonly endsAt?: number })
  /** This page rings. */
  | (About & { readonly at: "ringing"; readonly endsAt?: number })
  /** Accepted here; the server has not confirmed it yet. */
  | (About & { readonly at: "answering" })
  /** Both are in. The caller makes the offers. */
  | (About & { readonly at: "talking"; readonly role: "offers" | "answers"; readonly since: number })
  /** `seconds`: how long it was. */
  | (About & { readonly at: "over"; readonly why: Ending; readonly seconds?: number; readonly refusal?: string });

/** What happens to a call. `now` and `endsAt` are ms of this page's clock. */
export type Input =
  /** The person acts. */
  | (About & { readonly kind: "call" })
  | { readonly kind: "answer" }
  | { readonly kind: "decline" }
  | { readonly kind: "hangUp"; readonly now: number }
  | { readonly kind: "dismiss" }
  /** The page was loaded again while it called. */
  | (About & { readonly kind: "restored"; readonly endsAt?: number })
  /** The server answers. */
  | { readonly kind: "called"; readonly inviteID: string; readonly endsAt?: number }
  | { readonly kind: "picked"; readonly inviteID: string; readonly now: number }
  | { readonly kind: "failed"; readonly inviteID: string; readonly why: Ending; readonly refusal?: string }
  /** The server tells. `self`: by another device of this user. */
  | (About & { readonly kind: "invited"; readonly endsAt?: number })
  | { readonly kind: "accepted"; readonly inviteID: string; readonly self: boolean; readonly now: number }
  | { readonly kind: "rejected"; readonly inviteID: string; readonly self: boolean; readonly busy: boolean }
  | { readonly kind: "cancelled"; readonly inviteID: string }
  | { readonly kind: "timedOut"; readonly inviteID: string }
  /** It is open no more, and this page was not told why. */
  | { readonly kind: "gone"; readonly inviteID: string }
  /** The other side ended a call that was answered. */
  | { readonly kind: "ended"; readonly inviteID: string; readonly seconds: number }
  /** No media for too long. */
  | { readonly kind: "lost"; readonly inviteID: string; readonly now: number };

/** What is to be sent. */
export type Effect =
  | (About & { readonly do: "invite" })
  | { readonly do: "accept"; readonly inviteID: string }
  | { readonly do: "reject"; readonly inviteID: string; readonly busy: boolean }
  | { readonly do: "cancel"; readonly inviteID: string }
  | { readonly do: "end"; readonly inviteID: string; readonly peer: string; readonly seconds: number };

export interface Next {
  readonly call: Call;
  readonly effects: readonly Effect[];
}

/** The rules of a call, without media, sounds and wires. `me` decides who gives way when two call each other. */
export function next(call: Call, input: Input, me: string): Next {
  switch (input.kind) {
    case "call":
      return isFree(call) ? calling(input) : stay(call);
    case "restored":
      return isFree(call) ? go(withEnd({ ...about(input), at: "calling" }, input.endsAt)) : stay(call);
    case "invited":
      return invited(call, input, me);
    case "answer":
      return call.at === "ringing"
        ? go({ ...about(call), at: "answering" }, { do: "accept", inviteID: call.inviteID })
        : stay(call);
    case "decline":
      return call.at === "ringing" ? go({ at: "idle" }, { do: "reject", inviteID: call.inviteID, busy: false }) : stay(call);
    case "dismiss":
      return call.at === "over" ? go({ at: "idle" }) : stay(call);
    case "hangUp":
      return hangUp(call, input.now);
    default:
      return call.at !== "idle" && call.inviteID === input.inviteID ? told(call, input) : stay(call);
  }
}

/** Whether a new call may start: a card that tells how the last one ended is in nobody's way. */
export function isFree(call: Call): boolean {
  return call.at === "idle" || call.at === "over";
}

type Told = Extract<
  Input,
  { kind: "called" | "picked" | "failed" | "accepted" | "rejected" | "cancelled" | "timedOut" | "gone" | "ended" | "lost" }
>;
type Busy = Exclude<Call, { at: "idle" }>;

/** Something about the invitation of this very call. */
function told(call: Busy, input: Told): Next {
  switch (input.kind) {
    case "called":
      return call.at === "calling" ? go(withEnd(call, input.endsAt)) : stay(call);
    case "picked":
      return call.at === "answering" ? go(talking(call, "answers", input.now)) : stay(call);
    case "accepted":
      return accepted(call, input);
    case "rejected":
      return rejected(call, input);
    case "cancelled":
      return waits(call) ? over(call, call.at === "calling" ? "cancelled" : "missed") : stay(call);
    case "timedOut":
    case "gone":
      return waits(call) ? over(call, call.at === "calling" ? "noAnswer" : "missed") : stay(call);
    case "failed":
      return waits(call)
        ? over(call, input.why, { ...(input.refusal === undefined ? {} : { refusal: input.refusal }) })
        : stay(call);
    case "ended":
      return call.at === "talking" ? over(call, "hungUp", { seconds: input.seconds }) : stay(call);
    case "lost":
      return call.at === "talking" ? end(call, "connectionLost", input.now) : stay(call);
  }
}

function calling(input: About): Next {
  const what = about(input);
  return go({ ...what, at: "calling" }, { ...what, do: "invite" });
}

function invited(call: Call, input: Extract<Input, { kind: "invited" }>, me: string): Next {
  if (isFree(call)) {
    return go(withEnd({ ...about(input), at: "ringing" }, input.endsAt));
  }
  if (call.at !== "idle" && call.inviteID === input.inviteID) {
    return stay(call);
  }
  if (call.at === "calling" && call.peer === input.peer) {
    return crossed(call, input, me);
  }
  return go(call, { do: "reject", inviteID: input.inviteID, busy: true });
}

/** Both called each other in the same moment and want the same: the one whose name sorts first is the caller. */
function crossed(call: Call & { at: "calling" }, input: About, me: string): Next {
  return me < input.peer
    ? stay(call)
    : go(
        { ...about(input), at: "answering" },
        { do: "cancel", inviteID: call.inviteID },
        { do: "accept", inviteID: input.inviteID },
      );
}

function accepted(call: Busy, { self, now }: Extract<Input, { kind: "accepted" }>): Next {
  if (call.at === "calling") {
    return go(talking(call, "offers", now));
  }
  return self && call.at === "ringing" ? over(call, "answeredElsewhere") : stay(call);
}

function rejected(call: Busy, { self, busy }: Extract<Input, { kind: "rejected" }>): Next {
  if (call.at === "calling") {
    return over(call, busy ? "busy" : "declined");
  }
  return self && call.at === "ringing" ? over(call, "declinedElsewhere") : stay(call);
}

function hangUp(call: Call, now: number): Next {
  switch (call.at) {
    case "calling":
      return { ...over(call, "cancelled"), effects: [{ do: "cancel", inviteID: call.inviteID }] };
    case "talking":
      return end(call, "hungUp", now);
    case "ringing":
      return go({ at: "idle" }, { do: "reject", inviteID: call.inviteID, busy: false });
    case "answering":
    case "over":
    case "idle":
      return stay(call);
  }
}

function end(call: Call & { at: "talking" }, why: Ending, now: number): Next {
  const seconds = Math.max(0, Math.round((now - call.since) / 1_000));
  const { inviteID, peer } = call;
  return { ...over(call, why, { seconds }), effects: [{ do: "end", inviteID, peer, seconds }] };
}

function over(call: Busy, why: Ending, more: { seconds?: number; refusal?: string } = {}): Next {
  return go({ ...about(call), ...more, at: "over", why });
}

function talking(call: Busy, role: "offers" | "answers", since: number): Call {
  return { ...about(call), at: "talking", role, since };
}

function withEnd(call: Call & { at: "calling" | "ringing" }, endsAt: number | undefined): Call {
  return endsAt === undefined ? call : { ...call, endsAt };
}

function waits(call: Call): boolean {
  return call.at === "calling" || call.at === "ringing" || call.at === "answering";
}

function about({ inviteID, peer, media }: About): About {
  return { inviteID, peer, media };
}

function go(call: Call, ...effects: Effect[]): Next {
  return { call, effects };
}

function stay(call: Call): Next {
  return { call, effects: [] };
}
