import { isObject, isText } from "./check.js";
import { invalid, WigwagError, wordsOf } from "./errors.js";
import { random } from "./ids.js";
import type { Settings, StreamPlace } from "./machine/border.js";
import type { WebSocketConstructor } from "./transport/socket.js";
import { type CursorStore, isPlace, tabCursor } from "./transport/tab.js";
import type { Platform, UserId } from "./wire/index.js";

/** How to reach the server, and who is there. */
export interface WigwagOptions {
  /** `wss://host` or `ws://host`; `https` and `http` do as well. The path defaults to `/v1/ws`. */
  readonly url: string;
  /**
   * A UserSig or JWT, or a function that gets one, typically from your own back end. The function is asked again when the token has
   * expired. A text is read again then: unless a fresh one was put here meanwhile, the client closes.
   */
  token: string | (() => string | Promise<string>);
  /** Who is expected to sign in; a token of somebody else's is refused (70013). Default: whoever the token is for. */
  readonly userID?: UserId | undefined;
  /**
   * This device, or a function that gets its ID; keep it across restarts. Default: in browsers one for each tab, kept when the page
   * is loaded again, for the first client of the page that is connected; for all others a new one each.
   */
  readonly deviceID?: string | (() => string | Promise<string>) | undefined;
  /** What kind of device it is. Default: 5 (Web); in Node that of the system: 7 Linux, 4 macOS, 3 Windows. */
  readonly platform?: Platform | undefined;
  /** Where the cursor is kept across restarts; null: nowhere. Default: sessionStorage in browsers, elsewhere nowhere. */
  readonly cursorStore?: CursorStore | null | undefined;
  /** Makes WebSockets where there is no global one, as in Node 20: the default export of `ws`. Default: `globalThis.WebSocket`. */
  readonly webSocket?: WebSocketConstructor | undefined;
  /** How long a command waits for its reply, reconnects included, ms. Default: 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long `connect` waits for the first session, ms. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * The first reconnect comes after a random time up to this, ms; the time doubles with each failure, up to `reconnectMaxMs`.
   * Default: 500.
   */
  readonly reconnectMinMs?: number | undefined;
  /** Longest time between two attempts to reconnect, ms. Default: 30,000. */
  readonly reconnectMaxMs?: number | undefined;
}

/** Options that were looked at, with their defaults. */
export interface Prepared {
  readonly settings: Omit<Settings, "ownActs">;
  readonly url: string;
  readonly webSocket: WebSocketConstructor;
  readonly token: () => string | Promise<string>;
  readonly store: CursorStore | undefined;
}

/** Default time-outs, ms: what a person waits before they try again themselves. */
export const TIMEOUT_MS = 10_000;
/** Default of `reconnectMinMs`. */
const RECONNECT_MIN_MS = 500;
/** Default of `reconnectMaxMs`: a person who waits for the network does not wait longer than this after it is back. */
const RECONNECT_MAX_MS = 30_000;

/**
 * Looks at the options and fetches what a device keeps. Rejects with a WigwagError that names the option.
 *
 * @param spare deviceIDs where the app gives none: the tab's, if it is free, or else another one, which is not kept
 */
export async function prepare(
  options: unknown,
  left: StreamPlace | undefined,
  spare: { tab: string | undefined; other: string },
): Promise<Prepared> {
  const checked = check(options);
  const url = addressOf(checked.url);
  const webSocket = checked.webSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (webSocket === undefined) {
    throw new WigwagError("noWebSocket", "no global WebSocket here: give one as webSocket, such as ws has");
  }
  const { userID, requestTimeoutMs = TIMEOUT_MS } = checked;
  const token = () => (typeof checked.token === "function" ? checked.token() : checked.token);
  const kept = checked.deviceID ?? spare.tab;
  const deviceID = kept === undefined ? spare.other : await deviceOf(kept);
  const tabStore = kept === undefined ? undefined : tabCursor(url, deviceID);
  const store = checked.cursorStore === undefined ? tabStore : (checked.cursorStore ?? undefined);
  const settings: Prepared["settings"] = {
    userID,
    deviceID,
    platform: checked.platform ?? platformHere(),
    place: left ?? (await storedPlace(store)),
    renewsToken: (expired) => checked.token !== expired,
    requestTimeoutMs,
    reconnectMs: [checked.reconnectMinMs ?? RECONNECT_MIN_MS, checked.reconnectMaxMs ?? RECONNECT_MAX_MS],
    random,
  };
  return { settings, url, webSocket, token, store };
}

