import { deviceError, RtcError } from "./errors.js";

/** What the options say about the device and what it gives. */
export interface CaptureOptions {
  readonly cameraId?: string | undefined;
  readonly microphoneId?: string | undefined;
  readonly useFrontCamera?: boolean | undefined;
  readonly profile?: string | { width?: number; height?: number; frameRate?: number; bitrate?: number } | undefined;
  readonly echoCancellation?: boolean | undefined;
  readonly autoGainControl?: boolean | undefined;
  readonly noiseSuppression?: boolean | undefined;
  /** A track of the app's own, in place of the camera's or the microphone's. */
  readonly videoTrack?: MediaStreamTrack | undefined;
  readonly audioTrack?: MediaStreamTrack | undefined;
  readonly [more: string]: unknown;
}

/** A camera or a microphone. */
export type DeviceKind = "camera" | "microphone";

/** One camera or microphone while it is open. */
export class Capture {
  readonly #device: DeviceKind;
  /** Grows when the device is opened or closed: what is opened meanwhile is not wanted any more. */
  #turn = 0;
  #track: MediaStreamTrack | undefined;
  #isOwn = false;
  #wanted: MediaTrackConstraints = {};
  #isStarted = false;

  constructor(device: DeviceKind) {
    this.#device = device;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** What it gives; undefined while it is closed or opening. */
  get track(): MediaStreamTrack | undefined {
    return this.#track;
  }

  /** Opens the device. Rejects with OPERATION_ABORT when it is open, or closed meanwhile. */
  async start(functionName: string, options: CaptureOptions): Promise<void> {
    if (this.#isStarted) {
      throw aborted(functionName, "already started");
    }
    this.#isStarted = true;
    try {
      await this.#open(functionName, options);
    } catch (thrown) {
      if (this.#track === undefined && (thrown as Partial<RtcError>).name !== "OPERATION_ABORT") {
        this.#isStarted = false;
      }
      throw thrown;
    }
  }

  /** Opens another device, or the same with other options, where they differ. */
  async update(functionName: string, options: CaptureOptions): Promise<void> {
    if (!this.#isStarted) {
      throw aborted(functionName, "not started");
    }
    const constraints = this.#constraints(options);
    const isOther = ownTrack(options) !== undefined || isAnother(constraints, this.#wanted);
    if (isOther || this.#track === undefined) {
      await this.#open(functionName, options);
    } else if (JSON.stringify(constraints) !== JSON.stringify(this.#wanted)) {
      this.#wanted = constraints;
      // The device stays open. What it cannot give it gives as well as it can.
      await this.#track.applyConstraints(constraints).catch(() => {});
    }
  }

  stop(): void {
    this.#turn += 1;
    this.#isStarted = false;
    this.#release();
  }

  async #open(functionName: string, options: CaptureOptions): Promise<void> {
    const turn = ++this.#turn;
    const constraints = this.#constraints(options);
    const own = ownTrack(options);
    const track = own ?? (await this.#give(functionName, constraints));
    if (turn !== this.#turn) {
      if (own === undefined) {
        track.stop();
      }
      throw aborted(functionName, "stopped meanwhile");
    }
    this.#release();
    this.#track = track;
    this.#isOwn = own !== undefined;
    this.#wanted = constraints;
  }

  async #give(functionName: string, constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    if (navigator.mediaDevices === undefined) {
      const message = `${functionName}(): the browser gives devices only to pages from https or from the same machine`;
      throw new RtcError("ENV_NOT_SUPPORTED", message, { functionName });
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        [this.#device === "camera" ? "video" : "audio"]: constraints,
      });
      return stream.getTracks()[0] as MediaStreamTrack;
    } catch (thrown) {
      throw deviceError(functionName, this.#device, thrown);
    }
  }

  #constraints(options: CaptureOptions): MediaTrackConstraints {
    return this.#device === "camera" ? cameraConstraints(options) : microphoneConstraints(options);
  }

  #release(): void {
    if (!this.#isOwn) {
      this.#track?.stop();
    }
    this.#track = undefined;
  }
}

/** The pictures that Tencent's names stand for; their default is 480p. */
const PROFILES: Readonly<Record<string, [width: number, height: number]>> = {
  "120p": [160, 120],
  "180p": [320, 180],
  "240p": [320, 240],
  "360p": [640, 360],
  "480p": [640, 480],
  "720p": [1280, 720],
  "1080p": [1920, 1080],
  "1440p": [2560, 1440],
  "4K": [3840, 2160],
};
const DEFAULT_PROFILE = "480p";
/** Frames a second, where the options name none. */
const FRAME_RATE = 15;

/** What the browser is asked for; a wish, except for the device, so that a small camera does as well. */
export function cameraConstraints({
  cameraId,
  useFrontCamera,
  profile = DEFAULT_PROFILE,
}: CaptureOptions): MediaTrackConstraints {
  const [width, height] = PROFILES[String(profile)] ?? (PROFILES[DEFAULT_PROFILE] as [number, number]);
  const size = typeof profile === "object" ? profile : { width, height };
  return {
    width: { ideal: size.width ?? width },
    height: { ideal: size.height ?? height },
    frameRate: { ideal: (typeof profile === "object" ? profile.frameRate : undefined) ?? FRAME_RATE },
    ...(cameraId ? { deviceId: { exact: cameraId } } : {}),
    ...(useFrontCamera === undefined || cameraId ? {} : { facingMode: useFrontCamera ? "user" : "environment" }),
  };
}

export function microphoneConstraints(options: CaptureOptions): MediaTrackConstraints {
  const { microphoneId, echoCancellation = true, autoGainControl = true, noiseSuppression = true } = options;
  return {
    echoCancellation,
    autoGainControl,
    noiseSuppression,
    ...(microphoneId ? { deviceId: { exact: microphoneId } } : {}),
  };
}

function isAnother(one: MediaTrackConstraints, other: MediaTrackConstraints): boolean {
  return JSON.stringify([one.deviceId, one.facingMode]) !== JSON.stringify([other.deviceId, other.facingMode]);
}

function ownTrack({ videoTrack, audioTrack }: CaptureOptions): MediaStreamTrack | undefined {
  return videoTrack ?? audioTrack;
}

function aborted(functionName: string, why: string): RtcError {
  return new RtcError("OPERATION_ABORT", `${functionName} abort: ${why}`, { functionName });
}
