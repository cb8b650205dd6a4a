import { randomUUID } from "node:crypto";
import {
  DisconnectReason,
  JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  ParticipantInfo,
  ParticipantInfo_State,
  ParticipantPermission,
  ParticipantUpdate,
  Pong,
  Room as RoomInfo,
  SignalRequest,
  SignalResponse,
  SignalTarget,
  type TrickleRequest,
} from "@livekit/protocol";
import type { WebSocket } from "ws";
import type { Claims } from "../../../sdk/typescript/test/e2e/livekitAccount.js";
import { Publisher } from "./publisher.js";
import type { Room } from "./room.js";
import { Subscriber } from "./subscriber.js";

/** What is said to a participant. */
export type Message = NonNullable<SignalResponse["message"]>;

/** How long somebody whose socket has closed without a word is kept, ms: the page may be loaded again. LiveKit waits for as long as ICE does. */
const KEPT_MS = 5_000;

/** How often a client says that it is there, s, and after how long without an answer it takes the server for gone. */
const PING_S = { interval: 5, timeout: 15 };

/** One session of a user in a room: what it says over its socket, and its two connections for media. */
export class Participant {
  readonly sid = `PA_${randomUUID().slice(0, 12)}`;
  readonly identity: string;
  /** Until when the token counts that let them in, s since the epoch. */
  readonly until: number;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly #room: Room;
  readonly #socket: WebSocket;
  readonly #claims: Claims;
  #version = 0;
  #gone = false;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  /** What the client says is done one after the other. */
  #taking: Promise<unknown> = Promise.resolve();

  constructor(room: Room, socket: WebSocket, claims: Claims) {
    this.#room = room;
    this.#socket = socket;
    this.#claims = claims;
    this.identity = claims.sub ?? "";
    this.until = claims.exp ?? 0;
    const says = (message: Message) => this.#says(message);
    this.publisher = new Publisher(says, {
      published: (published) => room.publishes(this, published),
      withdrawn: (trackSids) => {
        room.withdraws(this, trackSids);
        room.tells(this.info());
      },
    });
    this.subscriber = new Subscriber(says);
    socket.on("message", (data: Buffer) => this.#hears(SignalRequest.fromBinary(data)));
    socket.on("close", () => this.#loses());
  }

  /** `isReturn`: the client wants to go on with a session, of which nothing is left here. */
  enters(isReturn: boolean): void {
    if (isReturn) {
      this.#gone = true;
      this.#says({ case: "leave", value: leave(DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT) });
      this.#socket.close();
      return;
    }
    const others = [...this.#room.participants.values()].filter(({ identity }) => identity !== this.identity);
    this.#says({
      case: "join",
      value: new JoinResponse({
        room: new RoomInfo({ sid: `RM_${this.#room.name}`, name: this.#room.name }),
        participant: this.info(),
        otherParticipants: others.map((other) => other.info()),
        subscriberPrimary: true,
        pingInterval: PING_S.interval,
        pingTimeout: PING_S.timeout,
        serverInfo: { version: "1.0.0", protocol: 9 },
      }),
    });
    this.subscriber.greets();
    this.#room.enters(this);
  }

  info(): ParticipantInfo {
    this.#version += 1;
    return new ParticipantInfo({
      sid: this.sid,
      identity: this.identity,
      name: this.#claims.name ?? "",
      metadata: this.#claims.metadata ?? "",
      state: this.#gone ? ParticipantInfo_State.DISCONNECTED : ParticipantInfo_State.ACTIVE,
      tracks: [...this.publisher.published.values()].map(({ info }) => info),
      version: this.#version,
      permission: new ParticipantPermission({ canPublish: true, canSubscribe: true, canPublishData: true }),
    });
  }

  /** Tells this participant of others. */
  hears(participants: ParticipantInfo[]): void {
    this.#says({ case: "update", value: new ParticipantUpdate({ participants }) });
  }

  /** Another device of this user has come in. */
  isReplaced(): void {
    this.#says({ case: "leave", value: leave(DisconnectReason.DUPLICATE_IDENTITY, LeaveRequest_Action.DISCONNECT) });
    this.#leaves();
  }

  /** Ends without a word to anybody. */
  async ends(): Promise<void> {
    this.#gone = true;
    clearTimeout(this.#keeping);
    await Promise.all([this.publisher.end(), this.subscriber.end()]);
  }

  #hears(request: SignalRequest): void {
    this.#taking = this.#taking.then(() => this.#take(request)).catch((thrown: unknown) => console.error("LiveKit:", thrown));
  }

  async #take({ message }: SignalRequest): Promise<void> {
    if (this.#gone) {
      return;
    }
    switch (message.case) {
      case "offer":
        return this.publisher.takesOffer(message.value);
      case "answer":
        return this.subscriber.takesAnswer(message.value);
      case "trickle":
        return this.#trickles(message.value);
      case "addTrack":
        return this.publisher.announces(message.value);
      case "mute":
        if (this.publisher.mutes(message.value.sid, message.value.muted)) {
          this.#room.tells(this.info());
        }
        return;
      case "trackSetting":
        return this.subscriber.enables(message.value.trackSids, !message.value.disabled);
      case "subscription":
        return this.#subscribes(message.value.trackSids, message.value.subscribe);
      case "leave":
        return this.#leaves();
      case "pingReq":
        return this.#says({
          case: "pongResp",
          value: new Pong({ lastPingTimestamp: message.value.timestamp, timestamp: BigInt(Date.now()) }),
        });
      // Everything else is not of this stand-in.
      default:
        return;
    }
  }

  async #trickles({ candidateInit, target }: TrickleRequest): Promise<void> {
    const candidate = JSON.parse(candidateInit);
    const connection = target === SignalTarget.PUBLISHER ? this.publisher : this.subscriber;
    await connection.takesCandidate(candidate);
  }

  #subscribes(trackSids: readonly string[], wanted: boolean): void {
    if (!wanted) {
      this.subscriber.remove(trackSids);
      return;
    }
    for (const trackSid of trackSids) {
      const found = this.#room.published(trackSid);
      if (found !== undefined) {
        this.subscriber.add(found.sid, found.published);
      }
    }
  }

  #loses(): void {
    if (!this.#gone) {
      this.#keeping = setTimeout(() => this.#leaves(), KEPT_MS);
    }
  }

  #leaves(): void {
    if (this.#gone) {
      return;
    }
    void this.ends();
    this.#socket.close();
    this.#room.leaves(this);
  }

  #says(message: Message): void {
    if (this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(new SignalResponse({ message }).toBinary());
    }
  }
}

function leave(reason: DisconnectReason, action: LeaveRequest_Action): LeaveRequest {
  return new LeaveRequest({ reason, action, canReconnect: action === LeaveRequest_Action.RECONNECT });
}
