import type { CallView, KnownEvent, MediaProvider } from "@wigwag/sdk";

/** What a room's call carries, in its `mediaType`: other calls of the group are not the room's sound. */
export const SOUND = "sound";

/** Why the sound is off, where the user did not turn it off. */
export type WhyOff =
  /** As many as there may be have it on. */
  | "full"
  /** The server's calls have no media (`calls.provider`). */
  | "signalingOnly"
  /** The user was in a call when they turned it on. */
  | "inCall"
  /** The user went to another call, or has the sound on another device. */
  | "elsewhere"
  /** The server refused. */
  | "failed";

/** ```text
 *        turnOn           nobody has it on          somebody wants it, or has it on
 *   off ───────▶ looking ─────────────────▶ waiting ───────────────▶ entering ──▶ on
 *    ▲              │  a call runs ─────────────────────────────────────▲         │
 *    │              ▲─────────────── the call is over ────────────────────────────┤
 *    └── turnOff, full, signalingOnly, elsewhere, failed ─────────────────────────┘
 * ```
 */
export type Sound =
  | { readonly at: "off"; readonly why?: WhyOff }
  /** The server is asked for the room's call. `again`: something happened to it meanwhile, which the reply may not know. */
  | { readonly at: "looking"; readonly again: boolean }
  /** The sound is on, and nobody is there to hear or to be heard. */
  | { readonly at: "waiting" }
  /** `opens`: by an invitation of this page's. */
  | { readonly at: "entering"; readonly callID: string; readonly opens: boolean }
  /** `device`: this page's, by which it knows its own steps. */
  | { readonly at: "on"; readonly callID: string; readonly device?: string | undefined };

export type Input =
  | { readonly kind: "turnOn"; readonly inCall: boolean }
  | { readonly kind: "turnOff" }
  /** The group's newest running call, if one runs. */
  | { readonly kind: "found"; readonly call?: CallView | undefined }
  /** Another page says that its user has turned the sound on and found no call. `fresh`: a callID that this page may open. */
  | { readonly kind: "wanted"; readonly by: string; readonly fresh: string }
  /** The server let this page in. */
  | { readonly kind: "entered"; readonly call: CallView; readonly provider: MediaProvider }
  /** The server refused what was asked for; `reason` as in the SDK's errors, undefined for other failures. */
  | { readonly kind: "failed"; readonly reason?: string | undefined }
  /** Events may have been missed. `call`: the one that the sound is in, as it is now. */
  | { readonly kind: "missed"; readonly call?: CallView | undefined }
  /** Something happened in the group. */
  | { readonly kind: "heard"; readonly event: KnownEvent };

export type Effect =
  | { readonly do: "look" }
  /** Says to the group that this page waits. */
  | { readonly do: "tell" }
  /** Opens the call with a user whose page waits, and so answers at once. */
  | { readonly do: "open"; readonly callID: string; readonly invitee: string }
  | { readonly do: "join"; readonly callID: string }
  | { readonly do: "leave"; readonly callID: string };

export interface Next {
  readonly sound: Sound;
  readonly effects: readonly Effect[];
}

/** Who this page is to the room. */
export interface Part {
  readonly me: string;
  /** The host or the teacher, whose page alone opens the call: two pages would open two. */
  readonly owner: string;
  /** People who may have the sound on. */
  readonly most: number;
}

export const OFF: Sound = { at: "off" };

/** The rules of a room's sound on one page. */
export function next(sound: Sound, input: Input, part: Part): Next {
  switch (input.kind) {
    case "turnOn":
      return sound.at !== "off" ? stay(sound) : input.inCall ? off("inCall") : look();
    case "turnOff":
      return go(OFF, ...leaving(sound));
    case "found":
      return sound.at === "looking" ? found(sound, input.call, part) : stay(sound);
    case "wanted":
      return wanted(sound, input, part);
    case "entered":
      return sound.at === "entering" ? entered(sound, input, part) : stay(sound);
    case "failed":
      return failed(sound, input.reason);
    case "missed":
      return missed(sound, input.call, part);
    case "heard":
      return heard(sound, input.event, part);
  }
}

/** Whether a user is in a call that runs. */
export function isIn({ people, endedAt }: CallView, user: string): boolean {
  return endedAt === undefined && people.some(({ userID, state }) => userID === user && state === "joined");
}

/** Whether a call is a room's sound, and goes on. */
export function isSound({ mediaType, groupID, endedAt }: CallView, room: string): boolean {
  return mediaType === SOUND && groupID === room && endedAt === undefined;
}

