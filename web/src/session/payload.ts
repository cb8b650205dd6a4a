/**
 * What this app puts where the server does not look: the `data` of invitations and answers, and in custom messages.
 *
 * All of it comes from other people's pages when it is read, so every reader checks and gives undefined for what it does not know.
 */

export type Media = "audio" | "video";

/** `data` of an invitation. */
export type Purpose =
  /** A call; accepting is picking up. */
  | { readonly scene: "call"; readonly media: Media }
  /** A teacher asks who wants to speak; accepting is raising a hand. `round` is the inviteID of the round's first invitation. */
  | { readonly scene: "class"; readonly action: "raise"; readonly round: string }
  /** A teacher calls one pupil up. */
  | { readonly scene: "class"; readonly action: "speak" }
  /** A listener asks the host for a seat at the microphones. */
  | { readonly scene: "live"; readonly action: "ask" }
  /** The host offers a listener a seat. */
  | { readonly scene: "live"; readonly action: "offer" };

/** `data` of a reject: why, when it is not the person who says no. */
export type Refusal = { readonly scene: "call"; readonly busy: true };

/** Of one side of a call. */
export interface DevicesOn {
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** What WebRTC, and this app, have to say to the other side. */
export type Signal =
  /** What is switched on: a camera that is off sends black, which nobody can tell from darkness. */
  | { readonly devices: DevicesOn }
  | { readonly description: { readonly type: "offer" | "answer"; readonly sdp: string } }
  | { readonly candidate: RTCIceCandidateInit };

/** `data` of a custom message. */
export type Note =
  /** The call is over. It stays in the history, and gives the call's line its duration in seconds. */
  | { readonly scene: "call"; readonly action: "end"; readonly inviteID: string; readonly seconds: number }
  /** Signals of a call, for those who are in it; not stored. */
  | { readonly scene: "call"; readonly action: "signal"; readonly inviteID: string; readonly signals: readonly Signal[] }
  /** A pupil who has taken his hand down puts it up again: an invitation is answered once. */
  | { readonly scene: "class"; readonly action: "raise" }
  /** A hand comes down, or somebody has finished speaking; `who` or the teacher says so. */
  | { readonly scene: "class"; readonly action: "lower"; readonly who: string }
  /** The teacher ends the round. */
  | { readonly scene: "class"; readonly action: "close" }
  /** A seat is given back; `who` or the host says so. */
  | { readonly scene: "live"; readonly action: "leave"; readonly who: string }
  /** The host writes down the seats as they were after message `upTo`, so that nobody has to read back further. */
  | { readonly scene: "live"; readonly action: "seats"; readonly seats: Seats; readonly upTo: number };

/** Who sits at the microphones of a live room; null: free. */
export type Seats = readonly (string | null)[];

/** Seats at the microphones. */
export const SEATS = 8;

export function readPurpose(text: string | undefined): Purpose | undefined {
  const data = parse(text);
  switch (`${data?.scene} ${data?.action ?? data?.media}`) {
    case "class raise":
      return isText(data?.round) ? (data as Purpose) : undefined;
    case "call audio":
    case "call video":
    case "class speak":
    case "live ask":
    case "live offer":
      return data as Purpose;
    default:
      return undefined;
  }
}

export function readsBusy(text: string | undefined): boolean {
  const data = parse(text);
  return data?.scene === "call" && data.busy === true;
}

export function readNote(text: unknown): Note | undefined {
  const data = typeof text === "string" ? parse(text) : undefined;
  switch (`${data?.scene} ${data?.action}`) {
    case "call end":
      return isText(data?.inviteID) && isCount(data?.seconds) ? (data as Note) : undefined;
    case "call signal":
      return isText(data?.inviteID) && Array.isArray(data?.signals) && data.signals.every(isSignal) ? (data as Note) : undefined;
    case "class raise":
    case "class close":
      return data as Note;
    case "class lower":
    case "live leave":
      return isText(data?.who) ? (data as Note) : undefined;
    case "live seats":
      return isSeats(data?.seats) && isCount(data?.upTo) ? (data as Note) : undefined;
    default:
      return undefined;
  }
}

export function write(payload: Purpose | Refusal | Note): string {
  return JSON.stringify(payload);
}

type Fields = { readonly [field: string]: unknown };

function parse(text: string | undefined): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isSeats = (value: unknown) =>
  Array.isArray(value) && value.length === SEATS && value.every((seat) => seat === null || isText(seat));
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function isSignal(value: unknown): value is Signal {
  if (!isFields(value)) {
    return false;
  }
  const { description, candidate, devices } = value;
  if (isFields(devices)) {
    return typeof devices.microphone === "boolean" && typeof devices.camera === "boolean";
  }
  return isFields(description)
    ? (description.type === "offer" || description.type === "answer") && typeof description.sdp === "string"
    : isFields(candidate) && typeof candidate.candidate === "string";
}
