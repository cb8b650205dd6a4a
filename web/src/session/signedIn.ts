import { fetchDevToken } from "./server.js";

/** The user of this page, and the function that gets tokens for them. */
export interface SignedIn {
  readonly userID: string;
  readonly token: () => Promise<string>;
}

/** Kept for this tab, so that a reloaded page needs no sign-in. */
interface Remembered {
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

export function forget(): void {
  sessionStorage.removeItem(TAB_KEY);
}

/** The userID that signed in last in this browser, as a suggestion; empty if none did. */
export function lastUserID(): string {
  return localStorage.getItem(NAME_KEY) ?? "";
}

function signedIn(userID: string, token: string | undefined): SignedIn {
  return { userID, token: token === undefined ? () => fetchDevToken(userID) : async () => token };
}
