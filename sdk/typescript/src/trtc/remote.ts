import { EVENT, TYPE } from "./constants.js";
import { Incoming } from "./incoming.js";
import type { Kind } from "./link.js";
import type { DevicesOn } from "./signals.js";
import { AudioPlayer, type PlayOptions, VideoPlayer } from "./view.js";

/** Tells the app. */
export type Tell = (event: string, told: object) => void;

const OPTIONS: PlayOptions = { mirror: false, fillMode: "contain" };

/** What is told when something is sent, and when nothing is any more. */
const CHANGES: Readonly<Record<Kind, readonly [on: string, off: string]>> = {
  audio: [EVENT.REMOTE_AUDIO_AVAILABLE, EVENT.REMOTE_AUDIO_UNAVAILABLE],
  video: [EVENT.REMOTE_VIDEO_AVAILABLE, EVENT.REMOTE_VIDEO_UNAVAILABLE],
};

/** One other in the room: what they send, and how it is played here. */
export class Remote {
  readonly userID: string;
  readonly #tell: Tell;
  readonly #player: VideoPlayer;
  readonly #sound: AudioPlayer;
  readonly #incoming = new Incoming((kind, is) => this.#changed(kind, is));
  #shown: { readonly elements: readonly HTMLElement[]; readonly options: PlayOptions } | undefined;
  #muted = false;

  constructor(userID: string, tell: Tell) {
    this.userID = userID;
    this.#tell = tell;
    this.#player = new VideoPlayer(this.#port("video"));
    this.#sound = new AudioPlayer(this.#port("audio"));
  }

  track(kind: Kind): MediaStreamTrack | undefined {
    return this.#incoming.track(kind);
  }

  get video(): HTMLVideoElement | undefined {
    return this.#player.video;
  }

  received(track: MediaStreamTrack): void {
    this.#tell(EVENT.TRACK, { userId: this.userID, streamType: TYPE.STREAM_TYPE_MAIN, track });
    this.#incoming.received(track);
    this.#play();
  }

  switched(devices: DevicesOn): void {
    this.#incoming.switched(devices);
  }

  /** Shows the picture in these elements; in none when there are none. */
  show(elements: readonly HTMLElement[], options: Partial<PlayOptions>): void {
    this.#shown = { elements, options: { ...OPTIONS, ...options } };
    this.#play();
  }

  /** Shows the picture otherwise, where it is shown. */
  change(elements: readonly HTMLElement[] | undefined, options: Partial<PlayOptions>): void {
    if (this.#shown !== undefined) {
      this.show(elements ?? this.#shown.elements, { ...this.#shown.options, ...options });
    }
  }

  hide(): void {
    this.#shown = undefined;
    this.#player.stop();
  }

  set speaker(deviceId: string) {
    this.#sound.speaker = deviceId;
  }

  set volume(percent: number) {
    this.#sound.volume = percent;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#sound.muted = muted;
  }

  /** They are gone, or the user is. */
  end(): void {
    this.#incoming.end();
    this.hide();
    this.#sound.stop();
  }

  #changed(kind: Kind, is: boolean): void {
    this.#tell(CHANGES[kind][is ? 0 : 1], { userId: this.userID, streamType: TYPE.STREAM_TYPE_MAIN });
    this.#play();
  }

  #play(): void {
    const [audio, video] = [this.track("audio"), this.track("video")];
    if (audio !== undefined) {
      this.#sound.muted = this.#muted;
      this.#sound.play(audio);
    }
    if (video !== undefined && this.#shown !== undefined) {
      this.#player.show(video, this.#shown.elements, this.#shown.options);
    }
  }

  #port(mediaType: Kind) {
    const { userID: userId } = this;
    const event = mediaType === "audio" ? EVENT.AUDIO_PLAY_STATE_CHANGED : EVENT.VIDEO_PLAY_STATE_CHANGED;
    return {
      started: (size: { width: number; height: number }) => {
        this.#tell(event, { userId, state: "PLAYING", reason: "playing", streamType: TYPE.STREAM_TYPE_MAIN });
        if (mediaType === "video") {
          this.#tell(EVENT.FIRST_VIDEO_FRAME, { userId, streamType: TYPE.STREAM_TYPE_MAIN, ...size });
        }
      },
      blocked: (resume: () => void) => this.#tell(EVENT.AUTOPLAY_FAILED, { userId, mediaType, resume }),
    };
  }
}
