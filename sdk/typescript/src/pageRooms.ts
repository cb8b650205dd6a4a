import type { WithPeer } from "./api/caller.js";
import type { Wigwag } from "./client.js";
import type { CallEntry, CallLink, CallWish, Message, MessageSend, MessageSent, RoomId, UserId } from "./wire/index.js";

/**
 * Stands in for media rooms that Tencent's call engines enter (`@wigwag/sdk/trtc`). While a page has one, the invitations of such engines
 * begin calls of the server's (`@wigwag/sdk/tencent`): the room of the engine is the room of the call.
 */
export interface MediaRooms {
  /**
   * An invite into a room, or an accept, was sent; its reply tells which call the room is, and how to reach the media. When the two
   * called each other, that is the other's call, and its room has another name.
   */
  enters(client: Wigwag, room: RoomId | undefined, reply: Promise<CallEntry | undefined>): void;

  /** The call that an engine's invitation with this data begins; undefined for all other invitations. */
  wishOf(data: string): CallWish | undefined;

  /** What the engine of this page is told of an invitation or an answer: its own words when another kind of client began the call. */
  dataFor(data: string, call: CallLink | undefined): string;

  /** How an engine says that it is in a call. */
  busyData(call: CallLink): string;

  /** Invites into a call, where a message is an engine's invitation into one; undefined for any other message, which is sent. */
  invite(client: Wigwag, message: WithPeer<MessageSend>, me: UserId): Promise<SpokenInvited> | undefined;
}

/** An invitation that was sent as a message, and made otherwise. */
export interface SpokenInvited {
  /** What `message.send` would have replied. */
  readonly sent: MessageSent;
  /** What those who are in a call would have answered, had the server not done it for them. */
  readonly answers: readonly Message[];
}

/** What a page's chats and its media rooms know of each other. */
interface PageRooms {
  /** Who is signed in, by `clientKey`. */
  readonly clients: Map<string, Wigwag>;
  media?: MediaRooms | undefined;
  /** Loads LiveKit's client, where the app has named it (`setLiveKit`). */
  liveKit?: (() => Promise<object>) | undefined;
}

const KEY = Symbol.for("@wigwag/sdk/rooms");
const page = globalThis as { [KEY]?: PageRooms };

/** One for the page: an app and its kits may load the package more than once. */
export const pageRooms: PageRooms = page[KEY] ?? { clients: new Map() };
page[KEY] = pageRooms;

/** Where `clients` has the client of a user. */
export function clientKey(sdkAppID: number, userID: string): string {
  return `${sdkAppID} ${userID}`;
}

/** The name that a room has as the room of a call: its number, or else its text. */
export function roomName(room: { number?: unknown; text?: unknown }): RoomId | undefined {
  if (Number.isSafeInteger(room.number) && (room.number as number) > 0) {
    return String(room.number);
  }
  return typeof room.text === "string" && room.text !== "" ? room.text : undefined;
}