type Rule = [field: keyof WigwagOptions, fits: (value: unknown) => boolean, words: string];

const DURATIONS = ["requestTimeoutMs", "connectTimeoutMs", "reconnectMinMs", "reconnectMaxMs"] as const;

function check(options: unknown): WigwagOptions {
  if (!isObject(options)) {
    throw invalid("options", "must be an object");
  }
  const rules: Rule[] = [
    ["url", isText, "must be a text"],
    ["token", (value) => isText(value) || isFunction(value), "must be a text or a function"],
    ["userID", optional(isText), "must be a text"],
    ["deviceID", optional((value) => isText(value) || isFunction(value)), "must be a text or a function"],
    ["platform", optional(Number.isSafeInteger), "must be an integer"],
    ["cursorStore", optional((value) => value === null || isStore(value)), "must have load and save"],
    ["webSocket", optional(isFunction), "must be a class of WebSockets"],
    ...DURATIONS.map((field) => [field, optional(isDuration), "must be ms above 0"] as Rule),
  ];
  for (const [field, fits, words] of rules) {
    if (!fits(options[field])) {
      throw invalid(field, words);
    }
  }
  return options as unknown as WigwagOptions;
}

const isFunction = (value: unknown) => typeof value === "function";
const isStore = (value: unknown) => isObject(value) && isFunction(value.load) && isFunction(value.save);
const isDuration = (value: unknown) => typeof value === "number" && value > 0;
const optional = (fits: (value: unknown) => boolean) => (value: unknown) => value === undefined || fits(value);

/** Not with the class URL, of which React Native has only a part. */
function addressOf(url: string): string {
  const parts = /^(?:ws|http)(s?):\/\/([^/?#\s]+)(\/[^?#\s]*)?$/i.exec(url);
  if (parts === null) {
    throw invalid("url", "must look like wss://example.org");
  }
  const [, secure = "", host, path = "/"] = parts;
  return `ws${secure.toLowerCase()}://${host}${path === "/" ? "/v1/ws" : path}`;
}

async function deviceOf(deviceID: NonNullable<WigwagOptions["deviceID"]>): Promise<string> {
  if (typeof deviceID !== "function") {
    return deviceID;
  }
  let given: unknown;
  try {
    given = await deviceID();
  } catch (thrown) {
    throw new WigwagError("storeFailed", `the deviceID could not be read: ${wordsOf(thrown)}`, { cause: thrown });
  }
  if (!isText(given)) {
    throw invalid("deviceID", "must be a text");
  }
  return given;
}

async function storedPlace(store: CursorStore | undefined): Promise<StreamPlace | undefined> {
  let place: unknown;
  try {
    place = await store?.load();
  } catch (thrown) {
    throw new WigwagError("storeFailed", `the stored cursor could not be read: ${wordsOf(thrown)}`, { cause: thrown });
  }
  if (place === undefined || place === null) {
    return undefined;
  }
  if (!isPlace(place)) {
    throw invalid("cursorStore", "gave something that was never saved");
  }
  return place;
}

function platformHere(): Platform {
  const { process } = globalThis as { process?: { platform?: string; versions?: { node?: string } } };
  if (process?.versions?.node === undefined) {
    return 5;
  }
  return process.platform === "darwin" ? 4 : process.platform === "win32" ? 3 : 7;
}
