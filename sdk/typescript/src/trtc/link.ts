import type { Report } from "./figures.js";
import { type DevicesOn, nextBatch, type Signal } from "./signals.js";

/** The kinds of media that go over a link: one track of each, both ways. */
export type Kind = "audio" | "video";

/** What a link asks of the room, and tells it. */
export interface LinkPort {
  /** Carries signals to the other side. */
  send(signals: readonly Signal[]): Promise<unknown>;
  received(track: MediaStreamTrack): void;
  switched(on: DevicesOn): void;
  moved(state: RTCPeerConnectionState): void;
}

/** How long candidates gather before they are sent, ms: at most ten commands a second, half of what the server grants a user. */
const GATHER_MS = 100;
/** Signals that wait to be applied: a browser has some 20 candidates, and the other side may send anything. */
const MOST_WAITING = 256;
/** After a refusal that names no time. */
const PAUSE_MS = 1_000;

/**
 * The connection to one other in the room. Both kinds of media are negotiated once, at the beginning, whether or not there is a track yet:
 * switching a camera on later replaces a track and needs no further offer.
 */
export class Link {
  readonly #port: LinkPort;
  readonly #offers: boolean;
  readonly #tracks: Record<Kind, MediaStreamTrack | null> = { audio: null, video: null };
  readonly #senders: Partial<Record<Kind, RTCRtpSender>> = {};
  readonly #outbox: Signal[] = [];
  #sending = false;
  readonly #peer: RTCPeerConnection;
  #closed = false;
  /** Signals are applied one after the other, because a candidate needs its description. */
  #taking: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(offers: boolean, iceServers: RTCIceServer[], port: LinkPort) {
    this.#offers = offers;
    this.#port = port;
    this.#peer = this.#open(iceServers);
  }

  /** Sends a track from now on; null sends nothing. */
  replace(kind: Kind, track: MediaStreamTrack | null): void {
    this.#tracks[kind] = track;
    this.#senders[kind]?.replaceTrack(track).catch(() => {
      // The sender was closed meanwhile.
    });
  }

  /** Tells the other side which devices are on. */
  tell(devices: DevicesOn): void {
    this.#post({ devices });
  }

  /** Applies signals of the other side. */
  take(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (this.#waiting < MOST_WAITING) {
        this.#waiting += 1;
        this.#then(() => this.#apply(signal)).finally(() => {
          this.#waiting -= 1;
        });
      }
    }
  }

  /** The server can be reached again: what was lost on the way is sent once more. */
  repair(): void {
    const peer = this.#peer;
    if (!this.#offers || peer.connectionState === "connected") {
      return;
    }
    if (peer.signalingState === "have-local-offer") {
      this.#postDescription(peer);
    } else {
      peer.restartIce();
    }
  }

  /** What the browser counts. */
  async report(): Promise<Report> {
    return (await this.#peer.getStats()) as unknown as Report;
  }

  close(): void {
    this.#closed = true;
    this.#outbox.length = 0;
    this.#peer.close();
  }

  #open(iceServers: RTCIceServer[]): RTCPeerConnection {
    const peer = new RTCPeerConnection({ iceServers });
    peer.ontrack = ({ track }) => this.#port.received(track);
    peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== "") {
        this.#post({ candidate: candidate.toJSON() });
      }
    };
    peer.onnegotiationneeded = () => {
      if (this.#offers) {
        void this.#then(() => this.#describe(peer));
      }
    };
    peer.onconnectionstatechange = () => this.#moved(peer);
    if (this.#offers) {
      this.#adopt(peer.addTransceiver("audio"), peer.addTransceiver("video"));
    }
    return peer;
  }

  #moved(peer: RTCPeerConnection): void {
    if (this.#closed) {
      return;
    }
    const state = peer.connectionState;
    this.#port.moved(state);
    if (this.#offers && (state === "disconnected" || state === "failed")) {
      peer.restartIce();
    }
  }

  async #apply(signal: Signal): Promise<void> {
    const peer = this.#peer;
    if (this.#closed) {
      return;
    }
    if ("devices" in signal) {
      this.#port.switched(signal.devices);
    } else if ("candidate" in signal) {
      await peer.addIceCandidate(signal.candidate);
    } else {
      await peer.setRemoteDescription(signal.description);
      if (signal.description.type === "offer") {
        this.#adopt(...peer.getTransceivers());
        await this.#describe(peer);
      }
    }
  }

  /** Takes the first transceiver of each kind for what this side sends. */
  #adopt(...transceivers: RTCRtpTransceiver[]): void {
    for (const transceiver of transceivers) {
      const kind = transceiver.receiver.track.kind as Kind;
      if (this.#senders[kind] === undefined) {
        transceiver.direction = "sendrecv";
        this.#senders[kind] = transceiver.sender;
        this.replace(kind, this.#tracks[kind]);
      }
    }
  }

  async #describe(peer: RTCPeerConnection): Promise<void> {
    await peer.setLocalDescription();
    this.#postDescription(peer);
  }

  #postDescription({ localDescription }: RTCPeerConnection): void {
    const { type, sdp } = localDescription ?? {};
    if ((type === "offer" || type === "answer") && sdp !== undefined) {
      this.#post({ description: { type, sdp } });
    }
  }

  /** After what is being applied. The other side may send what cannot be; then there is no picture, and nothing worse. */
  #then(step: () => unknown): Promise<unknown> {
    this.#taking = this.#taking.then(step).catch((thrown) => console.warn("a signal could not be applied:", thrown));
    return this.#taking;
  }

  #post(signal: Signal): void {
    if (!this.#closed) {
      this.#outbox.push(signal);
      if (!this.#sending) {
        void this.#empty();
      }
    }
  }

  async #empty(): Promise<void> {
    this.#sending = true;
    while (this.#outbox.length > 0) {
      if (!this.#outbox.some((signal) => "description" in signal)) {
        await pause(GATHER_MS);
      }
      const batch = nextBatch(this.#outbox);
      try {
        await this.#port.send(batch);
      } catch (thrown) {
        await this.#refused(batch, (thrown as { reason?: unknown; retryAfterMs?: number } | undefined) ?? {});
      }
    }
    this.#sending = false;
  }

  /** What came too fast is sent later. What was lost with the connection is made again when it is back (`repair`). */
  async #refused(batch: readonly Signal[], { reason, retryAfterMs = PAUSE_MS }: { reason?: unknown; retryAfterMs?: number }) {
    if (reason === "rateLimited" && !this.#closed) {
      await pause(retryAfterMs);
      this.#outbox.unshift(...batch);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
