import { fetchDevToken } from "./server.js";
import { readWoken } from "./woken.js";

/** The user of this page, and the function that gets tokens for them. */
export interface SignedIn {
  readonly userID: string;
  readonly token: () => Promise<string>;
  readonly kept: Remembered;
}

/** Kept for this tab, so that a reloaded page needs no sign-in. */
export interface Remembered {
  readonly userID: string;
  /** Absent when the server makes tokens for names. */
  readonly token?: string;
}

const TAB_KEY = "wigwag.me";
const NAME_KEY = "wigwag.name";

/** The user who signed in to this tab before, if any. */
export function remembered(): SignedIn | undefined {
  const { userID, token } = JSON.parse(sessionStorage.getItem(TAB_KEY) ?? "{}") as Partial<Remembered>;
  return userID === undefined ? undefined : signedIn(userID, token);
}

/** Signs this tab in, with `token` or, if undefined, with tokens that the server makes. */
export function signInAs(userID: string, token: string | undefined): SignedIn {
  sessionStorage.setItem(TAB_KEY, JSON.stringify({ userID, token }));
  localStorage.setItem(NAME_KEY, userID);
  return signedIn(userID, token);
}

/** Signs this tab in as the user whom this browser rings for, if it rings for anybody. */
export async function wokenHere(): Promise<SignedIn | undefined> {
  const woken = await readWoken();
  return woken === undefined ? undefined : signInAs(woken.userID, woken.token);
}

export function forget(): void {
  sessionStorage.removeItem(TAB_KEY);
}

/** The userID that signed in last in this browser, as a suggestion; empty if none did. */
export function lastUserID(): string {
  return localStorage.getItem(NAME_KEY) ?? "";
}

/** The function that gets tokens for a user: the one that they gave, or one that the server makes. */
export function tokenFor(userID: string, token: string | undefined): () => Promise<string> {
  return token === undefined ? () => fetchDevToken(userID) : async () => token;
}

function signedIn(userID: string, token: string | undefined): SignedIn {
  const kept = token === undefined ? { userID } : { userID, token };
  return { userID, token: tokenFor(userID, token), kept };
}
