import type { DevicesOn, Signal } from "../session/payload.js";
import { Store } from "../session/store.js";
import { AWAY_MS, type LinkView, LOST_AFTER_MS, type TrackKind } from "./transport.js";
import { levelOf } from "./voices.js";

export interface LinkParts {
  readonly iceServers: RTCIceServer[];
  /** Whether this side makes the offers; it also restarts a broken connection. */
  readonly offers: boolean;
  /** What is sent and received: one track of each, at most. */
  readonly kinds: readonly TrackKind[];
  readonly local: Promise<MediaStream>;
  /** What is sent in the place of the camera's picture. */
  readonly screen: () => MediaStreamTrack | undefined;
  readonly devices: () => DevicesOn;
  readonly send: (signals: Signal[]) => Promise<unknown>;
  /** Called when there were no media for too long. */
  readonly lost: () => void;
}

/** A connection between two browsers, and the signals that make it. */
export class PeerLink {
  readonly view = new Store<LinkView>({ state: "connecting" });
  readonly #parts: LinkParts;
  readonly #connection: RTCPeerConnection;
  #outbox: Signal[] = [];
  #sending = false;
  #closed = false;
  /** Applies signals one after the other, because a candidate needs its description first. */
  #taking: Promise<unknown>;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  /** What goes out in the place of the first track of each kind: also before the other side has offered a place for it. */
  readonly #replaced = new Map<string, MediaStreamTrack | null>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#connection = new RTCPeerConnection({ iceServers: parts.iceServers });
    this.#listen();
    this.#awaitMedia();
    this.#taking = this.#attach();
  }

  /** Applies signals of the other browser. */
  take(signals: readonly Signal[]): void {
    this.#taking = signals.reduce((before, signal) => before.then(() => this.#take(signal)), this.#taking);
  }

  /** Restarts an interrupted connection; for use when the network is back. */
  repair(): void {
    if (this.#parts.offers && this.view.get().state === "interrupted") {
      this.#connection.restartIce();
    }
  }

  /** Sends this track in the place of the one of its kind; null for nothing. */
  async replace(kind: string, track: MediaStreamTrack | null): Promise<void> {
    this.#replaced.set(kind, track);
    const transceivers = this.#connection.getTransceivers();
    await transceivers.find(({ receiver }) => receiver.track.kind === kind)?.sender.replaceTrack(track);
  }

  /** How loud they are now, 0 to 1, as their browser says in the packets that came last. */
  level(): number {
    return levelOf(this.#connection.getReceivers().find(({ track }) => track.kind === "audio"));
  }

  /** They have left their page. Another one may come in its place; this link ends when none does. */
  leaves(): void {
    this.#patch({ state: "away" });
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(this.#parts.lost, AWAY_MS);
  }

  /** Tells the other side which devices are on. */
  tellDevices(): void {
    if (this.view.get().state === "connected") {
      this.#post({ devices: this.#parts.devices() });
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#lostTimer);
    this.#connection.close();
    this.#outbox = [];
  }

  async #attach(): Promise<void> {
    const local = await this.#parts.local;
    if (this.#closed) {
      return;
    }
    for (const kind of this.#parts.kinds) {
      const track = this.#trackOf(kind, local);
      if (track !== undefined) {
        this.#connection.addTrack(track, local);
      } else if (this.#parts.offers) {
        // In both directions, so that a camera that is switched on later, in a voice call too, needs no new offer.
        this.#connection.addTransceiver(kind);
      }
    }
  }

  #trackOf(kind: TrackKind, local: MediaStream): MediaStreamTrack | undefined {
    if (this.#replaced.has(kind)) {
      return this.#replaced.get(kind) ?? undefined;
    }
    const screen = kind === "video" ? this.#parts.screen() : undefined;
    return screen ?? local.getTracks().find((track) => track.kind === kind);
  }

  #listen(): void {
    const connection = this.#connection;
    const remote = new MediaStream();
    connection.ontrack = ({ track }) => {
      const arrives = () => {
        remote.addTrack(track);
        this.#patch({ remote });
      };
      // Chromium plays nothing of a stream with a picture before the first picture, and in a voice call none comes.
      if (track.kind === "video" && track.muted) {
        track.onunmute = arrives;
      } else {
        arrives();
      }
    };
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== "") {
        this.#post({ candidate: candidate.toJSON() });
      }
    };
    connection.onnegotiationneeded = () => {
      if (this.#parts.offers) {
        this.#taking = this.#taking.then(() => this.#describe());
      }
    };
    connection.onconnectionstatechange = () => this.#moved();
  }

  #moved(): void {
    const { connectionState } = this.#connection;
    if (connectionState === "connected") {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.#patch({ state: "connected" });
      this.tellDevices();
    } else if (this.view.get().state !== "away" && (connectionState === "disconnected" || connectionState === "failed")) {
      this.#patch({ state: "interrupted" });
      this.#awaitMedia();
      this.repair();
    }
  }

  #awaitMedia(): void {
    this.#lostTimer ??= setTimeout(this.#parts.lost, LOST_AFTER_MS);
  }

  async #take(signal: Signal): Promise<void> {
    if (this.#closed) {
      return;
    }
    try {
      if ("devices" in signal) {
        this.#patch({ theirs: signal.devices });
      } else if ("page" in signal) {
        this.leaves();
      } else if ("candidate" in signal) {
        await this.#connection.addIceCandidate(signal.candidate);
      } else {
        await this.#describedAs(signal.description);
      }
    } catch (thrown) {
      // The other page may send invalid signals; a call without media ends by itself.
      console.warn("a signal could not be applied", thrown);
    }
  }

  async #describedAs(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#connection.setRemoteDescription(description);
    if (description.type === "offer") {
      for (const transceiver of this.#connection.getTransceivers()) {
        transceiver.direction = "sendrecv";
        const { kind } = transceiver.receiver.track;
        // The camera may have been switched on before there was a place for its picture.
        await transceiver.sender.replaceTrack(this.#replaced.get(kind) ?? transceiver.sender.track);
      }
      await this.#describe();
    }
  }

  async #describe(): Promise<void> {
    if (this.#closed) {
      return;
    }
    await this.#connection.setLocalDescription();
    const { type, sdp } = this.#connection.localDescription as RTCSessionDescription;
    if (type === "offer" || type === "answer") {
      this.#post({ description: { type, sdp } });
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
        await this.#parts.send(this.#outbox.splice(0, BATCH));
      } catch (thrown) {
        // The connection between the browsers is restarted when the server is reachable again.
        console.warn("a signal could not be sent", thrown);
      }
    }
    this.#sending = false;
  }

  #patch(change: Partial<LinkView>): void {
    if (!this.#closed) {
      this.view.update((view) => ({ ...view, ...change }));
    }
  }
}

/** How long signals gather before they are sent, ms: at most ten commands a second, half of what the server grants a user. */
const GATHER_MS = 100;

/** The most signals in one message, which may have 16 KiB: a description has about 8 KiB, a candidate 200 bytes. */
const BATCH = 20;
