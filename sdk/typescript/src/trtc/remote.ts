import { EVENT, TYPE } from "./constants.js";
import type { DevicesOn } from "./signals.js";
import { AudioPlayer, type PlayOptions, VideoPlayer } from "./view.js";

/** Tells the app. */
export type Tell = (event: string, told: object) => void;

const OPTIONS: PlayOptions = { mirror: false, fillMode: "contain" };

/** One other in the room: what they send, and how it is played here. */
export class Remote {
  readonly userID: string;
  readonly #tell: Tell;
  readonly #player: VideoPlayer;
  readonly #sound: AudioPlayer;
  readonly #tracks = new Map<string, MediaStreamTrack>();
  /** What was told of each kind. */
  readonly #available = { audio: false, video: false };
  #devices: DevicesOn | undefined;
  #shown: { readonly elements: readonly HTMLElement[]; readonly options: PlayOptions } | undefined;
  #muted = false;

  constructor(userID: string, tell: Tell) {
    this.userID = userID;
    this.#tell = tell;
    this.#player = new VideoPlayer(this.#port("video"));
    this.#sound = new AudioPlayer(this.#port("audio"));
  }

  track(kind: "audio" | "video"): MediaStreamTrack | undefined {
    return this.#available[kind] ? this.#tracks.get(kind) : undefined;
  }

  get video(): HTMLVideoElement | undefined {
    return this.#player.video;
  }

  received(track: MediaStreamTrack): void {
    this.#tracks.set(track.kind, track);
    // A client that does not say which devices are on is taken at what it sends.
    track.onunmute = () => this.#update();
    track.onmute = () => this.#update();
    this.#tell(EVENT.TRACK, { userId: this.userID, streamType: TYPE.STREAM_TYPE_MAIN, track });
    this.#update();
    this.#play();
  }

  switched(devices: DevicesOn): void {
    this.#devices = devices;
    this.#update();
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
    this.#devices = { microphone: false, camera: false };
    this.#update();
    this.hide();
    this.#sound.stop();
  }

  #update(): void {
    this.#tellOf("audio", this.#devices?.microphone, EVENT.REMOTE_AUDIO_AVAILABLE, EVENT.REMOTE_AUDIO_UNAVAILABLE);
    this.#tellOf("video", this.#devices?.camera, EVENT.REMOTE_VIDEO_AVAILABLE, EVENT.REMOTE_VIDEO_UNAVAILABLE);
  }

  #tellOf(kind: "audio" | "video", said: boolean | undefined, available: string, unavailable: string): void {
    const track = this.#tracks.get(kind);
    const is = track !== undefined && (said ?? !track.muted);
    if (is !== this.#available[kind]) {
      this.#available[kind] = is;
      this.#tell(is ? available : unavailable, { userId: this.userID, streamType: TYPE.STREAM_TYPE_MAIN });
      this.#play();
    }
  }

  #play(): void {
    const [audio, video] = [this.#tracks.get("audio"), this.#tracks.get("video")];
    if (audio !== undefined && this.#available.audio) {
      this.#sound.muted = this.#muted;
      this.#sound.play(audio);
    }
    if (video !== undefined && this.#shown !== undefined && this.#available.video) {
      this.#player.show(video, this.#shown.elements, this.#shown.options);
    }
  }

  #port(mediaType: "audio" | "video") {
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
