import type { Kind } from "../link.js";
import type { DevicesOn } from "../signals.js";
import type { LiveKitReceived, LiveKitRemote } from "./client.js";

/** What is told of somebody. */
export interface ReceivedPort {
  received(track: MediaStreamTrack): void;
  switched(on: DevicesOn): void;
}

/** Of several that somebody publishes, this is played: there is one sound and one picture from each. */
const FIRST: Readonly<Record<Kind, string>> = { audio: "microphone", video: "screen_share" };

/** A camera and a screen, and the sound of each: nobody who uses one device publishes more. */
const MOST_OF_A_KIND = 2;

/** What comes from one other participant, told when it changes. */
export class Received {
  readonly #port: ReceivedPort;
  readonly #tracks: Partial<Record<Kind, MediaStreamTrack>> = {};
  #on: DevicesOn = { microphone: false, camera: false };

  constructor(port: ReceivedPort) {
    this.#port = port;
  }

  /** This is what they publish now; undefined while they are not in the room. */
  update(participant: LiveKitRemote | undefined): void {
    const microphone = this.#receives(participant, "audio");
    const camera = this.#receives(participant, "video");
    if (microphone !== this.#on.microphone || camera !== this.#on.camera) {
      this.#on = { microphone, camera };
      this.#port.switched(this.#on);
    }
  }

  #receives(participant: LiveKitRemote | undefined, kind: Kind): boolean {
    const track = playedOf(participant, kind)?.track?.mediaStreamTrack;
    if (track !== undefined && track !== this.#tracks[kind]) {
      this.#tracks[kind] = track;
      this.#port.received(track);
    }
    return track !== undefined;
  }
}

/** What is taken of somebody. Whatever else they publish costs this page nothing. */
export function takenOf(participant: LiveKitRemote): readonly LiveKitReceived[] {
  return [...sentBy(participant, "audio"), ...sentBy(participant, "video")];
}

function playedOf(participant: LiveKitRemote | undefined, kind: Kind): LiveKitReceived | undefined {
  const sent = sentBy(participant, kind).filter(({ isMuted, track }) => !isMuted && track !== undefined);
  return sent.find(({ source }) => source === FIRST[kind]) ?? sent[0];
}

function sentBy(participant: LiveKitRemote | undefined, kind: Kind): LiveKitReceived[] {
  return [...(participant?.trackPublications.values() ?? [])].filter((one) => one.kind === kind).slice(0, MOST_OF_A_KIND);
}
