import { roomName } from "../../pageRooms.js";
import type { Outgoing, Trouble } from "../carrier.js";
import type { Kind } from "../link.js";
import { type Handler, Listeners } from "../listeners.js";
import { Place } from "../place.js";
import type { Room, RoomPort } from "../room.js";
import { ourRooms } from "../rooms.js";
import { type ErrorName, notThere, RtcError } from "./errors.js";
import type { LocalStream } from "./localStream.js";
import { RemoteStream } from "./remoteStream.js";

/** `createClient`. What else Tencent's package takes is taken and not used. */
export interface ClientConfig {
  sdkAppId: number;
  /** Who is signed in with a chat of `@wigwag/sdk/tencent` on this page. */
  userId: string;
  /** Whether everybody's stream is subscribed to by itself. Default: true. */
  autoSubscribe?: boolean | undefined;
  [more: string]: unknown;
}

/** What happened, by kind, as `mute-audio` and its like. */
const MUTES: Readonly<Record<Kind, readonly [on: string, off: string]>> = {
  audio: ["unmute-audio", "mute-audio"],
  video: ["unmute-video", "mute-video"],
};

/** How the older package names what goes wrong in a room. */
const TROUBLES: Readonly<Record<Trouble, ErrorName>> = {
  noLiveKit: "NOT_SUPPORTED",
  refused: "JOIN_ROOM_FAILED",
  unreachable: "SIGNAL_CHANNEL_SETUP_FAILED",
  other: "UNKNOWN",
};

