import { isObject, objectIn } from "../check.js";
import { roomName } from "../pageRooms.js";
import type { CallLink, CallWish, RoomId } from "../wire/index.js";

/** What Tencent's call engines say in the data of invitations and answers, as far as it is read or written here. */
const BUSINESS = "av_call";
const AUDIO = { cmd: "audioCall", callType: 1 };
const VIDEO = { cmd: "videoCall", callType: 2 };
/** Numbers of rooms end there. */
const MOST_ROOM = 2 ** 32 - 1;

/** What engines call a room whose name is a text, where they know rooms by numbers alone. */
export type NumberOf = (room: RoomId) => number | undefined;

/** The call that an engine's invitation begins; undefined for all other invitations. */
export function wishOf(data: string): CallWish | undefined {
  const said = spokenBy(data);
  const inner = isObject(said?.data) ? said.data : {};
  if (inner.cmd !== AUDIO.cmd && inner.cmd !== VIDEO.cmd) {
    // "Hang up" and "switch to audio" are invitations too.
    return undefined;
  }
  const roomID = roomName({ number: inner.room_id, text: inner.str_room_id });
  return roomID === undefined ? undefined : { mediaType: inner.cmd === VIDEO.cmd ? "video" : "audio", roomID };
}

/** What the engine of this page is told of an invitation or an answer: its own words when another kind of client began the call. */
export function dataForEngine(data: string, call: CallLink | undefined, numberOf: NumberOf): string {
  return call === undefined || spokenBy(data) !== undefined ? data : words(call, isBusy(data), numberOf);
}

/** How an engine says that it is in a call. The server has settled such an invitation before the engine could. */
export function busyData(call: CallLink, numberOf: NumberOf): string {
  return words(call, true, numberOf);
}

function words({ mediaType, roomID }: CallLink, busy: boolean, numberOf: NumberOf): string {
  const { cmd, callType } = mediaType === "video" ? VIDEO : AUDIO;
  const number = /^[1-9]\d{0,9}$/.test(roomID) ? Number(roomID) : (numberOf(roomID) ?? 0);
  const room = number > 0 && number <= MOST_ROOM ? { room_id: number } : { room_id: 0, str_room_id: roomID };
  const refusal = busy ? { line_busy: "line_busy" } : {};
  return JSON.stringify({
    businessID: BUSINESS,
    version: 4,
    call_type: callType,
    room_id: room.room_id,
    ...refusal,
    data: { cmd, ...room, message: busy ? "lineBusy" : "" },
  });
}

/** An engine's words; undefined for any other text. */
function spokenBy(data: string): Record<string, unknown> | undefined {
  const said = objectIn(data);
  return said?.businessID === BUSINESS ? said : undefined;
}

/** The web app says so in its answers. */
function isBusy(data: string): boolean {
  return objectIn(data)?.busy === true;
}
