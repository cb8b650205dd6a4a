/**
 * The content that this app writes where the server does not look: `data` of invitations, of answers and of custom messages.
 *
 * Other users can send anything there, so every reader checks the content and returns undefined for what it does not know.
 */

export type Media = "audio" | "video";

/** What a call carries, whatever app began it; words of other apps count as voice. */
export function mediaOf({ mediaType }: { readonly mediaType: string }): Media {
  return mediaType === "video" ? "video" : "audio";
}

/** `data` of an invitation. */
export type Purpose =
  /** A call; accepting it answers the call. */
  | { readonly scene: "call"; readonly media: Media }
  /** A teacher asks who wants to speak; accepting raises a hand. `round` is the inviteID of the first invitation of the round. */
  | { readonly scene: "class"; readonly action: "raise"; readonly round: string }
  /** A teacher calls a pupil up to speak. */
  | { readonly scene: "class"; readonly action: "speak" }
  /** A listener asks the host for a seat at the microphones. */
  | { readonly scene: "live"; readonly action: "ask" }
  /** The host offers a listener a seat. */
  | { readonly scene: "live"; readonly action: "offer" }
  /** The page of a room's owner opens the room's sound with a page that waits for it, and joins by itself. */
  | { readonly scene: "room"; readonly action: "sound" };

/** `data` of a reject that the page sends by itself: why. */
export type Refusal = { readonly scene: "call"; readonly busy: true };

/** The devices that one side of a call has switched on. */
export interface DevicesOn {
  readonly microphone: boolean;
  readonly camera: boolean;
  /** Those that it has not, or may not use; pages of earlier versions do not say. */
  readonly missing?: readonly ("microphone" | "camera")[];
  /** Whether the picture is of their screen. */
  readonly screen?: boolean;
}

/** A signal of WebRTC or of this app for the other side of a call. */
export type Signal =
  /** The devices that are on: a camera that is off sends black, which looks like a dark room. */
  | { readonly devices: DevicesOn }
  /** `again`: this page was loaded again, or the call came to it from another device, and makes a new connection. `away`: the page is left. */
  | { readonly page: "again" | "away" }
  | { readonly description: { readonly type: "offer" | "answer"; readonly sdp: string } }
  | { readonly candidate: RTCIceCandidateInit };

/** `data` of a signal in a call. */
export interface Signals {
  readonly signals: readonly Signal[];
}

/** `data` of a custom message. */
export type Note =
  /** A pupil raises a hand again after lowering it: the invitation can be answered only once. */
  | { readonly scene: "class"; readonly action: "raise" }
  /** The hand of `who` goes down, or they stop speaking. Sent by `who` or by the teacher. */
  | { readonly scene: "class"; readonly action: "lower"; readonly who: string }
  /** The teacher ends the round. */
  | { readonly scene: "class"; readonly action: "close" }
  /** `who` leaves their seat. Sent by `who` or by the host. */
  | { readonly scene: "live"; readonly action: "leave"; readonly who: string }
  /** The host writes down the seats as they were after message `upTo`, so that pages need not read back further. */
  | { readonly scene: "live"; readonly action: "seats"; readonly seats: Seats; readonly upTo: number }
  /** A page waits for somebody with whom the room's sound may begin. It leaves no trace. */
  | { readonly scene: "room"; readonly action: "sound" };

/** The userIDs at the microphones of a live room; null for a free seat. */
export type Seats = readonly (string | null)[];

/** The number of seats in a live room. */
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
    case "class raise":
    case "class close":
    case "room sound":
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

export function readSignals(text: string): readonly Signal[] | undefined {
  const signals = parse(text)?.signals;
  return Array.isArray(signals) && signals.every(isSignal) ? signals : undefined;
}

export function write(payload: Purpose | Refusal | Note | Signals): string {
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
  const { description, candidate, devices, page } = value;
  if (page !== undefined) {
    return page === "again" || page === "away";
  }
  if (isFields(devices)) {
    const { microphone, camera, missing } = devices;
    return typeof microphone === "boolean" && typeof camera === "boolean" && (missing === undefined || Array.isArray(missing));
  }
  return isFields(description)
    ? (description.type === "offer" || description.type === "answer") && typeof description.sdp === "string"
    : isFields(candidate) && typeof candidate.candidate === "string";
}
