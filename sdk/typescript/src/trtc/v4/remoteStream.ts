import { Incoming } from "../incoming.js";
import type { Kind } from "../link.js";
import type { DevicesOn } from "../signals.js";
import { Stream } from "./stream.js";

/** What one other in the room sends. */
export class RemoteStream extends Stream {
  readonly #incoming: Incoming;
  /** @internal Whether `stream-added` was told. */
  isAdded = false;
  /** @internal Whether `stream-subscribed` was told. */
  isSubscribed = false;
  #wanted: Readonly<Record<Kind, boolean>> = { audio: true, video: true };

  /** @internal */
  constructor(userID: string, changed: (kind: Kind, is: boolean) => void) {
    super(userID, true);
    this.#incoming = new Incoming((kind, is) => changed(kind, is));
  }

  /** One picture from each to each: a shared screen comes in it. */
  getType(): "main" {
    return "main";
  }

  getAudioTrack(): MediaStreamTrack | null {
    return this.#wanted.audio ? (this.#incoming.track("audio") ?? null) : null;
  }

  getVideoTrack(): MediaStreamTrack | null {
    return this.#wanted.video ? (this.#incoming.track("video") ?? null) : null;
  }

  /** @internal Whether something is sent, wanted or not. */
  sends(kind: Kind): boolean {
    return this.#incoming.track(kind) !== undefined;
  }

  /** @internal What is played of it. */
  want(wanted: Readonly<Record<Kind, boolean>>): void {
    this.#wanted = wanted;
    this.refresh();
  }

  /** @internal */
  received(track: MediaStreamTrack): void {
    this.#incoming.received(track);
    // It may stand in the place of one that is played.
    this.refresh();
  }

  /** @internal */
  switched(devices: DevicesOn): void {
    this.#incoming.switched(devices);
  }

  /** Plays its sound no more. Whether it was played. */
  muteAudio(): boolean {
    return this.#mute({ audio: false });
  }

  /** Plays its sound again. */
  unmuteAudio(): boolean {
    return this.#mute({ audio: true });
  }

  /** Shows its picture no more. */
  muteVideo(): boolean {
    return this.#mute({ video: false });
  }

  /** Shows its picture again. */
  unmuteVideo(): boolean {
    return this.#mute({ video: true });
  }

  #mute(wanted: Partial<Record<Kind, boolean>>): boolean {
    const [kind] = Object.keys(wanted) as [Kind];
    this.want({ ...this.#wanted, ...wanted });
    return this.sends(kind);
  }
}
