type Handler = (...told: unknown[]) => void;

/** Stands for Tencent's media rooms: who enters is told who is there, and the others are told of them. No media flows. */
export class MediaRooms {
  readonly #rooms = new Map<string, Set<Visitor>>();

  /** The module `trtc-cloud-js-sdk` as one page has it. */
  module(): object {
    const cloud = answersAll(new Visitor(this.#rooms));
    const functions = { getTRTCShareInstance: () => cloud, destroyTRTCShareInstance() {}, setLogLevel() {} };
    // Whatever else a package reads of the module are enumerations.
    const module: object = new Proxy(functions, {
      get: (known, name) =>
        name === "default" ? module : (Reflect.get(known, name) ?? (name === "__esModule" ? true : NAMES_ITSELF)),
    });
    return module;
  }
}

/** Any of its fields is the field's own name. */
const NAMES_ITSELF = new Proxy({}, { get: (_, name) => name });

/** One page's place in the rooms; it is in one room at a time. */
class Visitor {
  readonly #rooms: Map<string, Set<Visitor>>;
  readonly #handlers = new Map<string, Handler[]>();
  #room: Set<Visitor> | undefined;
  #userID = "";

  constructor(rooms: Map<string, Set<Visitor>>) {
    this.#rooms = rooms;
  }

  on(name: string, handler: Handler, context?: unknown): void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler.bind(context)]);
  }

  off(name: string): void {
    this.#handlers.delete(name);
  }

  async enterRoom({ roomId, strRoomId, userId }: { roomId?: number; strRoomId?: string; userId: string }): Promise<void> {
    const name = String(roomId || strRoomId);
    const room = this.#rooms.get(name) ?? new Set();
    this.#rooms.set(name, room);
    this.#room = room;
    this.#userID = userId;
    this.#tell("onEnterRoom", 1);
    for (const other of room) {
      other.#tell("onRemoteUserEnterRoom", userId);
      this.#tell("onRemoteUserEnterRoom", other.#userID);
    }
    room.add(this);
  }

  async exitRoom(): Promise<void> {
    if (this.#room?.delete(this)) {
      for (const other of this.#room) {
        other.#tell("onRemoteUserLeaveRoom", this.#userID, 0);
      }
      this.#tell("onExitRoom", 0);
    }
  }

  #tell(name: string, ...told: unknown[]): void {
    for (const handler of this.#handlers.get(name) ?? []) {
      handler(...told);
    }
  }
}

/** A visitor who takes every other call too: cameras and microphones, of which there are none. */
function answersAll(visitor: Visitor): object {
  const known = visitor as unknown as Record<string, (...given: unknown[]) => unknown>;
  return new Proxy(visitor, {
    get: (_, name) => {
      const call = known[String(name)];
      const nothing = async () => (String(name).startsWith("get") ? [] : undefined);
      return name === "then" ? undefined : (call?.bind(visitor) ?? nothing);
    },
  });
}
