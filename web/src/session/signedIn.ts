import { fetchDevToken } from "./server.js";

/** Who this page is signed in as, and how it gets tokens. */
export interface SignedIn {
  readonly userID: string;
  readonly token: () => Promise<string>;
}

/** Kept for this tab, so that a page that is loaded again needs no sign-in. */
interface Remembered {
  readonly userID: string;
  /** Absent when the server gives one for the name. */
  readonly token?: string;
}

const TAB_KEY = "wigwag.me";
const NAME_KEY = "wigwag.name";

/** The person of this tab, if he has signed in before. */
export function remembered(): SignedIn | undefined {
  const { userID, token } = JSON.parse(sessionStorage.getItem(TAB_KEY) ?? "{}") as Partial<Remembered>;
  return userID === undefined ? undefined : signedIn(userID, token);
}

/** Signs this tab in: with a token, or with one the server gives. */
export function signInAs(userID: string, token: string | undefined): SignedIn {
  sessionStorage.setItem(TAB_KEY, JSON.stringify({ userID, token }));
  localStorage.setItem(NAME_KEY, userID);
  return signedIn(userID, token);
}

export function forget(): void {
  sessionStorage.removeItem(TAB_KEY);
}

/** Who signed in last in this browser: the name a new tab begins with. */
export function lastUserID(): string {
  return localStorage.getItem(NAME_KEY) ?? "";
}

function signedIn(userID: string, token: string | undefined): SignedIn {
  return { userID, token: token === undefined ? () => fetchDevToken(userID) : async () => token };
}
