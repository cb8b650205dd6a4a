import type { MediaAccess } from "@wigwag/sdk";
import type { DevicesOn, Media, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";
import { rememberCall } from "./chosen.js";
import { type Kind, kindsOf, obtain, type Troubles } from "./devices.js";

/** The state of a camera or microphone; `none` when it is missing or the user did not allow it. */
export type Device = "on" | "off" | "none";

export interface MediaView {
  readonly local?: MediaStream;
  readonly remote?: MediaStream;
  readonly microphone: Device;
  readonly camera: Device;
  /** Why a device that the call needs is missing. */
  readonly troubles: Troubles;
  /** The devices of the other side; undefined until it has sent them. */
  readonly theirs?: DevicesOn;
  /** The state of the connection to the other browser. */
  readonly link: "none" | "connecting" | "connected" | "interrupted";
}

/** How long a call goes on without media, ms: as long as people wait before they say "hello?" for the third time. */
const LOST_AFTER_MS = 20_000;

const NOTHING: MediaView = { microphone: "none", camera: "none", troubles: {}, link: "none" };

/** The microphone, the camera and the connection between the browsers, for one call at a time. */
export class CallMedia {
  readonly view = new Store<MediaView>(NOTHING);
  /** Servers for a call whose entry names none. */
  readonly #usual: RTCIceServer[];
  #iceServers: RTCIceServer[];
  readonly #send: (signals: Signal[]) => Promise<unknown>;
  readonly #lost: () => void;
  #local: Promise<MediaStream> | undefined;
  #trying = false;
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

  /** Opens the microphone and, for video, the camera. The call goes on without a device that is missing, and says so. */
  openDevices(media: Media): void {
    if (this.#local === undefined) {
      rememberCall();
      this.#local = this.#acquire(media);
    }
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

  /** Opens the devices that are missing once more. What it gets goes into the call that is going on. */
  async retry(): Promise<void> {
    const opened = this.#local;
    if (opened === undefined || this.#trying) {
      return;
    }
    this.#trying = true;
    const local = await opened;
    const missing = Object.keys(this.view.get().troubles) as Kind[];
    const { tracks, troubles } = await obtain(navigator.mediaDevices, missing);
    this.#trying = false;
    if (opened !== this.#local) {
      stop(tracks);
      return;
    }
    for (const track of tracks) {
      local.addTrack(track);
      await this.#senderFor(track.kind)?.replaceTrack(track);
    }
    this.#shows(local, troubles);
  }

  /** Goes on with another device of this kind: the one that the user has chosen. */
  async change(kind: Kind): Promise<void> {
    const opened = this.#local;
    const local = await opened;
    const { tracks, troubles } = await obtain(navigator.mediaDevices, [kind]);
    const [track] = tracks;
    if (local === undefined || opened !== this.#local || track === undefined) {
      stop(tracks);
      return;
    }
    const before = local.getTracks().filter((old) => old.kind === track.kind);
    track.enabled = before.every(({ enabled }) => enabled);
    await this.#senderFor(track.kind)?.replaceTrack(track);
    const stream = new MediaStream([...local.getTracks().filter((old) => !before.includes(old)), track]);
    stop(before);
    this.#local = Promise.resolve(stream);
    this.#shows(stream, { ...without(this.view.get().troubles, kind), ...troubles });
  }

  toggle(device: Kind): void {
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
    void this.#local?.then((local) => stop(local.getTracks()));
    this.#local = undefined;
    this.view.set(NOTHING);
  }

  async #acquire(media: Media): Promise<MediaStream> {
    const { tracks, troubles } = await obtain(navigator.mediaDevices, kindsOf(media));
    const stream = new MediaStream([...tracks]);
    if (this.#local !== undefined) {
      this.#shows(stream, troubles);
    }
    return stream;
  }

  #shows(local: MediaStream, troubles: Troubles): void {
    const has = (tracks: MediaStreamTrack[]): Device => (tracks.length === 0 ? "none" : tracks[0]?.enabled ? "on" : "off");
    this.#patch({ local, microphone: has(local.getAudioTracks()), camera: has(local.getVideoTracks()), troubles });
    for (const track of local.getTracks()) {
      track.onended = () => this.#gone(local, track);
    }
    this.#tellDevices();
  }

  /** The device was unplugged, or the user has withdrawn it. */
  #gone(local: MediaStream, track: MediaStreamTrack): void {
    local.removeTrack(track);
    if (this.view.get().local === local) {
      const { troubles } = this.view.get();
      this.#shows(local, { ...troubles, [track.kind === "audio" ? "microphone" : "camera"]: "absent" });
    }
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
          // In both directions, so that a device that is found later needs no new offer.
          link.addTransceiver(kind);
        }
      }
    }
  }

  #senderFor(kind: string): RTCRtpSender | undefined {
    return this.#link?.getTransceivers().find(({ receiver }) => receiver.track.kind === kind)?.sender;
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
    const { microphone, camera, troubles, link } = this.view.get();
    if (link === "connected") {
      const missing = Object.keys(troubles) as Kind[];
      this.#post({ devices: { microphone: microphone === "on", camera: camera === "on", missing } });
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
          for (const transceiver of link.getTransceivers()) {
            transceiver.direction = "sendrecv";
          }
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

function without(troubles: Troubles, kind: Kind): Troubles {
  const { [kind]: _, ...others } = troubles;
  return others;
}

function stop(tracks: readonly MediaStreamTrack[]): void {
  for (const track of tracks) {
    track.stop();
  }
}
