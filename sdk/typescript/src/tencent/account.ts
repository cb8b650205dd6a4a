import { isText } from "../check.js";
import { Wigwag } from "../client.js";
import { WigwagError } from "../errors.js";
import type { State } from "../events.js";
import { CLOSED } from "../machine/closing.js";
import type { WigwagOptions } from "../options.js";
import { clientKey, pageRooms } from "../pageRooms.js";
import { present } from "../present.js";
import { socketHere } from "../transport/miniProgram.js";
import type { UserId } from "../wire/index.js";
import { answered, ChatError, CODE, chatError, invalid, ok, type Success } from "./codes.js";
import { EVENT, TYPES } from "./constants.js";
import type { Listeners } from "./listeners.js";
import { asked, Params } from "./params.js";
import { seconds } from "./shapes.js";
import { shared } from "./shared.js";
import { GROUP_SIGNALING, type GroupSignaling } from "./signalingEvents.js";

/** What `create` takes: Tencent's SDKAppID, the address of one's own server, and what the native client takes besides. */
export interface CreateOptions
  extends Pick<WigwagOptions, "deviceID" | "platform" | "cursorStore" | "webSocket" | "requestTimeoutMs" | "connectTimeoutMs"> {
  /** The server's `sdkAppID`. A UserSig for another app is refused at login (70014). */
  readonly SDKAppID: number;
  /** The server: `wss://chat.example.org`. Without it, that of `TencentCloudChat.setServer`. */
  readonly url?: string | undefined;
  /** The same, under the name that Tencent's package has for it. */
  readonly proxyServer?: string | undefined;
  /**
   * Who is told of an invitation in a group, and of the answers to it: `members` (the default), all members, as Tencent documents it;
   * `invitees`, the inviter and those who are invited, as Tencent's web package does it and call engines expect it. Without it, that of
   * `TencentCloudChat.setServer`.
   */
  readonly groupSignaling?: GroupSignaling | undefined;
  /** Taken and not used. */
  readonly scene?: string | undefined;
  /** Taken and not used: everything is in the chat. */
  readonly modules?: object | undefined;
}

/** What `login` resolves with. */
export type LoggedIn = Success<{ actionStatus: "OK"; errorCode: 0; errorInfo: ""; repeatLogin?: true }>;

/** What takes part in each login. */
export interface Part {
  /** A user signs in with a new client; nothing has been told yet. */
  begins(client: Wigwag, me: UserId): void;
  /** The user is signed in; the app is told that it is ready when all parts are. */
  opened?(): Promise<void>;
  /** The app was told. */
  ready?(): void;
  /** The user is signed out. */
  ends(): void;
}

/** One login, from the call to its end. */
interface Life {
  readonly userID: UserId;
  /** The newest that the app has given; the client takes it when the one before has expired. */
  userSig: string;
  readonly client: Wigwag;
  readonly done: Promise<void>;
  /** `open` once the first session is there, `ready` once the app was told. */
  stage: "connecting" | "open" | "ready";
  /** Set when the app has logged out; in a handler that is over only when the handler has returned. */
  leaving?: Promise<void>;
}

/** A clock that is off by less is taken to be right: the reply to the sign-in has been on its way. */
const CLOCK_TOLERANCE_MS = 10_000;

/** Who is signed in, and everything that Tencent's package says about it. */
export class Account {
  readonly #options: CreateOptions;
  readonly #listeners: Listeners;
  readonly #parts: Part[] = [];
  #life: Life | undefined;
  #network: string = TYPES.NET_STATE_DISCONNECTED;
  #aheadMs = 0;

  constructor(options: CreateOptions, listeners: Listeners) {
    this.#options = options;
    this.#listeners = listeners;
  }

  add<P extends Part>(part: P): P {
    this.#parts.push(part);
    return part;
  }

  get me(): UserId {
    return this.#life?.userID ?? "";
  }

