import type { MediaProvider } from "@wigwag/sdk";

/** What the server says about itself before sign-in. */
export interface ServerFacts {
  readonly version: string;
  /** Whether a name is enough to sign in on this page: the server is in development mode, and on the same machine. */
  readonly devSignIn: boolean;
  /** Whether it would be, had the page been opened by a name of the server's own machine. */
  readonly elsewhere: boolean;
  /** URLs of STUN servers, which let browsers behind routers find each other. */
  readonly stun: readonly string[];
  /** Who carries the media of calls. */
  readonly media: MediaProvider;
}

/** Why a sign-in failed. */
export type SignInTrouble = "unreachable" | "badName" | "busy" | "notHere" | "refused";

export class SignInError extends Error {
  override readonly name = "SignInError";

  constructor(
    readonly trouble: SignInTrouble,
    message: string,
  ) {
    super(message);
  }
}

/** Asks the server for its facts. Rejects with a SignInError. */
export async function fetchFacts(): Promise<ServerFacts> {
  const { version, devSignIn, stun, media } = await ask("/v1/app");
  const here = isThisMachine(location.hostname);
  return {
    version: String(version),
    devSignIn: devSignIn === true && here,
    elsewhere: devSignIn === true && !here,
    stun: Array.isArray(stun) ? stun.map(String) : [],
    media: media === "livekit" || media === "none" ? media : "p2p",
  };
}

/** The names by which a server in development mode knows its own machine; others it takes for another's. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/i.test(hostname);
}

/** Asks a server in development mode for a token. Rejects with a SignInError. */
export async function fetchDevToken(userID: string): Promise<string> {
  const body = JSON.stringify({ userID });
  const { token } = await ask("/v1/dev/token", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  return String(token);
}

type Fields = { readonly [field: string]: unknown };

async function ask(path: string, request: RequestInit = {}): Promise<Fields> {
  let response: Response;
  let body: Fields;
  try {
    response = await fetch(path, request);
    body = (await response.json()) as Fields;
  } catch (thrown) {
    throw new SignInError("unreachable", String(thrown));
  }
  if (!response.ok) {
    throw new SignInError(troubleOf(response.status), `${body.code} ${body.message}`);
  }
  return body;
}

function troubleOf(status: number): SignInTrouble {
  switch (status) {
    case 400:
    case 413:
      return "badName";
    case 403:
      return "notHere";
    case 429:
      return "busy";
    default:
      return "refused";
  }
}
