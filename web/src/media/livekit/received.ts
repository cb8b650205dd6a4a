import type { RemoteParticipant, RemoteTrackPublication, Track } from "livekit-client";
import type { DevicesOn } from "../../session/payload.js";
import type { LinkView } from "../transport.js";

/** How long somebody who has come in may take to send something, ms, before they count as somebody who has no microphone. */
const SETTLES_MS = 3_000;

/** LiveKit's words, as it sends them; its constants come with its client, which is loaded late. */
const SOURCE = { microphone: "microphone", camera: "camera", screen: "screen_share" } as {
  readonly microphone: Track.Source;
  readonly camera: Track.Source;
  readonly screen: Track.Source;
};

/** What comes from one other participant. */
export class Received {
  readonly #stream = new MediaStream();
  /** When they came, ms of this page's clock. */
  readonly #since = performance.now();
  readonly #changed: () => void;
  readonly #settling: ReturnType<typeof setTimeout>;
  /** Tracks that are listened to. */
  readonly #heard = new WeakSet<MediaStreamTrack>();

  /** `changed`: what it shows is another than before. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#settling = setTimeout(changed, SETTLES_MS);
  }

  /** `reached`: whether this page is connected to LiveKit at this moment. */
  view(participant: RemoteParticipant, reached: boolean): LinkView {
    const isLost = !reached || String(participant.connectionQuality) === "lost";
    const theirs = this.#devices(participant);
    return {
      state: isLost ? "interrupted" : "connected",
      remote: this.#plays(participant),
      ...(theirs === undefined ? {} : { theirs }),
    };
  }

  end(): void {
    clearTimeout(this.#settling);
  }

  /** A stream with a picture while there is one, and with what is heard of them. */
  #plays(participant: RemoteParticipant): MediaStream {
    const all = [...participant.trackPublications.values()];
    const sounds = all.filter(({ kind }) => (kind as string) === "audio").flatMap((publication) => this.#trackOf(publication));
    const picture = [SOURCE.screen, SOURCE.camera]
      .map((source) => participant.getTrackPublication(source))
      .filter((publication) => publication !== undefined && !publication.isMuted)
      // Chromium plays nothing of a stream with a picture before the first picture.
      .flatMap((publication) => this.#trackOf(publication).filter(({ muted }) => !muted));
    const wanted = [...sounds, ...picture.slice(0, 1)];
    for (const track of this.#stream.getTracks()) {
      if (!wanted.includes(track)) {
        this.#stream.removeTrack(track);
      }
    }
    for (const track of wanted) {
      this.#stream.addTrack(track);
    }
    return this.#stream;
  }

  #trackOf(publication: Pick<RemoteTrackPublication, "track"> | undefined): MediaStreamTrack[] {
    const track = publication?.track?.mediaStreamTrack;
    if (track === undefined) {
      return [];
    }
    if (!this.#heard.has(track)) {
      this.#heard.add(track);
      track.addEventListener("unmute", this.#changed);
    }
    return [track];
  }

  /** The devices that they have on, by what they publish; undefined while they may be about to. */
  #devices(participant: RemoteParticipant): DevicesOn | undefined {
    const [microphone, camera, screen] = [SOURCE.microphone, SOURCE.camera, SOURCE.screen].map((source) =>
      participant.getTrackPublication(source),
    );
    if (microphone === undefined && performance.now() - this.#since < SETTLES_MS) {
      return undefined;
    }
    const shares = screen !== undefined && !screen.isMuted;
    return {
      microphone: microphone !== undefined && !microphone.isMuted,
      camera: shares || (camera !== undefined && !camera.isMuted),
      ...(shares ? { screen: true } : {}),
      missing: microphone === undefined ? ["microphone"] : [],
    };
  }
}
