import { obtain, type Troubles } from "../media/devices.js";
import { Store } from "../session/store.js";

/** `closed`: this user may not be heard now, and no device is open. `none`: it is missing, or the user did not allow it. */
export interface MicrophoneView {
  readonly state: "closed" | "on" | "muted" | "none";
  readonly stream?: MediaStream;
  readonly troubles: Troubles;
}

const CLOSED: MicrophoneView = { state: "closed", troubles: {} };

/** The microphone of this page, while its user may be heard in a room. */
export class Microphone {
  readonly view = new Store<MicrophoneView>(CLOSED);
  /** Counts openings and closings: what an earlier one gets is released. */
  #opened = 0;
  #wanted = false;

  /** Opens it, or closes it at once. Does nothing when it is so already. */
  want(wanted: boolean): void {
    if (wanted === this.#wanted) {
      return;
    }
    this.#wanted = wanted;
    if (wanted) {
      void this.retry();
    } else {
      this.#close();
    }
  }

  /** Asks for the device once more. */
  async retry(): Promise<void> {
    this.#opened += 1;
    const opened = this.#opened;
    const { tracks, troubles } = await obtain(navigator.mediaDevices, ["microphone"]);
    const [track] = tracks;
    if (opened !== this.#opened) {
      track?.stop();
    } else if (track === undefined) {
      this.view.set({ state: "none", troubles });
    } else {
      // It was unplugged, or the user has withdrawn it.
      track.onended = () => opened === this.#opened && this.view.set({ state: "none", troubles: { microphone: "absent" } });
      this.view.set({ state: "on", stream: new MediaStream([track]), troubles });
    }
  }

  /** Mutes it, or turns it on again. */
  toggle(): void {
    const view = this.view.get();
    const [track] = view.stream?.getTracks() ?? [];
    if (track !== undefined) {
      track.enabled = view.state === "muted";
      this.view.set({ ...view, state: track.enabled ? "on" : "muted" });
    }
  }

  /** What the others get to hear; null for nothing. */
  get track(): MediaStreamTrack | null {
    const { state, stream } = this.view.get();
    return state === "on" ? (stream?.getTracks()[0] ?? null) : null;
  }

  #close(): void {
    this.#opened += 1;
    for (const track of this.view.get().stream?.getTracks() ?? []) {
      track.stop();
    }
    this.view.set(CLOSED);
  }
}
