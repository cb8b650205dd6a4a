import type { MediaAccess } from "@wigwag/sdk";
import type { RemoteParticipant, RemoteTrackPublication, Room } from "livekit-client";
import type { Signal } from "../../session/payload.js";
import { Store } from "../../session/store.js";
import type { Other } from "../people.js";
import {
  AWAY_MS,
  type LinkView,
  LOST_AFTER_MS,
  type TrackKind,
  type Transport,
  type TransportParts,
  type TransportView,
} from "../transport.js";
import { levelOf } from "../voices.js";
import { Received } from "./received.js";
import { publishes } from "./sent.js";

/** How long a page waits before it tries to reach LiveKit again, ms: longer after each failure. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000];

/** How long LiveKit's client tries by itself to mend a connection, ms; then the page asks its server for a fresh token. */
const MENDS_MS = 3_000;

/** How long one attempt to reach LiveKit may take, ms, until the signaling and then until the media flow. */
const ATTEMPT_MS = 5_000;

/** Whoever stays in the room for so long, ms, was not thrown out of it for something that would happen again at once. */
const STEADY_MS = 5_000;

/** LiveKit's reason for the end when another device has come in as the same user. */
const DUPLICATE_IDENTITY = 2;

/** Up to so many pictures are shown well; more are small on any screen. */
const SHOWN_WELL = 4;

/**
 * The room of a call on a LiveKit server: this page sends once, whatever number of people is there, and is sent what the others publish.
 * It stays in the room until it is closed: when it cannot be reached, or has thrown this page out, it is entered again with fresh access.
 */
export class LiveKit implements Transport {
  readonly view = new Store<TransportView>({ reach: "connecting", links: new Map() });
  readonly #parts: TransportParts;
  /** What the server said, until it has been used. */
  #access: MediaAccess | undefined;
  #room: Room | undefined;
  #reach: TransportView["reach"] = "connecting";
  #staying = false;
  #closed = false;
  #others: readonly Other[] = [];
  /** By identity, which is the userID. */
  readonly #received = new Map<string, Received>();
  readonly #replaced = new Map<TrackKind, MediaStreamTrack | null>();
  readonly #played = new Map<TrackKind, readonly string[]>();
  /** Publishes one change after the other. */
  #publishing: Promise<void> = Promise.resolve();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #tryNow: () => void = () => undefined;

  constructor(access: MediaAccess | undefined, parts: TransportParts) {
    this.#access = access;
    this.#parts = parts;
  }

  meets(others: readonly Other[]): void {
    this.#others = others;
    if (others.length > 0 && !this.#staying) {
      this.#staying = true;
      void this.#stays();
    }
    this.#show();
  }

  /** Who is there, and what they have on, LiveKit tells. */
  take(_userID: string, _signals: readonly Signal[]): void {}

  async replace(kind: TrackKind, track: MediaStreamTrack | null): Promise<void> {
    this.#replaced.set(kind, track);
    await this.#publishes();
  }

  tellDevices(): void {
    void this.#publishes();
  }

  plays(kind: TrackKind, userIDs: readonly string[]): void {
    this.#played.set(kind, userIDs);
    this.#asksFor();
  }

