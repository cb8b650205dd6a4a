import type { CallBook } from "../book/calls.js";
import type {
  CallGet,
  CallList,
  CallMarkSeen,
  Calls as CallPage,
  CallSignal,
  CallView,
  Done,
  GotCall,
  Joined,
} from "../wire/index.js";
import { Area } from "./area.js";
import type { Caller } from "./caller.js";

/** Which call: by its callID, or the newest of a room. */
export type WhichCall = { callID: string; roomID?: never } | { roomID: string; callID?: never };

/** A call by its callID, the newest of a room, or the newest running one of a group. */
export type AnyCall =
  | (WhichCall & { groupID?: never })
  | (Pick<Required<CallGet>, "groupID"> & { callID?: never; roomID?: never });

/**
 * Calls. One begins with an invitation that has `call`: `signaling.invite({ invitee, call: { mediaType: "video" } })`. The replies to the
 * invite and to `signaling.accept` have in `call` what is needed to take part.
 */
export class Calls extends Area {
  readonly #book: CallBook;
  readonly #now: () => number;

  constructor(call: Caller, book: CallBook, now: () => number) {
    super("call", call);
    this.#book = book;
    this.#now = now;
  }

  /**
   * The calls that run, as far as this client was told, oldest first: those that began while it listened, and those that `get` or `list`
   * showed. Never older than the last event that a listener was told. After a resync there are none.
   */
  running(): CallView[] {
    return this.#book.running(this.#now());
  }

  /** One call that this client was told of, running or over, without asking; see `running`. The newest 200 are kept. */
  known(callID: string): CallView | undefined {
    return this.#book.get(callID, this.#now());
  }

  /** Enters a running call of a group without an invitation, or again, or with this device instead of another. Whoever rings accepts by it. */
  declare readonly join: (which: WhichCall) => Promise<Joined>;

  /** Leaves a call. While it rings, the caller takes it back by this, and an invitee rejects it. In a call that is over it does nothing. */
  declare readonly hangUp: (which: WhichCall) => Promise<Done>;

  /** Sends a signal to the others in the call, or `to` one of them. It is not kept, and not repeated after a lost connection. */
  declare readonly signal: (signal: Pick<CallSignal, "to" | "data"> & WhichCall) => Promise<Done>;

  /** Reads a call, running or over. */
  declare readonly get: (which: AnyCall) => Promise<GotCall>;

  /** Pages through the user's calls, the newest first; with `missed` only those that they missed. */
  declare readonly list: (page?: Partial<CallList>) => Promise<CallPage>;

  /** Marks missed calls as seen that began up to a time of the server's. The user's other devices are told. */
  declare readonly markSeen: (upTo: CallMarkSeen) => Promise<Done>;
}
