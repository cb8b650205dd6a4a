import { obtain, type Troubles } from "../media/devices.js";
import { Store } from "../session/store.js";

/** The camera and the microphone outside a call, as the user sees and hears themselves. */
export class Preview {
  readonly view = new Store<{ readonly stream?: MediaStream; readonly troubles: Troubles }>({ troubles: {} });
  /** Counts the openings: what an earlier one gets is released. */
  #opened = 0;

  /** Opens the chosen devices in the place of those that are open. */
  async open(): Promise<void> {
    this.#opened += 1;
    const opened = this.#opened;
    // Some systems give a device to one stream at a time.
    stop(this.view.get().stream);
    const { tracks, troubles } = await obtain(navigator.mediaDevices, ["camera", "microphone"]);
    const stream = new MediaStream([...tracks]);
    if (opened === this.#opened) {
      this.view.set(tracks.length === 0 ? { troubles } : { stream, troubles });
    } else {
      stop(stream);
    }
  }

  close(): void {
    this.#opened += 1;
    stop(this.view.get().stream);
    this.view.set({ troubles: {} });
  }
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }
}
