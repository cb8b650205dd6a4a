import type { Outgoing } from "../carrier.js";
import type { LiveKitLocal } from "./client.js";

/** LiveKit's names of what is published. */
type Source = "microphone" | "camera" | "screen_share";

/** What goes out from one source. */
interface Copy {
  readonly of: MediaStreamTrack;
  readonly track: MediaStreamTrack;
}

/**
 * What the page publishes in one stay in a room. A copy of each track goes out, because LiveKit's client switches off what it mutes, and the
 * track itself is the app's, which may show it meanwhile.
 */
export class Sent {
  readonly #local: LiveKitLocal;
  readonly #copies = new Map<Source, Copy>();
  /** Publishes one change after the other. */
  #publishing: Promise<void> = Promise.resolve();
  #outgoing: Outgoing = { audio: null, video: null };
  #isEnded = false;

  constructor(local: LiveKitLocal) {
    this.#local = local;
  }

  /** Makes what is published equal to this. Rejects when LiveKit does not take it. */
  send(outgoing: Outgoing): Promise<void> {
    this.#outgoing = outgoing;
    const published = this.#publishing.then(() => this.#publish());
    this.#publishing = published.catch(() => {});
    return published;
  }

  end(): void {
    this.#isEnded = true;
    for (const { track } of this.#copies.values()) {
      track.stop();
    }
    this.#copies.clear();
  }

  async #publish(): Promise<void> {
    const { audio, video, isScreen = false } = this.#outgoing;
    await this.#put("microphone", audio);
    await this.#put("camera", isScreen ? null : video);
    await this.#put("screen_share", isScreen ? video : null);
  }

  /** What is switched off stays published and is muted, so that it is there at once when it is switched on. */
  async #put(source: Source, wanted: MediaStreamTrack | null): Promise<void> {
    const before = this.#copies.get(source);
    const track = wanted?.enabled === true ? wanted : null;
    if (this.#isEnded || track === (before?.of ?? null)) {
      return;
    }
    this.#copies.delete(source);
    try {
      await (track === null ? this.#local.getTrackPublication(source)?.mute() : this.#copy(source, track));
    } finally {
      before?.track.stop();
    }
  }

  async #copy(source: Source, of: MediaStreamTrack): Promise<void> {
    const track = of.clone();
    this.#copies.set(source, { of, track });
    try {
      await this.#replace(source, track);
    } catch (thrown) {
      track.stop();
      this.#copies.delete(source);
      throw thrown;
    }
  }

  async #replace(source: Source, track: MediaStreamTrack): Promise<void> {
    const publication = this.#local.getTrackPublication(source);
    if (publication?.track === undefined) {
      // A screen is there to be read: it has one quality.
      await this.#local.publishTrack(track, { source, simulcast: source === "camera" });
    } else {
      await publication.track.replaceTrack(track, true);
      await publication.unmute();
    }
  }
}
