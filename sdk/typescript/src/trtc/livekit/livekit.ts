import { now } from "../../now.js";
import type { MediaAccess, UserId } from "../../wire/index.js";
import type { Carrier, CarrierPort, Outgoing, Trouble } from "../carrier.js";
import type { Report, Snapshot } from "../figures.js";
import type { Other } from "../people.js";
import { type LiveKitClient, type LiveKitPublication, type LiveKitRoom, liveKitClient } from "./client.js";
import { Received, takenOf } from "./received.js";
import { Sent } from "./sent.js";

/** How long the page waits before it tries to reach LiveKit again, ms: longer after each failure. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000];

/** How long LiveKit's client tries by itself to mend a connection, ms; then the server is asked for a fresh token. */
const MENDS_MS = 3_000;

/** How long one attempt to reach LiveKit may take, ms, until the signaling and then until the media flow. */
const ATTEMPT_MS = 5_000;

/** Whoever stays in the room for so long, ms, was not thrown out of it for something that would happen again at once. */
const STEADY_MS = 5_000;

/** LiveKit's reason for the end when another device has come in as the same user. */
const DUPLICATE_IDENTITY = 2;

/** LiveKit's reason why an attempt failed when it does not take the token. */
const NOT_ALLOWED = 0;

/** Up to so many pictures are shown well; more are small on any screen. */
const SHOWN_WELL = 4;

/** Of LiveKit's three qualities. */
const LOW = 0;
const HIGH = 2;

/** After these, what somebody publishes may be another. */
const CHANGES = [
  "participantConnected",
  "participantDisconnected",
  "trackPublished",
  "trackUnpublished",
  "trackSubscribed",
  "trackUnsubscribed",
  "trackMuted",
  "trackUnmuted",
];

/**
 * The room of a call on a LiveKit server: this page sends once, whatever number of people is there, and is sent what the others publish. It
 * stays there until it is closed: when LiveKit cannot be reached, or has thrown this page out, it comes in again with fresh access.
 */
export class LiveKit implements Carrier {
  readonly #port: CarrierPort;
  /** What the server said, until it has been used. */
  #access: MediaAccess | undefined;
  #room: LiveKitRoom | undefined;
  #sent: Sent | undefined;
  readonly #received = new Map<UserId, Received>();
  #outgoing: Outgoing = { audio: null, video: null };
  #closed = false;
  #tryNow: () => void = () => {};

  constructor(access: MediaAccess, port: CarrierPort) {
    this.#access = access;
    this.#port = port;
    void this.#stays();
  }

  /** Whoever is in LiveKit's room and not in the call is neither shown nor heard. */
  meets(others: readonly Other[]): void {
    for (const userID of this.#received.keys()) {
      if (!others.some((other) => other.userID === userID)) {
        this.#received.delete(userID);
      }
    }
    for (const { userID } of others) {
      if (!this.#received.has(userID)) {
        this.#received.set(userID, this.#from(userID));
      }
    }
    this.#update();
  }

  send(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    const sent = this.#sent;
    sent?.send(outgoing).catch((thrown) => {
      // What is not sent because the room is left is sent when it is entered again.
      if (sent === this.#sent) {
        this.#port.failed("LiveKit did not take what is sent", thrown);
      }
    });
  }

  /** Who is there, and what they have on, LiveKit tells. */
  take(): void {}

  repair(): void {
    this.#tryNow();
  }

  async reports(): Promise<Snapshot["reports"]> {
    const { localParticipant, remoteParticipants } = this.#room ?? {};
    const others = [...(remoteParticipants ?? [])].filter(([userID]) => this.#received.has(userID));
    // What is sent goes to all of them together, and is counted once.
    const mine = others.length > 0 ? await countedOf(localParticipant?.trackPublications) : [];
    return Promise.all(
      others.map(async ([userID, { trackPublications }], at) => {
        const counted = [...(at === 0 ? mine : []), ...(await countedOf(trackPublications))];
        return [userID, new Map(counted)] as const;
      }),
    );
  }

  close(): void {
    this.#closed = true;
    this.#received.clear();
    this.#tryNow();
    void this.#leaves();
  }

  #from(userID: UserId): Received {
    return new Received({
      received: (track) => this.#port.received(userID, track),
      switched: (on) => this.#port.switched(userID, on),
    });
  }