  level(userID: string): number {
    const publications = [...(this.#room?.remoteParticipants.get(userID)?.audioTrackPublications.values() ?? [])];
    return Math.max(
      0,
      ...publications.map(({ track }) => levelOf((track as { receiver?: RTCRtpReceiver } | undefined)?.receiver)),
    );
  }

  repair(): void {
    this.#tryNow();
  }

  /** LiveKit waits for somebody whose page has gone without a word, and whoever comes in again takes their own place. */
  leaves(): void {}

  async returns(): Promise<void> {}

  close(): void {
    this.#closed = true;
    this.#others = [];
    clearTimeout(this.#silence);
    this.#tryNow();
    void this.#leavesRoom();
  }

  async #stays(): Promise<void> {
    for (let failures = 0; !this.#closed; ) {
      let isElsewhere = false;
      try {
        const { ended } = await this.#enters();
        const since = performance.now();
        this.#reaches("open");
        isElsewhere = (await ended) === DUPLICATE_IDENTITY;
        failures = performance.now() - since < STEADY_MS ? failures + 1 : 0;
      } catch (thrown) {
        console.warn("LiveKit cannot be reached", thrown);
        failures += 1;
      }
      if (!this.#closed) {
        this.#reaches(failures === 0 ? "connecting" : "unreachable");
        await this.#pauses(isElsewhere ? undefined : failures);
      }
    }
  }

  /** Comes into the room. `ended` resolves when this page is in it no more, with LiveKit's reason. */
  async #enters(): Promise<{ ended: Promise<number | undefined> }> {
    await this.#leavesRoom();
    const [{ Room }, access] = await Promise.all([import("livekit-client"), this.#access ?? this.#parts.access()]);
    this.#access = undefined;
    const { liveURL = "", token = "" } = access ?? {};
    const room = new Room({
      // Two connections, one for each direction, as every LiveKit server knows them.
      singlePeerConnection: false,
      dynacast: true,
      // A page that is loaded again takes its place; whoever hangs up says so.
      disconnectOnPageLeave: false,
      stopLocalTrackOnUnpublish: false,
      reconnectPolicy: { nextRetryDelayInMs: ({ elapsedMs }) => (elapsedMs < MENDS_MS ? 500 : null) },
    });
    const ended = new Promise<number | undefined>((resolve) => room.once("disconnected", resolve));
    this.#listens(room);
    const limits = { websocketTimeout: ATTEMPT_MS, peerConnectionTimeout: ATTEMPT_MS, maxRetries: 0 };
    this.#room = room;
    await room.connect(liveURL, token, limits);
    void this.#publishes();
    this.#asksFor();
    return { ended };
  }

  async #leavesRoom(): Promise<void> {
    const room = this.#room;
    this.#room = undefined;
    for (const received of this.#received.values()) {
      received.end();
    }
    this.#received.clear();
    await room?.disconnect(false).catch(() => undefined);
  }

  #listens(room: Room): void {
    const show = () => this.#room === room && this.#show();
    const asks = () => {
      this.#asksFor();
      show();
    };
    room
      .on("trackSubscribed", asks)
      .on("trackPublished", asks)
      .on("trackUnsubscribed", show)
      .on("trackUnpublished", show)
      .on("trackMuted", show)
      .on("trackUnmuted", show)
      .on("participantConnected", show)
      .on("participantDisconnected", show)
      .on("connectionQualityChanged", show)
      .on("reconnecting", () => this.#room === room && this.#reaches("connecting"))
      .on("signalReconnecting", () => this.#room === room && this.#reaches("connecting"))
      .on("reconnected", () => this.#room === room && this.#reaches("open"));
  }

  /** Waits before the next attempt, or, without `failures`, until the user wants one: another device of theirs has the room. */
  async #pauses(failures: number | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer =
        failures === undefined ? undefined : setTimeout(resolve, PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1] ?? 0);
      this.#tryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #reaches(reach: TransportView["reach"]): void {
    this.#reach = reach;
    this.#show();
  }

  #publishes(): Promise<void> {
    this.#publishing = this.#publishing
      .then(async () => {
        const room = this.#room;
        if (room?.state === "connected") {
          await publishes(room, await this.#outgoing());
        }
      })
      // It is published when the room is entered again.
      .catch((thrown: unknown) => console.warn("a track could not be published", thrown));
    return this.#publishing;
  }

  async #outgoing() {
    const local = await this.#parts.local();
    const own = (kind: TrackKind) => {
      const put = this.#replaced.get(kind);
      const opened = local.getTracks().find((track) => track.kind === kind);
      return this.#parts.kinds.includes(kind) ? (put === undefined ? opened : (put ?? undefined)) : undefined;
    };
    const screen = this.#parts.screen();
    const video = own("video");
    const camera = video === screen ? local.getVideoTracks()[0] : video;
    return { microphone: own("audio"), camera, screen, on: this.#parts.devices() };
  }

  /** Lets LiveKit send what the page plays, pictures as well as it shows them. */
  #asksFor(): void {
    for (const participant of this.#room?.remoteParticipants.values() ?? []) {
      for (const publication of participant.trackPublications.values()) {
        this.#asksForOne(participant, publication);
      }
    }
  }

  #asksForOne({ identity }: RemoteParticipant, publication: RemoteTrackPublication): void {
    const kind = publication.kind as string as TrackKind;
    const played = this.#played.get(kind);
    publication.setEnabled(played?.includes(identity) ?? true);
    if (kind === "video" && (publication.source as string) === "camera") {
      publication.setVideoQuality((played ?? this.#others).length > SHOWN_WELL ? LOW : HIGH);
    }
  }

  #show(): void {
    if (this.#closed) {
      return;
    }
    const links = new Map(this.#others.map(({ userID }) => [userID, this.#linkOf(userID)] as const));
    for (const [userID, received] of this.#received) {
      if (this.#room?.remoteParticipants.has(userID) !== true) {
        received.end();
        this.#received.delete(userID);
      }
    }
    this.view.set({ reach: this.#reach, links });
    this.#minds([...links.values()]);
  }

  #linkOf(userID: string): LinkView {
    const participant = this.#room?.remoteParticipants.get(userID);
    if (participant === undefined) {
      // Somebody who was there before has left the room, and not the call.
      const before = this.view.get().links.get(userID)?.state ?? "connecting";
      return { state: before === "connecting" ? "connecting" : "away" };
    }
    const received = this.#received.get(userID) ?? new Received(() => this.#show());
    this.#received.set(userID, received);
    return received.view(participant, this.#reach === "open");
  }

  /** Gives the call up when nobody else comes into the room. While this page cannot reach it itself, the user is told so. */
  #minds(links: readonly LinkView[]): void {
    const alone =
      this.#reach === "open" && links.length > 0 && links.every(({ state }) => state === "connecting" || state === "away");
    const away = links.every(({ state }) => state === "away");
    if (!alone) {
      clearTimeout(this.#silence);
      this.#silence = undefined;
    } else {
      this.#silence ??= setTimeout(() => this.#parts.lost(away), away ? AWAY_MS : LOST_AFTER_MS);
    }
  }
}

/** Of LiveKit's three qualities. */
const LOW = 0;
const HIGH = 2;
