import type { Media } from "../session/payload.js";

/** Why a call, or the attempt at one, is over, as the user of this page sees it. */
export type Ending =
  /** One of the two hung up. */
  | "hungUp"
  /** This user cancelled the call before it was answered. */
  | "cancelled"
  | "missed"
  | "declined"
  | "busy"
  | "noAnswer"
  /** The user answered or declined on another of their devices. */
  | "answeredElsewhere"
  | "declinedElsewhere"
  /** The two browsers cannot reach each other. */
  | "connectionLost"
  /** The server refused the call or could not be reached. */
  | "refused";

/** How far a call is that was not answered: a device of the other side has it, or none is connected and none can be woken. */
export type Way = "rings" | "unreachable";

interface About {
  /** The invitation that began the call, which is the call's name, too. While this page rings into a call that runs already: its own. */
  readonly inviteID: string;
  /** The userID of the other side. */
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
  /** This page calls. `way`: how far it is, as soon as that is known. */
  | (About & { readonly at: "calling"; readonly way?: Way })
  /** This page is called. `quiet`: it makes no sound. */
  | (About & { readonly at: "ringing"; readonly quiet?: boolean })
  /** The user accepted; the server has not confirmed it yet. */
  | (About & { readonly at: "answering" })
  /** Both sides are in the call. The caller makes the WebRTC offers. */
  | (About & { readonly at: "talking"; readonly role: "offers" | "answers"; readonly since: number })
  /** `seconds`: duration of the call. `refusal`: the reason of the server, for `refused`. */
  | (About & { readonly at: "over"; readonly why: Ending; readonly seconds?: number; readonly refusal?: string });

/** What happens to a call. `now` is ms of this page's clock. */
export type Input =
  /** The user acts. */
  | (About & { readonly kind: "call" })
  | { readonly kind: "answer" }
  | { readonly kind: "decline" }
  | { readonly kind: "silence" }
  | { readonly kind: "hangUp"; readonly now: number }
  | { readonly kind: "dismiss" }
  /** The page was reloaded while it called. */
  | (About & { readonly kind: "restored" })
  /** The page goes on with a call: it was reloaded, or the user takes the call over from another device. */
  | (About & { readonly kind: "returned"; readonly since: number })
  /** The server replies to an effect. `callID`: the call that the invitation led into, if it ran before. */
  | { readonly kind: "picked"; readonly inviteID: string; readonly callID?: string; readonly now: number }
  /** Both called each other: the server took this page's invite as the answer to `theirs`. */
  | { readonly kind: "met"; readonly inviteID: string; readonly theirs: string; readonly now: number }
  | { readonly kind: "failed"; readonly inviteID: string; readonly why: Ending; readonly refusal?: string }
  /** The server sends an event. `self`: another device of this user acted. */
  | (About & { readonly kind: "invited"; readonly quiet?: boolean })
  /** This user silenced it on one of their devices. */
  | { readonly kind: "silenced"; readonly inviteID: string }
  | { readonly kind: "accepted"; readonly inviteID: string; readonly self: boolean; readonly now: number }
  | { readonly kind: "rejected"; readonly inviteID: string; readonly self: boolean; readonly busy: boolean }
  | { readonly kind: "underWay"; readonly inviteID: string; readonly way: Way }
  | { readonly kind: "cancelled"; readonly inviteID: string }
  | { readonly kind: "timedOut"; readonly inviteID: string }
  /** The invitation is no longer open, and this page did not hear why. */
  | { readonly kind: "gone"; readonly inviteID: string }
  /** The server says that the call is over. */
  | { readonly kind: "ended"; readonly inviteID: string; readonly why: "hungUp" | "connectionLost"; readonly seconds: number }
  /** The user went on with the call on another of their devices. */
  | { readonly kind: "moved"; readonly inviteID: string }
  /** Media were missing for too long. `left`: because the other one has left the page. */
  | { readonly kind: "lost"; readonly inviteID: string; readonly left: boolean; readonly now: number };

/** A request for the server. */
export type Effect =
  | (About & { readonly do: "invite" })
  | { readonly do: "accept"; readonly inviteID: string }
  | { readonly do: "reject"; readonly inviteID: string; readonly busy: boolean }
  | { readonly do: "silence"; readonly inviteID: string }
  | { readonly do: "cancel"; readonly inviteID: string }
  | { readonly do: "hangUp"; readonly inviteID: string; readonly seconds: number };

export interface Next {
  readonly call: Call;
  readonly effects: readonly Effect[];
}

/** The rules of a call. */
export function next(call: Call, input: Input): Next {
  switch (input.kind) {
    case "call":
      return isFree(call) ? calling(input) : stay(call);
    case "restored":
      return isFree(call) ? go({ ...about(input), at: "calling" }) : stay(call);
    case "returned":
      return isFree(call) ? go(talking({ ...about(input), at: "answering" }, "answers", input.since)) : stay(call);
    case "invited":
      return invited(call, input);
    case "answer":
      return call.at === "ringing"
        ? go({ ...about(call), at: "answering" }, { do: "accept", inviteID: call.inviteID })
        : stay(call);
    case "decline":
      return call.at === "ringing" ? go({ at: "idle" }, { do: "reject", inviteID: call.inviteID, busy: false }) : stay(call);
    case "silence":
      return call.at === "ringing" && !call.quiet
        ? go({ ...call, quiet: true }, { do: "silence", inviteID: call.inviteID })
        : stay(call);
    case "dismiss":
      return call.at === "over" ? go({ at: "idle" }) : stay(call);
    case "hangUp":
      return hangUp(call, input.now);
    default:
      return call.at !== "idle" && call.inviteID === input.inviteID ? told(call, input) : stay(call);
  }
}

/** Whether a new call may start: the card about the last call does not prevent it. */
export function isFree(call: Call): boolean {
  return call.at === "idle" || call.at === "over";
}

type Told = Exclude<
  Input,
  { kind: "call" | "restored" | "returned" | "invited" | "answer" | "decline" | "silence" | "dismiss" | "hangUp" }
>;
type Busy = Exclude<Call, { at: "idle" }>;

/** The next state for an input about the current call. */
function told(call: Busy, input: Told): Next {
  switch (input.kind) {
    case "picked":
      return call.at === "answering"
        ? go(talking({ ...call, inviteID: input.callID ?? call.inviteID }, "answers", input.now))
        : stay(call);
    case "met":
      return call.at === "calling" ? go(talking({ ...call, inviteID: input.theirs }, "answers", input.now)) : stay(call);
    case "underWay":
      // A device that has it goes on ringing, whatever becomes of others.
      return call.at === "calling" && call.way !== "rings" ? go({ ...call, way: input.way }) : stay(call);
    case "silenced":
      return call.at === "ringing" && !call.quiet ? go({ ...call, quiet: true }) : stay(call);
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
      return call.at === "talking" ? over(call, input.why, { seconds: input.seconds }) : stay(call);
    case "moved":
      return call.at === "talking" ? over(call, "answeredElsewhere") : stay(call);
    case "lost":
      return call.at === "talking" ? end(call, input.left ? "hungUp" : "connectionLost", input.now) : stay(call);
  }
}

function calling(input: About): Next {
  const what = about(input);
  return go({ ...what, at: "calling" }, { ...what, do: "invite" });
}

function invited(call: Call, input: Extract<Input, { kind: "invited" }>): Next {
  if (isFree(call)) {
    return go({ ...about(input), at: "ringing", ...(input.quiet ? { quiet: true } : {}) });
  }
  // Two who call each other meet: the reply to this page's invite says so.
  const meets = call.at === "calling" && call.peer === input.peer;
  if (meets || (call.at !== "idle" && call.inviteID === input.inviteID)) {
    return stay(call);
  }
  return go(call, { do: "reject", inviteID: input.inviteID, busy: true });
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
  return { ...over(call, why, { seconds }), effects: [{ do: "hangUp", inviteID: call.inviteID, seconds }] };
}

function over(call: Busy, why: Ending, more: { seconds?: number; refusal?: string } = {}): Next {
  return go({ ...about(call), ...more, at: "over", why });
}

function talking(call: Busy, role: "offers" | "answers", since: number): Call {
  return { ...about(call), at: "talking", role, since };
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
