import { isObject } from "../check.js";

/** The devices that somebody has switched on. */
export interface DevicesOn {
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** What two of a room say to each other: the words of the web app, which it calls and is called by (`web/src/session/payload.ts`). */
export type Signal =
  | { readonly devices: DevicesOn }
  | { readonly description: { readonly type: "offer" | "answer"; readonly sdp: string } }
  | { readonly candidate: RTCIceCandidateInit };

/** The most signals in one text: 20 candidates of some 200 bytes, where a text may have 16 KiB. */
export const BATCH = 20;

/** The `data` of a signal in a call. */
export function written(signals: readonly Signal[]): string {
  return JSON.stringify({ signals });
}

/** The signals in the `data`; none when it is anything else, or more than a batch: people in the call can send what they like. */
export function read(data: string): readonly Signal[] {
  try {
    const said: unknown = JSON.parse(data);
    const signals = isObject(said) ? said.signals : undefined;
    return Array.isArray(signals) && signals.length <= BATCH && signals.every(isSignal) ? signals : [];
  } catch {
    return [];
  }
}

/** What gathers is sent in this way: a description alone, because it is the largest, and the rest in batches. */
export function nextBatch(outbox: Signal[]): Signal[] {
  const first = outbox.findIndex((signal) => "description" in signal);
  return first < 0 ? outbox.splice(0, BATCH) : outbox.splice(0, Math.min(first + 1, BATCH));
}

function isSignal(value: unknown): value is Signal {
  if (!isObject(value)) {
    return false;
  }
  const { description, candidate, devices } = value;
  if (isObject(devices)) {
    return typeof devices.microphone === "boolean" && typeof devices.camera === "boolean";
  }
  return isObject(description)
    ? (description.type === "offer" || description.type === "answer") && typeof description.sdp === "string"
    : isObject(candidate) && typeof candidate.candidate === "string";
}
