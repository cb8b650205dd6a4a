import type { CallView, PersonView, UserId } from "../wire/index.js";

/** How many of a room exchange media from page to page, the user included. Each sends its picture to every other: three times is what a home's uplink bears. */
export const MOST_PEOPLE = 4;

/** Somebody to exchange media with. */
export interface Other {
  readonly userID: UserId;
  /** "" when it is not known. */
  readonly deviceID: string;
  /** Whether this side makes the offers: that of the two who came in first, as in the web app, where the caller does. */
  readonly offers: boolean;
}

/** Everybody in the call but `me`, in the order in which they came in; undefined when `me` is not in it. */
export function othersIn(call: CallView | undefined, me: UserId): Other[] | undefined {
  const joined = (call?.endedAt === undefined ? (call?.people ?? []) : []).filter(({ state }) => state === "joined");
  const inOrder = joined.sort(byEntrance);
  const mine = inOrder.findIndex(({ userID }) => userID === me);
  return mine < 0
    ? undefined
    : inOrder.flatMap(({ userID, device }, at) =>
        userID === me ? [] : [{ userID, deviceID: device?.deviceID ?? "", offers: mine < at }],
      );
}

/** Those of the others with whom the user exchanges media from page to page: who came first does. */
export function nearest(others: readonly Other[]): readonly Other[] {
  const before = others.filter(({ offers }) => !offers).length;
  return before < MOST_PEOPLE ? others.slice(0, MOST_PEOPLE - 1) : [];
}

/** Both sides must see the same order. */
function byEntrance(one: PersonView, other: PersonView): number {
  return (one.joinedAt ?? one.at) - (other.joinedAt ?? other.at) || (one.userID < other.userID ? -1 : 1);
}
