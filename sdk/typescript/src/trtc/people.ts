import type { CallView, PersonView, UserId } from "../wire/index.js";

/** How many of a room exchange media, the user included. Each sends its picture to every other: three times is what a home's uplink bears. */
export const MOST_PEOPLE = 4;

/** Somebody to exchange media with. */
export interface Other {
  readonly userID: UserId;
  /** "" when it is not known. */
  readonly deviceID: string;
  /** Whether this side makes the offers: that of the two who came in first, as in the web app, where the caller does. */
  readonly offers: boolean;
}

/** Those in the call with whom `me` exchanges media; undefined when `me` is not in it. */
export function othersIn(call: CallView | undefined, me: UserId): Other[] | undefined {
  const joined = (call?.endedAt === undefined ? (call?.people ?? []) : []).filter(({ state }) => state === "joined");
  const inOrder = joined.sort(byEntrance).slice(0, MOST_PEOPLE);
  const mine = inOrder.findIndex(({ userID }) => userID === me);
  if (mine < 0) {
    return joined.some(({ userID }) => userID === me) ? [] : undefined;
  }
  return inOrder.flatMap(({ userID, device }, at) =>
    userID === me ? [] : [{ userID, deviceID: device?.deviceID ?? "", offers: mine < at }],
  );
}

/** Everybody in the call but `me`, with and without media. */
export function presentIn(call: CallView | undefined, me: UserId): UserId[] {
  const people = call?.endedAt === undefined ? (call?.people ?? []) : [];
  return people.filter(({ state, userID }) => state === "joined" && userID !== me).map(({ userID }) => userID);
}

/** Both sides must see the same order. */
function byEntrance(one: PersonView, other: PersonView): number {
  return (one.joinedAt ?? one.at) - (other.joinedAt ?? other.at) || (one.userID < other.userID ? -1 : 1);
}
