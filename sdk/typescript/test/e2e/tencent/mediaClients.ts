type Handler = (told: unknown) => void;

/** Stands for the media rooms of `trtc-js-sdk` 4: who joins hears of those who are there, and they of them. No media flows. */
export class MediaClients {
  readonly #rooms = new Map<string, Set<MediaClient>>();

  /** The module as one page has it. */
  module(): object {
    const known = {
      VERSION: "4.15.22",
      createClient: ({ userId }: { userId: string }) => answersAll(new MediaClient(this.#rooms, userId)),
      createStream: () => answersAll({}),
      checkSystemRequirements: async () => ({ result: true }),
      getCameras: async () => [{ deviceId: "camera" }],
      getMicrophones: async () => [{ deviceId: "microphone" }],
      Logger: answersAll({}),
    };
    return { ...known, default: known };
  }
}

/** One page's place in the rooms. */
class MediaClient {
  readonly #rooms: Map<string, Set<MediaClient>>;
  readonly #userID: string;
  readonly #handlers = new Map<string, Handler[]>();
  #room: Set<MediaClient> | undefined;
  #published = false;

  constructor(rooms: Map<string, Set<MediaClient>>, userID: string) {
    this.#rooms = rooms;
    this.#userID = userID;
  }

  on(name: string, handler: Handler): void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
  }

  off(): void {
    this.#handlers.clear();
  }

  async join({ roomId }: { roomId: number | string }): Promise<void> {
    const room = this.#rooms.get(String(roomId)) ?? new Set();
    this.#rooms.set(String(roomId), room);
    this.#room = room;
    room.add(this);
    for (const other of this.#others()) {
      other.#tell("peer-join", this.#userID);
      this.#tell("peer-join", other.#userID);
      if (other.#published) {
        this.#tell("stream-added", other.#userID);
      }
    }
  }

  /** Its camera and microphone are there for the others from now on. */
  async publish(): Promise<void> {
    this.#published = true;
    for (const other of this.#others()) {
      other.#tell("stream-added", this.#userID);
    }
  }

  async subscribe(stream: { getUserId(): string }): Promise<void> {
    this.#tell("stream-subscribed", stream.getUserId());
  }

  async leave(): Promise<void> {
    const others = this.#others();
    this.#room?.delete(this);
    this.#room = undefined;
    this.#published = false;
    for (const other of others) {
      other.#tell("peer-leave", this.#userID);
    }
  }

  #others(): MediaClient[] {
    return [...(this.#room ?? [])].filter((other) => other !== this);
  }

  #tell(name: string, userId: string): void {
    const stream = answersAll({ getUserId: () => userId, getId: () => userId, getType: () => "main", hasVideo: () => true });
    for (const handler of this.#handlers.get(name) ?? []) {
      handler({ userId, stream });
    }
  }
}

/** It takes every other call too, about cameras and microphones, of which there are none. */
function answersAll(what: object): object {
  const known = what as Record<string, (...given: unknown[]) => unknown>;
  return new Proxy(what, {
    get: (_, name) => {
      const nothing = typeof name === "symbol" || name === "then" ? undefined : async () => undefined;
      return known[String(name)]?.bind(what) ?? nothing;
    },
  });
}
