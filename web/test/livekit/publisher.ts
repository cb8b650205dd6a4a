import { randomUUID } from "node:crypto";
import {
  type AddTrackRequest,
  SessionDescription,
  SubscribedCodec,
  SubscribedQuality,
  SubscribedQualityUpdate,
  TrackInfo,
  TrackPublishedResponse,
  TrackType,
  VideoQuality,
} from "@livekit/protocol";
import type { MediaStreamTrack, RTCIceCandidateInit, RTCRtpTransceiver, RtpPacket } from "werift";
import { connection, LEVELS } from "./connection.js";
import type { Message } from "./participant.js";
import { type Section, sectionsOf } from "./sdp.js";

/** Something that a participant publishes. */
export interface Published {
  readonly info: TrackInfo;
  /** Calls back with each packet. Returns the function that ends it. */
  readonly listen: (take: (packet: RtpPacket) => void) => () => void;
  /** Asks the publisher for a whole picture. */
  readonly refresh: () => void;
}

interface Listeners {
  readonly published: (published: Published) => void;
  readonly withdrawn: (trackSids: readonly string[]) => void;
}

/** The qualities of a picture, as clients name the layers; this stand-in forwards the first that comes. */
const LOWEST = "q";

/** The connection over which a participant sends. The client makes the offers. */
export class Publisher {
  /** By sid. */
  readonly published = new Map<string, Published>();
  readonly #connection = connection("publishing");
  readonly #says: (message: Message) => void;
  readonly #listeners: Listeners;
  /** Announced, and not in an offer yet: by the name that the client gave it. */
  readonly #announced = new Map<string, TrackInfo>();
  /** Which part of the description carries what, by its mid. */
  readonly #places = new Map<string, string>();

  constructor(says: (message: Message) => void, listeners: Listeners) {
    this.#says = says;
    this.#listeners = listeners;
  }

  /** The client is going to send something: it gets its sid. */
  announces({ cid, type, name, muted, source, width, height, layers, disableDtx }: AddTrackRequest): void {
    const mimeType = type === TrackType.AUDIO ? "audio/opus" : "video/VP8";
    const sid = `TR_${randomUUID().slice(0, 12)}`;
    const track = new TrackInfo({ sid, type, name, muted, source, width, height, layers, disableDtx, mimeType });
    this.#announced.set(cid, track);
    this.#says({ case: "trackPublished", value: new TrackPublishedResponse({ cid, track }) });
  }

  async takesOffer({ sdp, id }: SessionDescription): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "offer", sdp });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    const answer = this.#connection.localDescription?.sdp ?? "";
    this.#says({ case: "answer", value: new SessionDescription({ type: "answer", sdp: answer, id }) });
    for (const section of sectionsOf(sdp)) {
      this.#place(section);
    }
  }

  async takesCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    await this.#connection.addIceCandidate(candidate);
  }

  /** Whether it was not so before. */
  mutes(trackSid: string, muted: boolean): boolean {
    const info = this.published.get(trackSid)?.info ?? [...this.#announced.values()].find(({ sid }) => sid === trackSid);
    if (info === undefined || info.muted === muted) {
      return false;
    }
    info.muted = muted;
    return true;
  }

  async end(): Promise<void> {
    await this.#connection.close();
  }

  #place({ mid, sends, track, levels }: Section): void {
    const before = this.#places.get(mid);
    if (!sends && before !== undefined) {
      this.#places.delete(mid);
      this.published.delete(before);
      this.#listeners.withdrawn([before]);
      return;
    }
    const info = this.#announced.get(track ?? "");
    const transceiver = this.#connection.getTransceivers().find((one) => one.mid === mid);
    if (!sends || before !== undefined || info === undefined || transceiver === undefined) {
      return;
    }
    this.#announced.delete(track ?? "");
    this.#places.set(mid, info.sid);
    const published = received(info, transceiver, levels, () => this.#wantsTheLowest(info.sid));
    this.published.set(info.sid, published);
    this.#listeners.published(published);
  }

  /** The other qualities need not be encoded. */
  #wantsTheLowest(trackSid: string): void {
    const all = [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH];
    const qualities = all.map((quality) => new SubscribedQuality({ quality, enabled: quality === VideoQuality.LOW }));
    const subscribedCodecs = [new SubscribedCodec({ codec: "vp8", qualities })];
    this.#says({ case: "subscribedQualityUpdate", value: new SubscribedQualityUpdate({ trackSid, subscribedCodecs }) });
  }
}

/** What comes in one part of the description: one track, or one for each quality. `begins` is called with the first packet. */
function received(info: TrackInfo, { receiver }: RTCRtpTransceiver, levels: number | undefined, begins: () => void): Published {
  const takers = new Set<(packet: RtpPacket) => void>();
  const [track] = receiver.tracks.filter(({ rid }) => rid === undefined || rid === LOWEST);
  let ssrc: number | undefined;
  (track as MediaStreamTrack | undefined)?.onReceiveRtp.subscribe((packet) => {
    if (ssrc === undefined) {
      begins();
    }
    ssrc = packet.header.ssrc;
    // Their numbers mean something else on the connections of others, where how loud a packet is is all that is said.
    const loudness = packet.header.extensions.filter(({ id }) => id === levels);
    packet.header.extensions = loudness.map(({ payload }) => ({ id: LEVELS, payload }));
    for (const take of info.muted ? [] : takers) {
      take(packet);
    }
  });
  return {
    info,
    listen: (take) => {
      takers.add(take);
      return () => takers.delete(take);
    },
    refresh: () => {
      if (info.type === TrackType.VIDEO && ssrc !== undefined) {
        void receiver.sendRtcpPLI(ssrc);
      }
    },
  };
}
