import type { Wigwag } from "./client.js";
import type { CallEntry, RoomId } from "./wire/index.js";

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
}

/** What a page's chats and its media rooms know of each other. */
interface PageRooms {
  /** Who is signed in, by `clientKey`. */
  readonly clients: Map<string, Wigwag>;
  media?: MediaRooms | undefined;
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