/** One user's place in a room. */
export class Client {
  readonly #config: ClientConfig;
  readonly #listeners = new Listeners();
  readonly #streams = new Map<string, RemoteStream>();
  readonly #place = new Place(
    (event, told) => this.#measured(event, told),
    () => this.#outgoing(),
    () => void this.leave(),
  );
  #published: LocalStream | undefined;

  /** @internal From now on, the invitations of call engines on this page begin calls of the server's. */
  constructor(config: ClientConfig) {
    ourRooms().numbersOnly = true;
    this.#config = config;
  }

  /** Adds a handler of an event. */
  on(event: string, handler: Handler, context?: unknown): void {
    this.#listeners.on(event, handler, context);
  }

  /** Removes a handler; with `*` all of all events. */
  off(event: string, handler?: Handler): void {
    this.#listeners.off(event, handler);
  }

  /** Enters a room: that of a call of the server's with this name. The others come as `peer-join` once they are in the call. */
  async join({ roomId }: { roomId: number | string; [more: string]: unknown }): Promise<void> {
    const { sdkAppId, userId } = this.#config;
    const name = roomName({ number: roomId, text: roomId });
    if (name === undefined) {
      throw new RtcError("INVALID_PARAMETER", "join() needs a roomId: a number, or a text");
    }
    if (this.#place.isTaken) {
      throw new RtcError("INVALID_OPERATION", "join(): leave() first");
    }
    if (!this.#place.enter({ sdkAppID: sdkAppId, userID: userId, name }, this.#port())) {
      throw new RtcError(
        "JOIN_ROOM_FAILED",
        `${userId} is not signed in: a chat of @wigwag/sdk/tencent on this page signs in first`,
      );
    }
  }

  /** Leaves the room, and the call with it. */
  async leave(): Promise<void> {
    this.#end((room) => room.leave());
  }

  /** Gives everything back. */
  destroy(): void {
    void this.leave();
    this.#place.meter.stop();
    this.#listeners.off("*");
  }

  /** Sends a stream to the others, one at a time. */
  async publish(stream: LocalStream, { isAuxiliary = false }: { isAuxiliary?: boolean } = {}): Promise<void> {
    if (isAuxiliary) {
      throw notThere("a second picture", "publish the screen in the place of the camera's, by replaceTrack()");
    }
    if (!this.#place.isTaken || (this.#published !== undefined && this.#published !== stream)) {
      throw new RtcError("INVALID_OPERATION", "publish(): join() first, and unpublish() what is published");
    }
    this.#published = stream;
    stream.changed = () => this.#send();
    this.#send();
  }

  /** Sends it no more. */
  async unpublish(stream: LocalStream): Promise<void> {
    if (this.#published === stream) {
      stream.changed = () => {};
      this.#published = undefined;
      this.#send();
    }
  }

  /** Takes somebody's stream, or (`{audio: false}`) a part of it, to be played. */
  async subscribe(
    stream: RemoteStream,
    { audio = true, video = true }: { audio?: boolean; video?: boolean } = {},
  ): Promise<void> {
    if (this.#streams.get(stream.getUserId()) !== stream) {
      throw new RtcError("REMOTE_STREAM_NOT_EXIST", "subscribe(): the stream is not in the room any more");
    }
    stream.want({ audio, video });
    if (!stream.isSubscribed) {
      stream.isSubscribed = true;
      this.#tell("stream-subscribed", { stream });
    }
  }

  /** Takes it no more. */
  async unsubscribe(stream: RemoteStream): Promise<void> {
    stream.isSubscribed = false;
    stream.stop();
  }

  /** Taken and not used: everybody sends and receives. */
  async switchRole(_role: string): Promise<void> {}

  /** Taken and not used: nothing goes to Tencent's cloud. */
  setProxyServer(_server: unknown): void {}

  /** Taken and not used: the server names the ICE servers. */
  setTurnServer(_server: unknown): void {}

  /** Tells every so often (ms) how loud each is, as `audio-volume`; 0 or less ends it. */
  enableAudioVolumeEvaluation(interval = 2_000, _inBackground?: boolean): void {
    this.#place.meter.listen(interval);
  }

  /** Who in the room sends nothing of a kind. */
  getRemoteMutedState(): { userId: string; hasAudio: boolean; hasVideo: boolean; audioMuted: boolean; videoMuted: boolean }[] {
    return [...this.#streams.values()]
      .filter(({ isAdded }) => isAdded)
      .map((stream) => {
        const [hasAudio, hasVideo] = [stream.sends("audio"), stream.sends("video")];
        return { userId: stream.getUserId(), hasAudio, hasVideo, audioMuted: !hasAudio, videoMuted: !hasVideo };
      });
  }

  /** Refused: one picture goes to each. */
  async enableSmallStream(): Promise<never> {
    throw notThere("enableSmallStream()", "one picture goes to each");
  }

  /** Refused: nothing passes a cloud. */
  async startPublishCDNStream(_options?: object): Promise<never> {
    throw notThere("startPublishCDNStream()", "nothing passes a cloud");
  }

  /** Refused: nothing passes a cloud. */
  async startMixTranscode(_options?: object): Promise<never> {
    throw notThere("startMixTranscode()", "nothing passes a cloud");
  }

  #port(): RoomPort {
    return {
      came: (userId) => {
        this.#streams.set(userId, new RemoteStream(userId, (kind, is) => this.#changed(userId, kind, is)));
        this.#tell("peer-join", { userId });
      },
      left: (userId) => this.#gone(userId),
      received: (userId, track) => this.#streams.get(userId)?.received(track),
      switched: (userId, devices) => this.#streams.get(userId)?.switched(devices),
      linked: (userId, state) => this.#linked(userId, state),
      moved: () => {
        this.#end(() => {});
        this.#tell("client-banned", { reason: "kick", message: "the call goes on on another device" });
      },
      failed: (message, _thrown, trouble = "other") => this.#tell("error", new RtcError(TROUBLES[trouble], message)),
    };
  }

  /** Somebody sends something, or does no more. The first of it is their stream. */
  #changed(userId: string, kind: Kind, is: boolean): void {
    const stream = this.#streams.get(userId);
    if (stream === undefined) {
      return;
    }
    const others = { audio: "video", video: "audio" } as const;
    const kinds: readonly Kind[] = stream.isAdded ? [kind] : [kind, others[kind]];
    const event = stream.isAdded ? "stream-updated" : "stream-added";
    if (!stream.isAdded && !is) {
      return;
    }
    stream.isAdded = true;
    this.#tell(event, { stream });
    for (const one of kinds) {
      this.#tell(MUTES[one][stream.sends(one) ? 0 : 1], { userId });
    }
    stream.refresh();
    if (event === "stream-added" && this.#config.autoSubscribe !== false) {
      // After those whom the event reached, who may want a part of it alone.
      queueMicrotask(() => void this.subscribe(stream).catch(() => {}));
    }
  }

  #gone(userId: string): void {
    const stream = this.#streams.get(userId);
    this.#streams.delete(userId);
    stream?.stop();
    if (stream?.isAdded) {
      this.#tell("stream-removed", { stream });
    }
    this.#tell("peer-leave", { userId });
  }

  #linked(userId: string, state: RTCPeerConnectionState): void {
    this.#place.meter.linked(userId, state);
    if (state === "failed") {
      const words = `no way to ${userId} was found: does the server's configuration name STUN or TURN servers?`;
      this.#tell("error", new RtcError("ICE_TRANSPORT_ERROR", words));
    }
  }

  #end(how: (room: Room) => void): void {
    if (this.#place.leave(how)) {
      for (const stream of this.#streams.values()) {
        stream.stop();
      }
      this.#streams.clear();
      this.#published = undefined;
    }
  }

  #send(): void {
    this.#place.send();
  }

  #outgoing(): Outgoing {
    const { video = null, audio = null } = {
      video: this.#published?.getVideoTrack(),
      audio: this.#published?.getAudioTrack(),
    };
    return { audio, video };
  }

  /** In the names of this package. */
  #measured(event: string, told: object): void {
    if (event !== "audio-volume") {
      return this.#tell(event, told);
    }
    const { result } = told as { result: { userId: string; volume: number }[] };
    const volumes = result.map(({ userId, volume }) => {
      const stream = userId === "" ? this.#published : this.#streams.get(userId);
      return { userId: userId || this.#config.userId, audioVolume: volume, stream };
    });
    this.#tell(event, { result: volumes });
  }

  #tell(event: string, told: object): void {
    this.#listeners.emit(event, told);
  }
}
