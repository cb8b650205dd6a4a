import type { Kind } from "./link.js";
import type { DevicesOn } from "./signals.js";

/** What one other in the room sends: a track of each kind, and whether something is sent on it. */
export class Incoming {
  readonly #changed: (kind: Kind, is: boolean) => void;
  readonly #tracks = new Map<string, MediaStreamTrack>();
  /** What was told of each kind. */
  readonly #available: Record<Kind, boolean> = { audio: false, video: false };
  #devices: DevicesOn | undefined;

  /** `changed` is told when something is sent of a kind, and when nothing is any more. */
  constructor(changed: (kind: Kind, is: boolean) => void) {
    this.#changed = changed;
  }

  /** The track, while something is sent on it. */
  track(kind: Kind): MediaStreamTrack | undefined {
    return this.#available[kind] ? this.#tracks.get(kind) : undefined;
  }

  received(track: MediaStreamTrack): void {
    this.#tracks.set(track.kind, track);
    // A client that does not say which devices are on is taken at what it sends.
    track.onunmute = () => this.#update();
    track.onmute = () => this.#update();
    this.#update();
  }

  switched(devices: DevicesOn): void {
    this.#devices = devices;
    this.#update();
  }

  /** They are gone, or the user is. */
  end(): void {
    this.switched({ microphone: false, camera: false });
  }

  #update(): void {
    this.#tell("audio", this.#devices?.microphone);
    this.#tell("video", this.#devices?.camera);
  }

  #tell(kind: Kind, said: boolean | undefined): void {
    const track = this.#tracks.get(kind);
    const is = track !== undefined && (said ?? !track.muted);
    if (is !== this.#available[kind]) {
      this.#available[kind] = is;
      this.#changed(kind, is);
    }
  }
}
