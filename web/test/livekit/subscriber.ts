import { SessionDescription, TrackType } from "@livekit/protocol";
import { MediaStreamTrack, type RTCIceCandidateInit, type RTCRtpTransceiver } from "werift";
import { connection } from "./connection.js";
import type { Message } from "./participant.js";
import type { Published } from "./publisher.js";

interface Sent {
  readonly transceiver: RTCRtpTransceiver;
  readonly published: Published;
  readonly end: () => void;
  enabled: boolean;
}

/** The connection over which a participant is sent what others publish. The server makes the offers. */
export class Subscriber {
  readonly #connection = connection("subscribing");
  readonly #says: (message: Message) => void;
  /** By the sid of what is sent. */
  readonly #sent = new Map<string, Sent>();
  #offers = 0;
  #ended = false;
  /** An offer is out; `again`: what it says is out of date. */
  #offered: "no" | "out" | "again" = "no";

  constructor(says: (message: Message) => void) {
    this.#says = says;
  }

  /** Makes the connection, before there is anything to send. */
  greets(): void {
    // Clients wait for the two channels for data, which this stand-in leaves silent.
    this.#connection.createDataChannel("_reliable");
    this.#connection.createDataChannel("_lossy", { ordered: false, maxRetransmits: 0 });
    this.#offer();
  }

  /** How many sounds or pictures this participant is sent, and takes now. */
  sent(kind: "audio" | "video"): number {
    return [...this.#sent.values()].filter(({ enabled, transceiver }) => enabled && transceiver.kind === kind).length;
  }

  /** Sends what somebody publishes. */
  add(publisherSid: string, published: Published): void {
    const { sid, type } = published.info;
    if (this.#sent.has(sid)) {
      return;
    }
    const kind = type === TrackType.AUDIO ? "audio" : "video";
    const track = new MediaStreamTrack({ kind });
    const transceiver = this.#connection.addTransceiver(track, { direction: "sendonly" });
    // Clients know by the name of the stream whose it is.
    transceiver.sender.streamId = `${publisherSid}|${sid}`;
    transceiver.sender.onPictureLossIndication.subscribe(() => published.refresh());
    const sent: Sent = {
      transceiver,
      published,
      enabled: true,
      end: published.listen((packet) => sent.enabled && track.writeRtp(packet)),
    };
    this.#sent.set(sid, sent);
    this.#offer();
  }

  /** Sends it no more. Its place in the description stays, and stays empty. */
  remove(trackSids: readonly string[]): void {
    for (const sid of trackSids) {
      this.#sent.get(sid)?.end();
      this.#sent.delete(sid);
    }
  }

  /** Goes on sending these, or pauses. */
  enables(trackSids: readonly string[], enabled: boolean): void {
    for (const sid of trackSids) {
      const sent = this.#sent.get(sid);
      if (sent !== undefined && sent.enabled !== enabled) {
        sent.enabled = enabled;
        sent.published.refresh();
      }
    }
  }

  async takesAnswer({ sdp, id }: SessionDescription): Promise<void> {
    if (id !== 0 && id !== this.#offers) {
      return;
    }
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
    for (const { published } of this.#sent.values()) {
      published.refresh();
    }
    const again = this.#offered === "again";
    this.#offered = "no";
    if (again) {
      this.#offer();
    }
  }

  async takesCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    await this.#connection.addIceCandidate(candidate);
  }

  async end(): Promise<void> {
    this.#ended = true;
    for (const { end } of this.#sent.values()) {
      end();
    }
    await this.#connection.close();
  }

  #offer(): void {
    if (this.#offered !== "no") {
      this.#offered = "again";
      return;
    }
    this.#offered = "out";
    void this.#makesOffer().catch((thrown: unknown) => console.error("LiveKit:", thrown));
  }

  async #makesOffer(): Promise<void> {
    // What changes in this moment is in the same offer.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#ended) {
      return;
    }
    this.#offered = "out";
    this.#offers += 1;
    const id = this.#offers;
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    const sdp = this.#connection.localDescription?.sdp ?? "";
    this.#says({ case: "offer", value: new SessionDescription({ type: "offer", sdp, id }) });
  }
}
