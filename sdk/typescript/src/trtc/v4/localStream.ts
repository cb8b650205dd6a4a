import { type CaptureOptions, constraintsOf, type DeviceKind, give } from "../capture.js";
import type { Kind } from "../link.js";
import { inOurWords, RtcError } from "./errors.js";
import { Stream } from "./stream.js";

/** `createStream` */
export interface StreamConfig {
  userId?: string | undefined;
  audio?: boolean | undefined;
  video?: boolean | undefined;
  /** Tracks of the app's own, in place of the microphone's and the camera's. */
  audioSource?: MediaStreamTrack | undefined;
  videoSource?: MediaStreamTrack | undefined;
  microphoneId?: string | undefined;
  cameraId?: string | undefined;
  facingMode?: string | undefined;
  /** A screen or window that the user chooses, in place of the camera. */
  screen?: boolean | undefined;
  /** Whether one sees oneself mirrored. Default: true for a camera. */
  mirror?: boolean | undefined;
  [more: string]: unknown;
}

/** One's own picture and sound. */
export class LocalStream extends Stream {
  readonly #config: StreamConfig;
  readonly #tracks: Partial<Record<Kind, MediaStreamTrack>> = {};
  #options: CaptureOptions;
  /** @internal Told when a track comes, goes, or is muted. */
  changed = (): void => {};

  /** @internal */
  constructor(config: StreamConfig) {
    super(config.userId ?? "", false, { mirror: config.mirror ?? config.screen !== true });
    this.#config = config;
    const { microphoneId, cameraId, facingMode } = config;
    this.#options = {
      microphoneId,
      cameraId,
      ...(facingMode === undefined ? {} : { useFrontCamera: facingMode !== "environment" }),
    };
  }

  getAudioTrack(): MediaStreamTrack | null {
    return this.#tracks.audio ?? null;
  }

  getVideoTrack(): MediaStreamTrack | null {
    return this.#tracks.video ?? null;
  }

  /** Opens what `createStream` named. Rejects with the browser's name of the refusal: `NotAllowedError`, `NotFoundError`, … */
  async initialize(): Promise<void> {
    const { audio = false, video = false, screen = false, audioSource, videoSource } = this.#config;
    try {
      if (videoSource !== undefined || screen || video) {
        this.#tracks.video = videoSource ?? (await this.#open(this.#camera));
      }
      if (audioSource !== undefined || audio) {
        this.#tracks.audio = audioSource ?? (await this.#open("microphone"));
      }
    } catch (thrown) {
      this.close();
      throw thrown;
    }
    this.#isOther();
  }

  /** Closes its devices. */
  override close(): void {
    super.close();
    for (const kind of ["audio", "video"] as const) {
      this.#tracks[kind]?.stop();
      delete this.#tracks[kind];
    }
    this.changed();
  }

  /** Adds a track where there is none of its kind. */
  async addTrack(track: MediaStreamTrack): Promise<void> {
    const kind = track.kind as Kind;
    if (this.#tracks[kind] !== undefined) {
      throw new RtcError("INVALID_OPERATION", `addTrack(): there is a track of ${kind} already: replaceTrack()`);
    }
    this.#tracks[kind] = track;
    this.#isOther();
  }

  /** Takes a picture away. It goes on, unless the app stops it. */
  async removeTrack(track: MediaStreamTrack): Promise<void> {
    if (track.kind !== "video" || this.#tracks.video !== track) {
      throw new RtcError("INVALID_OPERATION", "removeTrack(): it takes the stream's picture; the sound can be muted");
    }
    delete this.#tracks.video;
    this.#isOther();
  }

  /** Puts a track in the place of the one of its kind. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    this.#tracks[track.kind as Kind] = track;
    this.#isOther();
  }

  /** Goes on with another microphone (`audio`) or camera (`video`); `user` and `environment` are cameras of a phone. */
  async switchDevice(type: "audio" | "video", deviceId: string): Promise<void> {
    const before = this.#tracks[type];
    const isSide = deviceId === "user" || deviceId === "environment";
    const camera = isSide ? { cameraId: undefined, useFrontCamera: deviceId === "user" } : { cameraId: deviceId };
    this.#options = { ...this.#options, ...(type === "audio" ? { microphoneId: deviceId } : camera) };
    if (before !== undefined) {
      const after = await this.#open(type === "audio" ? "microphone" : "camera");
      after.enabled = before.enabled;
      before.stop();
      this.#tracks[type] = after;
      this.#isOther();
    }
  }

  /** The size and rate of the picture: a name such as `480p`, or `{width, height, frameRate}`. */
  async setVideoProfile(profile: CaptureOptions["profile"]): Promise<void> {
    this.#options = { ...this.#options, profile };
    // What an open camera cannot give it gives as well as it can.
    await this.#tracks.video?.applyConstraints(constraintsOf(this.#camera, this.#options)).catch(() => {});
  }

  /** The same for a shared screen. */
  setScreenProfile(profile: CaptureOptions["profile"]): void {
    void this.setVideoProfile(profile);
  }

  /** Taken and not used: browsers agree on how sound is coded. */
  setAudioProfile(_profile: string): void {}

  /** What the picture is of: `motion`, `detail` or `text`. */
  setVideoContentHint(hint: string): void {
    if (this.#tracks.video !== undefined) {
      this.#tracks.video.contentHint = hint;
    }
  }

  /** Sends no sound for now. Whether there is any. */
  muteAudio(): boolean {
    return this.#enable("audio", false);
  }

  /** Sends it again. */
  unmuteAudio(): boolean {
    return this.#enable("audio", true);
  }

  /** Sends no picture for now. Whether there is one. */
  muteVideo(): boolean {
    return this.#enable("video", false);
  }

  /** Sends it again. */
  unmuteVideo(): boolean {
    return this.#enable("video", true);
  }

  get #camera(): DeviceKind {
    return this.#config.screen === true ? "screen" : "camera";
  }

  async #open(device: DeviceKind): Promise<MediaStreamTrack> {
    try {
      const track = await give("initialize", device, constraintsOf(device, this.#options));
      if (device === "screen") {
        track.addEventListener("ended", () => this.emit("screen-sharing-stopped"));
      }
      return track;
    } catch (thrown) {
      throw inOurWords(thrown);
    }
  }

  #enable(kind: Kind, enabled: boolean): boolean {
    const track = this.#tracks[kind];
    if (track !== undefined) {
      track.enabled = enabled;
      this.changed();
    }
    return track !== undefined;
  }

  #isOther(): void {
    this.refresh();
    this.changed();
  }
}
