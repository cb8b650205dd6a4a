import type { DevicesOn, Media, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";

/** A device as its button shows it: `none` when there is no such device, or the person did not allow it. */
export type Device = "on" | "off" | "none";

export interface MediaView {
  readonly local?: MediaStream;
  readonly remote?: MediaStream;
  readonly microphone: Device;
  readonly camera: Device;
  /** The other side's; undefined while it has not said. */
  readonly theirs?: DevicesOn;
  /** Of the way to the other browser. */
  readonly link: "none" | "connecting" | "connected" | "interrupted";
}

/** How long a call goes on without media, ms: what people wait before they say "hello?" for the third time. */
const LOST_AFTER_MS = 20_000;

const NOTHING: MediaView = { microphone: "none", camera: "none", link: "none" };

/** Microphone, camera, and the connection from browser to browser. One call after the other. */
export class CallMedia {
  readonly view = new Store<MediaView>(NOTHING);
  readonly #iceServers: RTCIceServer[];
  readonly #send: (signals: Signal[]) => Promise<unknown>;
  readonly #lost: () => void;
  #local: Promise<MediaStream | undefined> | undefined;
  #link: RTCPeerConnection | undefined;
  #offers = false;
  #outbox: Signal[] = [];
  #sending = false;
  /** What came in is taken over one after the other: a candidate means nothing before its description. */
  #taking: Promise<unknown> = Promise.resolve();
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  /** `stun`: servers that tell a browser behind a router where it is seen from outside. */
  constructor(stun: readonly string[], send: (signals: Signal[]) => Promise<unknown>, lost: () => void) {
    this.#iceServers = stun.map((urls) => ({ urls }));
    this.#send = send;
    this.#lost = lost;
  }

  /** Opens microphone and camera; a call goes on without what is not there. */
  openDevices(media: Media): void {
    this.#local ??= this.#acquire(media);
  }

  /** Connects to the other browser. The side that offers also repairs. */
  connect(media: Media, offers: boolean): void {
    if (this.#link === undefined) {
      this.openDevices(media);
      this.#offers = offers;
      const link = new RTCPeerConnection({ iceServers: this.#iceServers });
      this.#link = link;
      this.#listen(link);
      this.#patch({ link: "connecting" });
      this.#awaitLink();
      this.#taking = this.#attach(link, media);
    }
  }

  /** Takes over what the other browser sent. */
  take(signals: readonly Signal[]): void {
    const link = this.#link;
    if (link !== undefined) {
      this.#taking = signals.reduce((before, signal) => before.then(() => this.#take(link, signal)), this.#taking);
    }
  }

  /** Tries the way again, as after the network came back. */
  repair(): void {
    if (this.#offers && this.view.get().link === "interrupted") {
      this.#link?.restartIce();
    }
  }

  toggle(device: "microphone" | "camera"): void {
    const view = this.view.get();
    const tracks = device === "microphone" ? view.local?.getAudioTracks() : view.local?.getVideoTracks();
    const on = view[device] === "off";
    for (const track of tracks ?? []) {
      track.enabled = on;
    }
    this.#patch({ [device]: tracks?.length ? (on ? "on" : "off") : "none" });
    this.#tellDevices();
  }

  /** Ends everything; devices are given back. */
  close(): void {
    clearTimeout(this.#lostTimer);
    this.#lostTimer = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.#outbox = [];
    void this.#local?.then(stop);
    this.#local = undefined;
    this.view.set(NOTHING);
  }

  async #acquire(media: Media): Promise<MediaStream | undefined> {
    const stream = (await wish({ audio: true, video: media === "video" })) ?? (await wish({ audio: true }));
    if (stream !== undefined && this.#local !== undefined) {
      const has = (tracks: MediaStreamTrack[]): Device => (tracks.length > 0 ? "on" : "none");
      this.#patch({ local: stream, microphone: has(stream.getAudioTracks()), camera: has(stream.getVideoTracks()) });
    }
    return stream;
  }

  async #attach(link: RTCPeerConnection, media: Media): Promise<void> {
    const local = await this.#local;
    if (link !== this.#link) {
      return;
    }
    for (const track of local?.getTracks() ?? []) {
      link.addTrack(track, local as MediaStream);
    }
    if (this.#offers) {
      for (const kind of media === "video" ? (["audio", "video"] as const) : (["audio"] as const)) {
        if (!local?.getTracks().some((track) => track.kind === kind)) {
          link.addTransceiver(kind, { direction: "recvonly" });
        }
      }
    }
  }

  #listen(link: RTCPeerConnection): void {
    const remote = new MediaStream();
    link.ontrack = ({ track }) => {
      remote.addTrack(track);
      this.#patch({ remote });
    };
    link.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== "") {
        this.#post({ candidate: candidate.toJSON() });
      }
    };
    link.onnegotiationneeded = () => {
      if (this.#offers) {
        this.#taking = this.#taking.then(() => this.#describe(link));
      }
    };
    link.onconnectionstatechange = () => this.#moved(link);
  }

  #moved(link: RTCPeerConnection): void {
    if (link !== this.#link) {
      return;
    }
    if (link.connectionState === "connected") {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.#patch({ link: "connected" });
      this.#tellDevices();
    } else if (link.connectionState === "disconnected" || link.connectionState === "failed") {
      this.#patch({ link: "interrupted" });
      this.#awaitLink();
      this.repair();
    }
  }

  #tellDevices(): void {
    const { microphone, camera, link } = this.view.get();
    if (link === "connected") {
      this.#post({ devices: { microphone: microphone === "on", camera: camera === "on" } });
    }
  }

  #awaitLink(): void {
    this.#lostTimer ??= setTimeout(this.#lost, LOST_AFTER_MS);
  }

  async #take(link: RTCPeerConnection, signal: Signal): Promise<void> {
    if (link !== this.#link) {
      return;
    }
    try {
      if ("devices" in signal) {
        this.#patch({ theirs: signal.devices });
      } else if ("candidate" in signal) {
        await link.addIceCandidate(signal.candidate);
      } else {
        await link.setRemoteDescription(signal.description);
        if (signal.description.type === "offer") {
          await this.#describe(link);
        }
      }
    } catch (thrown) {
      // What the other page sent may be nonsense; without media the call ends by itself.
      console.warn("a signal could not be taken over", thrown);
    }
  }

  async #describe(link: RTCPeerConnection): Promise<void> {
    if (link === this.#link) {
      await link.setLocalDescription();
      const { type, sdp } = link.localDescription as RTCSessionDescription;
      if (type === "offer" || type === "answer") {
        this.#post({ description: { type, sdp } });
      }
    }
  }

  /** Candidates come in bursts: whatever has gathered while a message was on its way goes out with the next one. */
  #post(signal: Signal): void {
    this.#outbox.push(signal);
    if (!this.#sending) {
      void this.#empty();
    }
  }

  async #empty(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0) {
      try {
        await this.#send(this.#outbox.splice(0, BATCH));
      } catch (thrown) {
        // The way is tried again when the connection is back.
        console.warn("a signal could not be sent", thrown);
      }
    }
    this.#sending = false;
  }

  #patch(change: Partial<MediaView>): void {
    this.view.update((view) => ({ ...view, ...change }));
  }
}

/** Signals in one message: a description has about 8 KiB, a candidate 200 bytes; a message takes 16 KiB. */
const BATCH = 20;

async function wish(constraints: MediaStreamConstraints): Promise<MediaStream | undefined> {
  try {
    // Absent where the page does not come over https or from this very machine.
    return await navigator.mediaDevices?.getUserMedia(constraints);
  } catch {
    return undefined;
  }
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }
}
