import type { MediaAccess } from "@wigwag/sdk";
import type { DevicesOn, Media, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";

/** The state of a camera or microphone; `none` when it is missing or the user did not allow it. */
export type Device = "on" | "off" | "none";

export interface MediaView {
  readonly local?: MediaStream;
  readonly remote?: MediaStream;
  readonly microphone: Device;
  readonly camera: Device;
  /** The devices of the other side; undefined until it has sent them. */
  readonly theirs?: DevicesOn;
  /** The state of the connection to the other browser. */
  readonly link: "none" | "connecting" | "connected" | "interrupted";
}

/** How long a call goes on without media, ms: as long as people wait before they say "hello?" for the third time. */
const LOST_AFTER_MS = 20_000;

const NOTHING: MediaView = { microphone: "none", camera: "none", link: "none" };

/** The microphone, the camera and the connection between the browsers, for one call at a time. */
export class CallMedia {
  readonly view = new Store<MediaView>(NOTHING);
  /** Servers for a call whose entry names none. */
  readonly #usual: RTCIceServer[];
  #iceServers: RTCIceServer[];
  readonly #send: (signals: Signal[]) => Promise<unknown>;
  readonly #lost: () => void;
  #local: Promise<MediaStream | undefined> | undefined;
  #link: RTCPeerConnection | undefined;
  #offers = false;
  #outbox: Signal[] = [];
  #sending = false;
  /** Applies signals one after the other, because a candidate needs its description first. */
  #taking: Promise<unknown> = Promise.resolve();
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  /** `stun`: servers that tell a browser behind a router its public address. */
  constructor(stun: readonly string[], send: (signals: Signal[]) => Promise<unknown>, lost: () => void) {
    this.#usual = stun.map((urls) => ({ urls }));
    this.#iceServers = this.#usual;
    this.#send = send;
    this.#lost = lost;
  }

  /** Opens the microphone and, for video, the camera. The call goes on without a device that is missing. */
  openDevices(media: Media): void {
    this.#local ??= this.#acquire(media);
  }

  /** The server told how the next connection reaches the other browser. */
  reaches(access: MediaAccess | undefined): void {
    this.#iceServers = iceServersIn(access) ?? this.#usual;
  }

  /** Connects to the other browser. The side that `offers` also restarts a broken connection. */
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

  /** Applies signals of the other browser. */
  take(signals: readonly Signal[]): void {
    const link = this.#link;
    if (link !== undefined) {
      this.#taking = signals.reduce((before, signal) => before.then(() => this.#take(link, signal)), this.#taking);
    }
  }

  /** Restarts an interrupted connection; for use when the network is back. */
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

  /** Closes the connection and releases the devices. */
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
      // The other page may send invalid signals; a call without media ends by itself.
      console.warn("a signal could not be applied", thrown);
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

  /** Queues a signal. Candidates come in bursts, so those that gather for a moment go out together. */
  #post(signal: Signal): void {
    this.#outbox.push(signal);
    if (!this.#sending) {
      void this.#empty();
    }
  }

  async #empty(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      try {
        await this.#send(this.#outbox.splice(0, BATCH));
      } catch (thrown) {
        // The connection between the browsers is restarted when the server is reachable again.
        console.warn("a signal could not be sent", thrown);
      }
    }
    this.#sending = false;
  }

  #patch(change: Partial<MediaView>): void {
    this.view.update((view) => ({ ...view, ...change }));
  }
}

/** How long signals gather before they are sent, ms: at most ten commands a second, half of what the server grants a user. */
const GATHER_MS = 100;

/** The most signals in one message, which may have 16 KiB: a description has about 8 KiB, a candidate 200 bytes. */
const BATCH = 20;

/** The ICE servers that the server named; undefined when it named none. */
function iceServersIn(access: MediaAccess | undefined): RTCIceServer[] | undefined {
  const { iceServers } = (access ?? {}) as { iceServers?: RTCIceServer[] };
  return iceServers?.length ? iceServers : undefined;
}

async function wish(constraints: MediaStreamConstraints): Promise<MediaStream | undefined> {
  try {
    // Browsers offer devices only to pages from https or from the same machine.
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
