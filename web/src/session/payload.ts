/**
 * What this app puts where the server does not look: the `data` of invitations and answers, and in custom messages.
 *
 * All of it comes from other people's pages when it is read, so every reader checks and gives undefined for what it does not know.
 */

export type Media = "audio" | "video";

/** `data` of an invitation. */
export type Purpose =
  /** A call; accepting is picking up. */
  { readonly scene: "call"; readonly media: Media };

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
  | { readonly scene: "call"; readonly action: "signal"; readonly inviteID: string; readonly signals: readonly Signal[] };

export function readPurpose(text: string | undefined): Purpose | undefined {
  const data = parse(text);
  switch (`${data?.scene} ${data?.media}`) {
    case "call audio":
    case "call video":
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
      return isText(data?.inviteID) && isDuration(data?.seconds) ? (data as Note) : undefined;
    case "call signal":
      return isText(data?.inviteID) && Array.isArray(data?.signals) && data.signals.every(isSignal) ? (data as Note) : undefined;
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
const isDuration = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

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