  /**
   * The device's time in seconds at a server time in ms. They differ where the device's clock is off: packages such as tsignaling
   * compare the time of messages with their own clock, and would take a call that rings for an old one.
   */
  secondsHere = (serverMs: number): number => seconds(serverMs + this.#aheadMs);

  /** The server's time, ms, as far as it is known: as of the last sign-in. */
  get serverTime(): number {
    return Date.now() - this.#aheadMs;
  }

  get ready(): boolean {
    return this.#life?.stage === "ready";
  }

  /** The client of who is signed in. Throws when nobody is. */
  client(): Wigwag {
    if (this.#life === undefined || this.#life.stage === "connecting") {
      throw new ChatError(CODE.notReady, "the SDK is not ready: call login and wait for it", { reason: "notSignedIn" });
    }
    return this.#life.client;
  }

  login(options: unknown): Promise<LoggedIn> {
    return asked(options, async (params) => {
      const userID = params.text("userID");
      const userSig = params.text("userSig");
      if (this.#life?.leaving !== undefined) {
        await this.#life.leaving;
      }
      const again = this.#life !== undefined;
      await this.#begin(userID, userSig).done;
      return ok({ actionStatus: "OK", errorCode: 0, errorInfo: "", ...(again ? { repeatLogin: true } : {}) });
    });
  }

  logout(): Promise<Success<object>> {
    return answered(async () => {
      const life = this.#life;
      if (life !== undefined) {
        life.leaving = life.client.close();
        await life.leaving;
      }
      return ok({});
    });
  }

  #begin(userID: UserId, userSig: string): Life {
    if (this.#life !== undefined) {
      if (this.#life.userID !== userID) {
        throw new ChatError(CODE.loginInProcess, `${this.#life.userID} is signed in: call logout first`);
      }
      this.#life.userSig = userSig;
      return this.#life;
    }
    const client = new Wigwag(this.#clientOptions(userID, () => life.userSig));
    client.on("state", (state) => this.#moved(client, state));
    client.on("warning", (error) => this.#listeners.emit(EVENT.ERROR, errorEvent(error)));
    for (const part of this.#parts) {
      part.begins(client, userID);
    }
    const done = Promise.resolve().then(() => this.#connect(life));
    const life: Life = { userID, userSig, client, stage: "connecting", done };
    this.#life = life;
    return life;
  }

  async #connect(life: Life): Promise<void> {
    await life.client.connect();
    life.stage = "open";
    pageRooms.clients.set(clientKey(this.#options.SDKAppID, life.userID), life.client);
    // At once: what happens from now on comes on top of what is open.
    const parts = Promise.allSettled(this.#parts.map((part) => part.opened?.()));
    // Apps may begin to listen for SDK_READY when the promise of login has resolved.
    setTimeout(() => void this.#makeReady(life, parts), 0);
  }

  async #makeReady(life: Life, parts: Promise<PromiseSettledResult<unknown>[]>): Promise<void> {
    const outcomes = await parts;
    if (this.#life !== life) {
      return;
    }
    life.stage = "ready";
    this.#listeners.emit(EVENT.SDK_READY);
    for (const part of this.#parts) {
      part.ready?.();
    }
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") {
        this.#listeners.emit(EVENT.ERROR, errorEvent(outcome.reason));
      }
    }
  }

  #moved(client: Wigwag, state: State): void {
    if (this.#life?.client !== client) {
      return;
    }
    if (state.status === "open") {
      const ahead = Date.now() - state.serverTime;
      this.#aheadMs = Math.abs(ahead) > CLOCK_TOLERANCE_MS ? ahead : 0;
    }
    this.#tellNetwork(state);
    if (state.status === "closed") {
      this.#end(this.#life, state.why);
    }
  }

  #end(life: Life, why: WigwagError): void {
    this.#life = undefined;
    const key = clientKey(this.#options.SDKAppID, life.userID);
    if (pageRooms.clients.get(key) === life.client) {
      pageRooms.clients.delete(key);
    }
    for (const part of this.#parts) {
      part.ends();
    }
    if (life.stage === "connecting") {
      return;
    }
    const kick = kickOf(why);
    if (kick !== undefined) {
      this.#listeners.emit(EVENT.KICKED_OUT, { type: kick });
    } else if (why.reason !== "closed") {
      this.#listeners.emit(EVENT.ERROR, errorEvent(why));
    }
    this.#listeners.emit(EVENT.SDK_NOT_READY);
  }

  #tellNetwork({ status }: State): void {
    const network = NETWORK[status];
    if (network !== this.#network) {
      this.#network = network;
      this.#listeners.emit(EVENT.NET_STATE_CHANGE, { state: network });
    }
  }

  #clientOptions(userID: UserId, token: () => string): WigwagOptions {
    const options = new Params(this.#options);
    const webSocket = this.#options.webSocket ?? socketHere();
    if (!options.optionalCount("SDKAppID")) {
      throw invalid("SDKAppID", "must be the number of your app");
    }
    options.optionalChoice("groupSignaling", GROUP_SIGNALING);
    const url = options.optionalText("url") ?? options.optionalText("proxyServer") ?? shared.server;
    if (!isText(url)) {
      throw invalid("url", "is missing: give it to create or TencentCloudChat.setServer");
    }
    return {
      ...present({ ...this.#options, webSocket }),
      url,
      userID,
      get token() {
        return token();
      },
    };
  }
}

const NETWORK: Readonly<Record<State["status"], string>> = {
  idle: TYPES.NET_STATE_DISCONNECTED,
  connecting: TYPES.NET_STATE_CONNECTING,
  open: TYPES.NET_STATE_CONNECTED,
  reconnecting: TYPES.NET_STATE_CONNECTING,
  closed: TYPES.NET_STATE_DISCONNECTED,
};

/** How Tencent's package calls the end of a session that the server or another device made; undefined for other ends. */
function kickOf({ reason, closeCode }: WigwagError): string | undefined {
  switch (reason) {
    case "kicked":
      return closeCode === CLOSED.platformLimit ? TYPES.KICKED_OUT_MULT_DEVICE : TYPES.KICKED_OUT_MULT_ACCOUNT;
    case "tokenExpired":
      return TYPES.KICKED_OUT_USERSIG_EXPIRED;
    case "tokenRevoked":
      return TYPES.KICKED_OUT_REST_API;
    default:
      return undefined;
  }
}

function errorEvent(thrown: unknown): { code: number; message: string } {
  const { code, message } = thrown instanceof WigwagError ? chatError(thrown) : (thrown as ChatError);
  return { code, message };
}
