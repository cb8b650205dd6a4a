import { RtcError } from "./errors.js";

/** Where a picture is shown: an element, its id, or several of either; null for nowhere. */
export type View = string | HTMLElement | readonly (string | HTMLElement)[] | null;

/** How a picture is shown. */
export interface PlayOptions {
  readonly mirror: boolean;
  /** As CSS's `object-fit`. */
  readonly fillMode: "cover" | "contain" | "fill";
}

/** What a player tells. */
export interface PlayerPort {
  started(size: { width: number; height: number }): void;
  /** The browser plays nothing before the user touches the page; `resume` tries again. */
  blocked(resume: () => void): void;
}

/** The elements of a view. Throws when the page has no element with an id. */
export function elementsOf(view: View | undefined, functionName: string): HTMLElement[] {
  const places = view === null || view === undefined || view === "" ? [] : Array.isArray(view) ? view : [view];
  return places.map((place) => {
    const element = typeof place === "string" ? document.getElementById(place) : place;
    if (!(element instanceof HTMLElement)) {
      const message = `'view' is no element of the page when calling ${functionName}().`;
      throw new RtcError("INVALID_PARAMETER", message, { extraCode: 5009, functionName });
    }
    return element;
  });
}

/** Shows one track in any number of elements. */
export class VideoPlayer {
  readonly #port: PlayerPort;
  readonly #shown = new Map<HTMLElement, HTMLVideoElement>();

  constructor(port: PlayerPort) {
    this.#port = port;
  }

  /** The picture as it is shown, if it is. */
  get video(): HTMLVideoElement | undefined {
    return this.#shown.values().next().value;
  }

  /** Shows the track in these elements, and in no others any more. */
  show(track: MediaStreamTrack, elements: readonly HTMLElement[], options: PlayOptions): void {
    for (const [element, video] of this.#shown) {
      if (!elements.includes(element)) {
        this.#remove(element, video);
      }
    }
    for (const element of elements) {
      const video = this.#shown.get(element) ?? this.#add(element);
      video.style.objectFit = options.fillMode;
      video.style.transform = options.mirror ? "rotateY(180deg)" : "";
      if ((video.srcObject as MediaStream | null)?.getTracks()[0] !== track) {
        video.srcObject = new MediaStream([track]);
        play(video, this.#port);
      }
    }
  }

  stop(): void {
    for (const [element, video] of this.#shown) {
      this.#remove(element, video);
    }
  }

  #add(element: HTMLElement): HTMLVideoElement {
    const video = document.createElement("video");
    video.autoplay = true;
    video.playsInline = true;
    // The sound has an element of its own, and one's own picture has none.
    video.muted = true;
    Object.assign(video.style, { width: "100%", height: "100%", backgroundColor: "black" });
    video.addEventListener("loadeddata", () => this.#port.started({ width: video.videoWidth, height: video.videoHeight }));
    element.append(video);
    this.#shown.set(element, video);
    return video;
  }

  #remove(element: HTMLElement, video: HTMLVideoElement): void {
    video.srcObject = null;
    video.remove();
    this.#shown.delete(element);
  }
}

/** Plays the sound of one other. */
export class AudioPlayer {
  readonly #audio = document.createElement("audio");
  readonly #port: PlayerPort;

  constructor(port: PlayerPort) {
    this.#port = port;
    this.#audio.addEventListener("playing", () => port.started({ width: 0, height: 0 }));
  }

  set volume(percent: number) {
    this.#audio.volume = Math.min(Math.max(percent, 0), 100) / 100;
  }

  set muted(muted: boolean) {
    this.#audio.muted = muted;
  }

  /** The device that plays it, where the browser lets one choose. */
  set speaker(deviceId: string) {
    const { setSinkId } = this.#audio as { setSinkId?: (deviceId: string) => Promise<void> };
    void setSinkId?.call(this.#audio, deviceId).catch((thrown) => console.warn("the speaker cannot be used:", thrown));
  }

  play(track: MediaStreamTrack): void {
    this.#audio.srcObject = new MediaStream([track]);
    play(this.#audio, this.#port);
  }

  stop(): void {
    this.#audio.srcObject = null;
  }
}

function play(element: HTMLMediaElement, port: PlayerPort): void {
  element.play().catch((thrown: Error) => {
    if (thrown.name === "NotAllowedError") {
      port.blocked(() => play(element, port));
    }
  });
}

/** The picture that is shown, as a PNG in a `data:` address. */
export function snapshotOf(video: HTMLVideoElement): string {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return canvas.toDataURL("image/png");
}