  async #stays(): Promise<void> {
    for (let failures = 0; !this.#closed; await this.#pauses(failures)) {
      try {
        const { ended } = await this.#enters();
        const since = now();
        if ((await ended) === DUPLICATE_IDENTITY && !this.#closed) {
          return this.#port.moved();
        }
        failures = now() - since < STEADY_MS ? failures + 1 : 0;
      } catch (thrown) {
        failures += 1;
        if (failures === 1) {
          this.#fails(thrown);
        }
        if ((thrown as Failure).trouble === "noLiveKit") {
          return;
        }
      }
    }
  }

  /** Comes into the room. `ended` resolves when this page is in it no more, with LiveKit's reason. Rejects with a Failure. */
  async #enters(): Promise<{ ended: Promise<number | undefined> }> {
    await this.#leaves();
    this.#moves("connecting");
    const [{ Room }, { liveURL = "", token = "" }] = await Promise.all([client(), this.#asks()]);
    if (this.#closed) {
      return { ended: Promise.resolve(undefined) };
    }
    const room = new Room(ROOM_OPTIONS);
    const ended = new Promise<number | undefined>((resolve) => room.once("disconnected", resolve));
    this.#room = room;
    this.#listens(room);
    await room.connect(liveURL, token, CONNECT_OPTIONS).catch(cannotEnter);
    if (this.#room !== room) {
      // It was left meanwhile.
      return { ended };
    }
    this.#sent = new Sent(room.localParticipant);
    this.send(this.#outgoing);
    this.#moves("connected");
    this.#update();
    return { ended };
  }

  /** How LiveKit is reached: as the server has said, or, from the second time on, as it says now. */
  async #asks(): Promise<MediaAccess> {
    const said = this.#access;
    this.#access = undefined;
    return said ?? this.#port.access().catch(failsWith("other", "the server does not say how LiveKit is reached"));
  }

  async #leaves(): Promise<void> {
    const room = this.#room;
    this.#room = undefined;
    this.#sent?.end();
    this.#sent = undefined;
    this.#update();
    await room?.disconnect(false).catch(() => {});
  }

  #listens(room: LiveKitRoom): void {
    const ifHere = (act: () => void) => () => this.#room === room && act();
    for (const change of CHANGES) {
      room.on(
        change,
        ifHere(() => this.#update()),
      );
    }
    for (const [event, state] of STATES) {
      room.on(
        event,
        ifHere(() => this.#moves(state)),
      );
    }
  }

  #moves(state: RTCPeerConnectionState): void {
    if (!this.#closed) {
      this.#port.linked("", state);
    }
  }

  #fails(thrown: unknown): void {
    if (!this.#closed) {
      const { message, trouble = "other", cause } = thrown as Partial<Failure>;
      this.#port.failed(message ?? "", cause, trouble);
    }
  }

  /** Tells what comes from those in the call, and lets LiveKit send that alone, pictures as well as they are shown. */
  #update(): void {
    const remote = this.#room?.remoteParticipants;
    for (const [userID, received] of this.#received) {
      received.update(remote?.get(userID));
    }
    for (const [userID, participant] of remote ?? []) {
      const taken = this.#received.has(userID) ? takenOf(participant) : [];
      for (const publication of participant.trackPublications.values()) {
        publication.setEnabled(taken.includes(publication));
        if (publication.source === "camera") {
          publication.setVideoQuality(this.#received.size > SHOWN_WELL ? LOW : HIGH);
        }
      }
    }
  }

  #pauses(failures: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#closed ? 0 : PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1]);
      this.#tryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const ROOM_OPTIONS = {
  // Two connections, one for each direction, as every LiveKit server knows them.
  singlePeerConnection: false,
  dynacast: true,
  // The page leaves the room with the call.
  disconnectOnPageLeave: false,
  stopLocalTrackOnUnpublish: false,
  reconnectPolicy: { nextRetryDelayInMs: ({ elapsedMs }: { elapsedMs: number }) => (elapsedMs < MENDS_MS ? 500 : null) },
};

const CONNECT_OPTIONS = { websocketTimeout: ATTEMPT_MS, peerConnectionTimeout: ATTEMPT_MS, maxRetries: 0 };

/** How it stands with the connection after these. */
const STATES: readonly (readonly [event: string, state: RTCPeerConnectionState])[] = [
  ["signalReconnecting", "connecting"],
  ["reconnecting", "connecting"],
  ["reconnected", "connected"],
  ["disconnected", "disconnected"],
];

/** Why the page is not in the room. */
class Failure extends Error {
  constructor(
    readonly trouble: Trouble,
    words: string,
    override readonly cause?: unknown,
  ) {
    super(words);
  }
}

/** For a promise's rejection. */
function failsWith(trouble: Trouble, words: string): (thrown: unknown) => never {
  return (thrown) => {
    throw new Failure(trouble, words, thrown);
  };
}

async function client(): Promise<LiveKitClient> {
  const loaded = await liveKitClient().catch(failsWith("unreachable", "LiveKit's client cannot be loaded, and is tried again"));
  if (loaded === undefined) {
    throw new Failure("noLiveKit", NO_CLIENT);
  }
  return loaded;
}

const NO_CLIENT =
  'the calls of this server go through LiveKit, and the page has no client for it: setLiveKit(() => import("livekit-client"))';

function cannotEnter(thrown: unknown): never {
  const isRefused = (thrown as { reason?: unknown } | undefined)?.reason === NOT_ALLOWED;
  throw isRefused
    ? new Failure("refused", "LiveKit does not take the token that the server gave: do their keys and clocks agree?", thrown)
    : new Failure(
        "unreachable",
        "the LiveKit server that carries sound and pictures cannot be reached, and is tried again",
        thrown,
      );
}

async function countedOf(publications: ReadonlyMap<string, LiveKitPublication> | undefined): Promise<[string, Counted][]> {
  const all = [...(publications?.values() ?? [])];
  // What ends meanwhile is not counted.
  const reports = await Promise.all(all.map(({ track }) => track?.getRTCStatsReport?.().catch(() => undefined)));
  return reports.flatMap((report) => [...((report as Report | undefined) ?? [])]);
}

type Counted = Report extends ReadonlyMap<string, infer Entry> ? Entry : never;
