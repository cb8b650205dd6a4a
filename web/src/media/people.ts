import type { CallView } from "@wigwag/sdk";

/** Somebody else in the call. */
export interface Other {
  readonly userID: string;
  /** Whether this page makes the offers to them. */
  readonly offers: boolean;
}

/** The others in a call, and those who are called into it. */
export interface People {
  readonly others: readonly Other[];
  readonly ringing: readonly string[];
}

export const NOBODY: People = { others: [], ringing: [] };

/** People in a call of pages that connect to each other: each sends their picture to each other, and that many one computer encodes. */
export const MOST_PEOPLE = 6;

/**
 * People who hear each other's voices from page to page. Each browser sends to each other: a speaker's uplink then carries 15 voices of
 * 40 kbit/s, which is what a slow one bears.
 */
export const MOST_HEARD = 16;

/**
 * Who is in a call besides `me`. The server lists everybody who was called or came in one order for all, and whoever stands before
 * another makes the offers to them. Those behind the `most` first are left out.
 */
export function peopleOf({ people }: Pick<CallView, "people">, me: string, most: number): People {
  const joined = people.filter(({ state }) => state === "joined").slice(0, most);
  const mine = joined.findIndex(({ userID }) => userID === me);
  const others = joined.map(({ userID }, place) => ({ userID, offers: mine < place }));
  return {
    others: mine === -1 ? [] : others.filter(({ userID }) => userID !== me),
    ringing: people.filter(({ state, userID }) => state === "ringing" && userID !== me).map(({ userID }) => userID),
  };
}
