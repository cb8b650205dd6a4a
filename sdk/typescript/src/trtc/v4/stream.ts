import type { Kind } from "../link.js";
import { type Handler, Listeners } from "../listeners.js";
import { AudioPlayer, elementsOf, type PlayOptions, snapshotOf, VideoPlayer } from "../view.js";
import { inOurWords, notThere, RtcError } from "./errors.js";

/** `play`. Default: not mirrored unless it is one's own camera; `cover`, with sound. */
export interface PlaybackOptions {
  objectFit?: PlayOptions["fillMode"] | undefined;
  mirror?: boolean | undefined;
  /** Whether its sound is not played. */
  muted?: boolean | undefined;
}

interface Shown {
  readonly element: HTMLElement;
  readonly options: PlaybackOptions;
}

/** Somebody's picture and sound, and how they are played. */
export abstract class Stream {
  readonly #userID: string;
  readonly #id: string;
  readonly #usually: PlaybackOptions;
  readonly #isHeard: boolean;
  readonly #listeners = new Listeners();
  readonly #picture = new VideoPlayer(this.#port("video"));
  readonly #blocked = new Set<() => void>();
  #sound: AudioPlayer | undefined;
  #shown: Shown | undefined;
  #volume = 100;
  #speaker: string | undefined;

  /** `isHeard` is false for one's own: whoever heard themselves would echo. */
  protected constructor(userID: string, isHeard: boolean, usually: PlaybackOptions = {}) {
    this.#userID = userID;
    this.#id = `${userID}_${++made}`;
    this.#isHeard = isHeard;
    this.#usually = usually;
  }

  /** Names it on this page. */
  getId(): string {
    return this.#id;
  }

  /** Whose it is. */
  getUserId(): string {
    return this.#userID;
  }

  /** The sound, or null. */
  abstract getAudioTrack(): MediaStreamTrack | null;

  /** The picture, or null. */
  abstract getVideoTrack(): MediaStreamTrack | null;

  /** Whether there is sound. */
  hasAudio(): boolean {
    return this.getAudioTrack() !== null;
  }

  /** Whether there is a picture. */
  hasVideo(): boolean {
    return this.getVideoTrack() !== null;
  }

  /** Shows it in an element of the page, or the element with this id. Rejects when the page has none. */
  async play(place: string | HTMLElement, options: PlaybackOptions = {}): Promise<void> {
    try {
      const [element] = elementsOf(place, "play");
      if (element !== undefined) {
        this.#shown = { element, options };
        this.refresh();
      }
    } catch (thrown) {
      throw inOurWords(thrown);
    }
  }

  /** Plays it no more. */
  stop(): void {
    this.#shown = undefined;
    this.#blocked.clear();
    this.#picture.stop();
    this.#sound?.stop();
  }

  /** Plays what the browser did not play before the user touched the page (the event `error` with PLAY_NOT_ALLOWED). */
  async resume(): Promise<void> {
    const waiting = [...this.#blocked];
    this.#blocked.clear();
    for (const again of waiting) {
      again();
    }
  }

  /** Gives it back. */
  close(): void {
    this.stop();
  }

  /** 0 to 100. */
  setAudioVolume(percent: number): void {
    this.#volume = percent;
    if (this.#sound !== undefined) {
      this.#sound.volume = percent;
    }
  }

  /** Plays it on this device, where the browser lets one choose. */
  async setAudioOutput(deviceId: string): Promise<void> {
    this.#speaker = deviceId;
    if (this.#sound !== undefined) {
      this.#sound.speaker = deviceId;
    }
  }

  /** Refused: the event `audio-volume` of the client tells how loud each is. */
  getAudioLevel(): number {
    throw notThere("getAudioLevel()", "the event audio-volume of the client tells how loud each is");
  }

  /** The picture that is shown, as a PNG in a `data:` address; null when none is. */
  getVideoFrame(): string | null {
    const { video } = this.#picture;
    return video === undefined ? null : snapshotOf(video);
  }

  /** Adds a handler of an event. */
  on(event: string, handler: Handler, context?: unknown): void {
    this.#listeners.on(event, handler, context);
  }

  /** Removes a handler; with `*` all of all events. */
  off(event: string, handler?: Handler): void {
    this.#listeners.off(event, handler);
  }

  /** @internal */
  emit(event: string, told?: unknown): void {
    this.#listeners.emit(event, told);
  }

  /** @internal What is sent is another track now, or none. */
  refresh(): void {
    if (this.#shown === undefined) {
      return;
    }
    const { element, options } = this.#shown;
    const { mirror = false, objectFit = "cover", muted = false } = { ...this.#usually, ...options };
    const [picture, sound] = [this.getVideoTrack(), muted || !this.#isHeard ? null : this.getAudioTrack()];
    if (picture === null) {
      this.#picture.stop();
    } else {
      this.#picture.show(picture, [element], { mirror, fillMode: objectFit });
    }
    if (sound === null) {
      this.#sound?.stop();
    } else {
      this.#hear(sound);
    }
  }

  #hear(sound: MediaStreamTrack): void {
    if (this.#sound === undefined) {
      this.#sound = new AudioPlayer(this.#port("audio"));
      this.#sound.volume = this.#volume;
      if (this.#speaker !== undefined) {
        this.#sound.speaker = this.#speaker;
      }
    }
    this.#sound.play(sound);
  }

  #port(type: Kind) {
    return {
      started: () => this.emit("player-state-changed", { type, state: "PLAYING", reason: "playing" }),
      blocked: (again: () => void) => {
        this.#blocked.add(again);
        this.emit(
          "error",
          new RtcError("PLAY_NOT_ALLOWED", "the browser plays nothing before the user touches the page: resume()"),
        );
      },
    };
  }
}

/** Streams that this page has made. */
let made = 0;