function found(sound: Sound & { at: "looking" }, call: CallView | undefined, { me, most }: Part): Next {
  if (call === undefined) {
    return sound.again ? look() : go({ at: "waiting" }, { do: "tell" });
  }
  const others = call.people.filter(({ userID, state }) => state === "joined" && userID !== me);
  return others.length >= most
    ? off("full")
    : go({ at: "entering", callID: call.callID, opens: false }, { do: "join", callID: call.callID });
}

function wanted(sound: Sound, { by, fresh }: Extract<Input, { kind: "wanted" }>, { me, owner }: Part): Next {
  const open: Effect = { do: "open", callID: fresh, invitee: by };
  if (sound.at === "off" && sound.why === "signalingOnly") {
    // The server tells them the same when they come in.
    return me === owner ? go(sound, open) : stay(sound);
  }
  if (sound.at !== "waiting") {
    return stay(sound);
  }
  if (me === owner) {
    return go({ at: "entering", callID: fresh, opens: true }, open);
  }
  // The owner has come later than this page, and has not heard that it waits.
  return by === owner ? go(sound, { do: "tell" }) : stay(sound);
}

function entered(
  { callID, opens }: Sound & { at: "entering" },
  { call, provider }: Extract<Input, { kind: "entered" }>,
  { me, most }: Part,
): Next {
  const leave: Effect = { do: "leave", callID };
  if (provider === "none") {
    // Whoever was let in is to be told so by the server, and leaves; with that the call is over.
    return go({ at: "off", why: "signalingOnly" }, ...(opens ? [] : [leave]));
  }
  const joined = call.people.filter(({ state }) => state === "joined");
  const place = joined.findIndex(({ userID }) => userID === me);
  if (!isIn(call, me)) {
    return look();
  }
  // Several may have come at once.
  return place >= most
    ? go({ at: "off", why: "full" }, leave)
    : go({ at: "on", callID, device: joined[place]?.device?.deviceID });
}

function failed(sound: Sound, reason: string | undefined): Next {
  switch (sound.at) {
    case "looking":
      return off("failed");
    case "entering":
      if (sound.opens) {
        // Whoever wanted it has gone; the next one says so.
        return go({ at: "waiting" });
      }
      return reason === "callEnded" || reason === "unknownCall" ? look() : off(reason === "tooManyInCall" ? "full" : "failed");
    case "off":
    case "waiting":
    case "on":
      return stay(sound);
  }
}

function missed(sound: Sound, call: CallView | undefined, { me }: Part): Next {
  switch (sound.at) {
    case "waiting":
      return look();
    case "looking":
      return go({ at: "looking", again: true });
    case "on":
      return call === undefined || isIn(call, me) ? stay(sound) : look();
    case "off":
    case "entering":
      return stay(sound);
  }
}

function heard(sound: Sound, event: KnownEvent, { me }: Part): Next {
  switch (sound.at) {
    case "off":
      return stay(sound);
    case "waiting":
      return begins(event) ? look() : stay(sound);
    case "looking":
      return begins(event) ? go({ at: "looking", again: true }) : stay(sound);
    case "entering":
      return ends(event, sound.callID) ? look() : stay(sound);
    case "on":
      return inCall(sound, event, me);
  }
}

function inCall(sound: Sound & { at: "on" }, event: KnownEvent, me: string): Next {
  const { callID, device } = sound;
  if (event.type === "call.joined" && event.callID === callID && event.userID === me) {
    return device === undefined || event.device?.deviceID === device ? stay(sound) : off("elsewhere");
  }
  if (event.type === "call.hungUp" && event.callID === callID && event.userID === me) {
    // Whoever was away for too long still wants the sound.
    return event.reason === "connectionLost" ? look() : off("elsewhere");
  }
  return ends(event, callID) ? look() : stay(sound);
}

/** Whether there may be a call now that was not there before. */
function begins(event: KnownEvent): boolean {
  return event.type === "call.joined" || (event.type === "invitation.received" && event.call?.mediaType === SOUND);
}

function ends(event: KnownEvent, callID: string): boolean {
  switch (event.type) {
    case "call.hungUp":
    case "call.declined":
    case "call.ended":
      return event.callID === callID && event.endReason !== undefined;
    default:
      return false;
  }
}

function leaving(sound: Sound): Effect[] {
  return sound.at === "entering" || sound.at === "on" ? [{ do: "leave", callID: sound.callID }] : [];
}

function look(): Next {
  return go({ at: "looking", again: false }, { do: "look" });
}

function off(why: WhyOff): Next {
  return go({ at: "off", why });
}

function go(sound: Sound, ...effects: Effect[]): Next {
  return { sound, effects };
}

function stay(sound: Sound): Next {
  return { sound, effects: [] };
}
