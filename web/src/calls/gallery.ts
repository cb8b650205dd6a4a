import type { Other } from "../media/people.js";

/** Tiles that are shown at once: a face in a ninth of a phone's screen can still be told from another. */
export const TILES = 9;

/** How loud somebody has to be to count as speaking, 0 to 1: 30 dB below the loudest that there is. */
export const SPEAKS = 0.032;

/** When each user spoke last, ms of this page's clock. */
export type Spoke = ReadonlyMap<string, number>;

/**
 * The others in the order of their tiles: as before, with those who came after them. Somebody who speaks behind the first page changes places
 * with whoever on it has been silent for longest, so that nobody else moves.
 */
export function ordered(before: readonly string[], others: readonly Other[], spoke: Spoke): readonly string[] {
  const there = others.map(({ userID }) => userID);
  const kept = before.filter((userID) => there.includes(userID));
  const all = [...kept, ...there.filter((userID) => !kept.includes(userID))];
  const after = all.slice(TILES).reduce((order, userID) => comesForward(order, userID, spoke), all);
  return after.length === before.length && after.every((userID, place) => before[place] === userID) ? before : after;
}

/** How many pages the tiles take. */
export function pagesOf(others: number): number {
  return Math.max(1, Math.ceil(others / TILES));
}

function comesForward(order: string[], userID: string, spoke: Spoke): string[] {
  const last = (one: string | undefined) => spoke.get(one ?? "") ?? Number.NEGATIVE_INFINITY;
  const place = order.indexOf(userID);
  const front = order.slice(0, TILES);
  // Of several who are as silent, the last one.
  const silent = front.reduce((least, one, at) => (last(one) <= last(front[least]) ? at : least), 0);
  if (place < TILES || last(userID) <= last(front[silent])) {
    return order;
  }
  const after = [...order];
  after[place] = order[silent] ?? userID;
  after[silent] = userID;
  return after;
}
