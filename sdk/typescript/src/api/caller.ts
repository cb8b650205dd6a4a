import type { Method, Methods } from "../wire/index.js";

/** Sends one request; rejects with a WigwagError, never throws. */
export type Caller = <M extends Method>(method: M, params: unknown) => Promise<Methods[M]["result"]>;

/** One of the two kinds of conversations: with a user, or of a group. */
export type Peer = { userID: string; groupID?: never } | { groupID: string; userID?: never };

/** Params in which exactly one of `userID` and `groupID` stands. */
export type WithPeer<P> = Omit<P, "userID" | "groupID"> & Peer;
