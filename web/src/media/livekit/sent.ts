import type { Room, Track } from "livekit-client";
import type { DevicesOn } from "../../session/payload.js";

/** What a page sends into a LiveKit room: a track for each source, and whether it is on. */
export interface Outgoing {
  readonly microphone: MediaStreamTrack | undefined;
  readonly camera: MediaStreamTrack | undefined;
  readonly screen: MediaStreamTrack | undefined;
  readonly on: DevicesOn;
}

type Source = "microphone" | "camera" | "screen";

/** The words that LiveKit has for them. They are written out, because its own constants come with its client, which is loaded late. */
const NAMES = { microphone: "microphone", camera: "camera", screen: "screen_share" } as Record<Source, Track.Source>;

/** Publishes what is to go out and has not been published, changes what has, and takes back what is to go out no more. */
export async function publishes(room: Room, out: Outgoing): Promise<void> {
  const { microphone, camera, screen } = isOn(out.on);
  await put(room, "microphone", out.microphone, microphone, out.on);
  await put(room, "camera", out.camera, camera && !screen, out.on);
  await put(room, "screen", out.screen, screen, out.on);
}

function isOn({ microphone, camera, screen = false }: DevicesOn): Record<Source, boolean> {
  return { microphone, camera, screen };
}

async function put(
  room: Room,
  source: Source,
  track: MediaStreamTrack | undefined,
  on: boolean,
  devices: DevicesOn,
): Promise<void> {
  const { localParticipant } = room;
  const name = NAMES[source];
  const before = localParticipant.getTrackPublication(name);
  if (track === undefined || track.readyState === "ended") {
    // Others tell by it that it is switched off from that it is missing.
    const isOff = source !== "screen" && !devices.missing?.includes(source);
    if (before?.track !== undefined) {
      await (isOff ? before.mute() : localParticipant.unpublishTrack(before.track, false));
    }
    return;
  }
  if (before?.track === undefined) {
    if (on || source === "microphone") {
      // A screen is there to be read: it has one quality.
      const published = await localParticipant.publishTrack(track, { source: name, simulcast: source === "camera" });
      await (on ? published.unmute() : published.mute());
    }
    return;
  }
  if (before.track.mediaStreamTrack !== track) {
    await before.track.replaceTrack(track, true);
  }
  await (on ? before.unmute() : before.mute());
}
