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

/** What the browser can be asked for. */
export type DeviceKind = "camera" | "microphone" | "screen";

/** One camera, microphone or shared screen while it is open. */
export class Capture {
  readonly #device: DeviceKind;
  readonly #ended: () => void;
  /** Grows when the device is opened or closed: what is opened meanwhile is not wanted any more. */
  #turn = 0;
  #track: MediaStreamTrack | undefined;
  #isOwn = false;
  #wanted: MediaTrackConstraints = {};
  #isStarted = false;

  /** `ended` is told when the user ends the sharing of a screen in the browser. It is closed then. */
  constructor(device: DeviceKind, ended: () => void = () => {}) {
    this.#device = device;
    this.#ended = ended;
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
    const constraints = constraintsOf(this.#device, options);
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
    const constraints = constraintsOf(this.#device, options);
    const own = ownTrack(options);
    const track = own ?? (await give(functionName, this.#device, constraints));
    if (turn !== this.#turn) {
      if (own === undefined) {
        track.stop();
      }
      throw aborted(functionName, "stopped meanwhile");
    }
    this.#release();
    this.#track = track;
    if (this.#device === "screen") {
      track.addEventListener("ended", () => this.#over(track));
    }
    this.#isOwn = own !== undefined;
    this.#wanted = constraints;
  }

  /** Tracks that are stopped here end without an event; but one that was replaced may be of the app's own. */
  #over(track: MediaStreamTrack): void {
    if (track === this.#track) {
      this.stop();
      this.#ended();
    }
  }

  #release(): void {
    if (!this.#isOwn) {
      this.#track?.stop();
    }
    this.#track = undefined;
  }
}

/** Asks the browser, and the browser the user. */
export async function give(
  functionName: string,
  device: DeviceKind,
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  const { mediaDevices } = navigator;
  if (mediaDevices === undefined || (device === "screen" && mediaDevices.getDisplayMedia === undefined)) {
    const message = `${functionName}(): the browser gives devices only to pages from https or from the same machine, and phones share no screen`;
    throw new RtcError("ENV_NOT_SUPPORTED", message, { functionName });
  }
  try {
    const stream = await (device === "screen"
      ? mediaDevices.getDisplayMedia({ video: constraints })
      : mediaDevices.getUserMedia({ [device === "camera" ? "video" : "audio"]: constraints }));
    return stream.getTracks()[0] as MediaStreamTrack;
  } catch (thrown) {
    throw deviceError(functionName, device, thrown);
  }
}

/** What the browser is asked for. */
export function constraintsOf(device: DeviceKind, options: CaptureOptions): MediaTrackConstraints {
  switch (device) {
    case "camera":
      return cameraConstraints(options);
    case "microphone":
      return microphoneConstraints(options);
    case "screen":
      return screenConstraints(options);
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
const DEFAULT_SCREEN = "1080p";
/** Frames a second, where the options name none. */
const FRAME_RATE = 15;

/** A wish, except for the device, so that a small camera does as well. */
export function cameraConstraints({ cameraId, useFrontCamera, profile }: CaptureOptions): MediaTrackConstraints {
  return {
    ...pictureConstraints(profile, DEFAULT_PROFILE),
    ...(cameraId ? { deviceId: { exact: cameraId } } : {}),
    ...(useFrontCamera === undefined || cameraId ? {} : { facingMode: useFrontCamera ? "user" : "environment" }),
  };
}

/** The screen, or the window that the user chooses. */
function screenConstraints({ profile }: CaptureOptions): MediaTrackConstraints {
  return pictureConstraints(profile, DEFAULT_SCREEN);
}

function pictureConstraints(profile: CaptureOptions["profile"], usual: string): MediaTrackConstraints {
  const [width, height] = PROFILES[String(profile ?? usual)] ?? (PROFILES[usual] as [number, number]);
  const size = typeof profile === "object" ? profile : {};
  return {
    width: { ideal: size.width ?? width },
    height: { ideal: size.height ?? height },
    frameRate: { ideal: size.frameRate ?? FRAME_RATE },
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
