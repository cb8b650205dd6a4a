import type { Media } from "../session/payload.js";
import { type Kind, wishFor } from "./chosen.js";

export type { Kind };

/** Why the page cannot use a camera or a microphone. */
export type Trouble =
  /** The user, the browser's settings or the system forbid it. */
  | "refused"
  /** There is none. */
  | "absent"
  /** It is there and does not start: mostly another program has it. */
  | "inUse"
  /** Browsers give devices only to pages from https or from the same machine. */
  | "insecure";

export type Troubles = Partial<Readonly<Record<Kind, Trouble>>>;

export interface Obtained {
  readonly tracks: readonly MediaStreamTrack[];
  readonly troubles: Troubles;
}

/** The part of `navigator.mediaDevices` that is needed; undefined on a page from http. */
export type Devices = Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> | undefined;

/** The devices that a call needs. */
export function kindsOf(media: Media): readonly Kind[] {
  return media === "video" ? ["microphone", "camera"] : ["microphone"];
}

/** Opens what there is of the devices wanted. One that is missing does not keep the other from the call. */
export async function obtain(devices: Devices, wanted: readonly Kind[]): Promise<Obtained> {
  const together = await ask(devices, wanted);
  if (together.tracks.length > 0 || wanted.length < 2) {
    return together;
  }
  const each: Obtained[] = [];
  for (const kind of wanted) {
    // One after the other: a browser asks the user one question at a time.
    each.push(await ask(devices, [kind]));
  }
  return {
    tracks: each.flatMap(({ tracks }) => tracks),
    troubles: Object.assign({}, ...each.map(({ troubles }) => troubles)),
  };
}

/** The troubles that are known before a device is opened. */
export async function foresee(devices: Devices, wanted: readonly Kind[]): Promise<Troubles> {
  if (devices === undefined) {
    return all(wanted, "insecure");
  }
  const present = await devices.enumerateDevices().catch(() => undefined);
  const troubles: [Kind, Trouble | undefined][] = await Promise.all(
    wanted.map(async (kind) => {
      const there = present === undefined || present.some((device) => device.kind === INPUT[kind]);
      return [kind, there ? ((await isForbidden(kind)) ? "refused" : undefined) : "absent"];
    }),
  );
  return Object.fromEntries(troubles.filter(([, trouble]) => trouble !== undefined));
}

/** The trouble behind what `getUserMedia` threw. */
export function troubleOf(thrown: unknown): Trouble {
  switch ((thrown as { name?: unknown } | null)?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "absent";
    default:
      return "inUse";
  }
}

/** The devices of one kind that there are. Browsers name them only after the user has allowed one. */
export async function namedDevices(devices: Devices, kind: Kind): Promise<readonly MediaDeviceInfo[]> {
  const present = (await devices?.enumerateDevices().catch(() => undefined)) ?? [];
  return present.filter((device) => device.kind === INPUT[kind] && device.deviceId !== "");
}

const INPUT = { microphone: "audioinput", camera: "videoinput" } as const;

async function ask(devices: Devices, wanted: readonly Kind[]): Promise<Obtained> {
  if (devices === undefined) {
    return { tracks: [], troubles: all(wanted, "insecure") };
  }
  try {
    return { tracks: (await open(devices, wanted)).getTracks(), troubles: {} };
  } catch (thrown) {
    return { tracks: [], troubles: all(wanted, troubleOf(thrown)) };
  }
}

/** Opens the devices that the user has chosen, or any where one of those is gone. */
async function open(devices: NonNullable<Devices>, wanted: readonly Kind[]): Promise<MediaStream> {
  const asked = (wish: (kind: Kind) => MediaTrackConstraints | true) =>
    devices.getUserMedia({
      audio: wanted.includes("microphone") && wish("microphone"),
      video: wanted.includes("camera") && wish("camera"),
    });
  try {
    return await asked(wishFor);
  } catch (thrown) {
    if (wanted.every((kind) => wishFor(kind) === true) || troubleOf(thrown) !== "absent") {
      throw thrown;
    }
    return asked(() => true);
  }
}

function all(kinds: readonly Kind[], trouble: Trouble): Troubles {
  return Object.fromEntries(kinds.map((kind) => [kind, trouble]));
}

/** Some browsers do not tell; then the call itself asks. */
async function isForbidden(kind: Kind): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: kind as PermissionName })).state === "denied";
  } catch {
    return false;
  }
}
