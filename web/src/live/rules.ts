import type { RoomItem } from "../rooms/items.js";
import { SEATS, type Seats } from "../session/payload.js";

export interface Ask {
  readonly userID: string;
  readonly inviteID: string;
}

export interface LiveState {
  readonly seats: Seats;
  /** Requests that the host has not answered, in the order in which they came. */
  readonly asks: readonly Ask[];
  /** Offers of the host that were not answered. */
  readonly offers: readonly Ask[];
}

const EMPTY: LiveState = { seats: Array(SEATS).fill(null), asks: [], offers: [] };

/** The state of the room after `items`, which may begin where the host last wrote the seats down. */
export function liveOf(items: readonly RoomItem[], host: string): LiveState {
  const written = items.find((item) => isWriting(item, host));
  if (written?.kind !== "note" || written.note.action !== "seats") {
    return items.reduce((state, item) => after(state, item, host), EMPTY);
  }
  const { seats, upTo } = written.note;
  const before = items.filter(({ seq }) => seq <= upTo).reduce((state, item) => after(state, item, host), EMPTY);
  return items.filter(({ seq }) => seq > upTo).reduce((state, item) => after(state, item, host), { ...before, seats });
}

/** Whether the seats are written down in this item, so that earlier items no longer matter. */
export function beginsSeats(item: RoomItem): boolean {
  return item.kind === "note" && item.note.scene === "live" && item.note.action === "seats";
}

/** How many messages may follow before the host writes the seats down again: one page of the history. */
const WRITTEN_EVERY = 100;

/** The `seq` up to which the host should write the seats down now; undefined when it is too early. */
export function placeToWrite(items: readonly RoomItem[], host: string): number | undefined {
  const newest = items.at(-1)?.seq ?? 0;
  const written = items.findLast((item) => isWriting(item, host));
  return newest - (written?.seq ?? 0) >= WRITTEN_EVERY ? newest : undefined;
}

/** The number of the seat of a user, 1–8. */
export function seatOf({ seats }: LiveState, userID: string): number | undefined {
  const index = seats.indexOf(userID);
  return index < 0 ? undefined : index + 1;
}

/** Who may be heard: the host, and whoever has a seat. */
export function speakersOf({ seats }: LiveState, host: string): string[] {
  return [host, ...seats.flatMap((who) => (who === null || who === host ? [] : who))];
}

export function isFull({ seats }: LiveState): boolean {
  return !seats.includes(null);
}

/** Users who have a seat but are not in the room any more. */
export function absent({ seats }: LiveState, here: readonly string[]): string[] {
  return seats.filter((who) => who !== null && !here.includes(who)) as string[];
}

/** The state after one more item. Any member can send any item, so an item from a user who may not do it changes nothing. */
function after(state: LiveState, item: RoomItem, host: string): LiveState {
  switch (item.kind) {
    case "invited":
      return invited(state, item, host);
    case "answered":
      return answered(state, item, host);
    case "closed":
      return forgotten(state, item.inviteID);
    case "note":
      return noted(state, item, host);
    case "text":
      return state;
  }
}

type Item<K extends RoomItem["kind"]> = Extract<RoomItem, { kind: K }>;

function invited(state: LiveState, { inviteID, inviter, invitees, purpose }: Item<"invited">, host: string): LiveState {
  if (purpose.scene !== "live") {
    return state;
  }
  const [invitee] = invitees;
  if (purpose.action === "ask") {
    return invitee === host && inviter !== host ? { ...state, asks: [...state.asks, { userID: inviter, inviteID }] } : state;
  }
  return inviter === host && invitee !== undefined
    ? { ...state, offers: [...state.offers, { userID: invitee, inviteID }] }
    : state;
}

function answered(state: LiveState, { inviteID, invitee, accepted }: Item<"answered">, host: string): LiveState {
  const asked = state.asks.find((ask) => ask.inviteID === inviteID);
  const offered = state.offers.find((offer) => offer.inviteID === inviteID);
  const sits = asked !== undefined && invitee === host ? asked.userID : offered?.userID;
  const rest = forgotten(state, inviteID);
  return accepted && sits !== undefined ? { ...rest, seats: seated(rest.seats, sits) } : rest;
}

function noted(state: LiveState, { sender, note }: Item<"note">, host: string): LiveState {
  const leaves = note.scene === "live" && note.action === "leave" && (sender === note.who || sender === host);
  return leaves ? { ...state, seats: state.seats.map((who) => (who === note.who ? null : who)) } : state;
}

/** Gives a user the lowest free seat. When all are taken, they stay in the audience. */
function seated(seats: Seats, userID: string): Seats {
  const free = seats.indexOf(null);
  return seats.includes(userID) || free < 0 ? seats : seats.with(free, userID);
}

function forgotten(state: LiveState, inviteID: string): LiveState {
  const others = (asks: readonly Ask[]) => asks.filter((ask) => ask.inviteID !== inviteID);
  return { ...state, asks: others(state.asks), offers: others(state.offers) };
}

function isWriting(item: RoomItem, host: string): boolean {
  return beginsSeats(item) && item.kind === "note" && item.sender === host;
}
