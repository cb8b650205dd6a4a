import { createRequire } from "node:module";
import { expect, vi } from "vitest";
import WebSocket from "ws";
import { OpenIMSDK } from "../../../src/openim/index.js";

/** A frame as the packages hand it over. */
export interface Frame {
  event: string;
  errCode: number;
  errMsg: string;
  data: unknown;
  operationID: string;
}

/** An object as OpenIM's clients pass it. */
// biome-ignore lint/suspicious/noExplicitAny: what the packages hand over has no type that could be relied on.
export type Any = any;

type Call = (...given: unknown[]) => Promise<Frame>;

/** What is needed of a server that runs. */
interface Server {
  readonly url: string;
  token(userID: string): string;
}

/** What the tests use of both packages. */
interface Package {
  OpenIMSDK: new () => Record<string, Call> & {
    on(name: string, handler: (frame: Frame) => void): void;
    createRequestFunction(name: string, formatter?: (given: Any) => string): Call;
    createRequestFunctionWithoutParams(name: string): Call;
  };
  CbEvents: Record<string, string>;
}

/** How long an event may take that comes, ms: on a busy machine a process needs seconds to answer. */
export const PATIENCE_MS = 15_000;

/** The call events and those of groups' rooms, which the older package does not raise. */
const ROOM_EVENTS = ["OnRoomParticipantConnected", "OnRoomParticipantDisconnected", "OnReceiveCustomSignal"];

/** A client of OpenIM's: a version of the public package open-im-sdk, as it is, or this SDK's object that has the newer one's methods. */
export type Kind = 2 | 3 | "sdk";

/** Stands for the worker in which the older package counts ten seconds: here a test says when they are over. */
class Heart {
  onmessage: (() => void) | undefined;
  terminate(): void {
    this.onmessage = undefined;
  }
}

/** Both versions of the public package open-im-sdk, as they are. */
export const packages: Record<2 | 3, Package> = load();

/** They take the browser's `window`, `WebSocket` and `Worker`, which have to be there before they are loaded. */
function load(): Record<2 | 3, Package> {
  Object.assign(globalThis, { WebSocket, Worker: Heart, window: { navigator: { onLine: true }, URL } });
  const require = createRequire(import.meta.url);
  return { 2: require("open-im-sdk-2"), 3: require("open-im-sdk-3") };
}

/** Each version with each, and the object with itself and with the version whose shapes it has. */
export const PAIRS = [
  [2, 2],
  [2, 3],
  [3, 2],
  [3, 3],
  ["sdk", "sdk"],
  ["sdk", 3],
  [3, "sdk"],
] as const;

/** People who use OpenIM's packages, on one server. */
export class OpenImPeople {
  readonly #server: Server;
  readonly #token: (userID: string) => string;
  readonly #apps: App[] = [];

  constructor(server: Server, token = (userID: string) => server.token(userID)) {
    this.#server = server;
    this.#token = token;
  }

  /** An app that is not signed in. */
  app(kind: Kind, userID: string, platformID = 5): App {
    const app = new App(kind, userID, platformID, this.#server, this.#token);
    this.#apps.push(app);
    return app;
  }

  async ready(kind: Kind, userID: string, platformID = 5): Promise<App> {
    const app = this.app(kind, userID, platformID);
    await app.login();
    await app.hears("OnSyncServerFinish");
    return app;
  }

  async end(): Promise<void> {
    for (const app of this.#apps) {
      await app.end();
    }
  }
}

/** One client of one user, and all it was told. */
export class App {
  /** Whose shapes it has. */
  readonly version: 2 | 3;
  readonly userID: string;
  readonly platformID: number;
  readonly sdk: Package["OpenIMSDK"]["prototype"];
  readonly heard: { name: string; data: Any }[] = [];
  readonly #server: Server;
  readonly #read = new Map<string, number>();
  readonly #token: (userID: string) => string;
  #signedIn = false;

  constructor(kind: Kind, userID: string, platformID: number, server: Server, token: (userID: string) => string) {
    this.version = kind === "sdk" ? 3 : kind;
    this.userID = userID;
    this.platformID = platformID;
    this.#server = server;
    this.#token = token;
    const { OpenIMSDK: Package, CbEvents } = packages[this.version];
    // The object's methods are a part of the package's, and more; the tests call them by name.
    this.sdk = kind === "sdk" ? (new OpenIMSDK({ webSocket: WebSocket }) as unknown as App["sdk"]) : new Package();
    for (const name of new Set([...Object.values(CbEvents), ...(this.version === 3 ? ROOM_EVENTS : [])])) {
      this.sdk.on(name, ({ data }: Frame) => this.heard.push({ name, data: parsed(data) }));
    }
  }

  async login(token = this.#token(this.userID)): Promise<Frame> {
    const { userID, platformID } = this;
    const address = `${this.#server.url}/openim`;
    const given =
      this.version === 2
        ? { userID, token, platformID, url: address }
        : { userID, token, platformID, wsAddr: address, apiAddr: address };
    const frame = await this.sdk.login?.(given);
    this.#signedIn = true;
    return frame as Frame;
  }

  /** Calls a method of the package, or a function it has no method for. What it resolves with, parsed. */
  async asks(method: string, ...given: unknown[]): Promise<Any> {
    const call = this.sdk[method] ?? this.#made(method, given.length === 0);
    const frame = await call.apply(this.sdk, given);
    expect(frame.errCode).toBe(0);
    return parsed(frame.data);
  }

  /** The refusal that a call ends with. */
  async isRefused(method: string, ...given: unknown[]): Promise<Frame> {
    return this.asks(method, ...given).then(
      (data) => expect.fail(`${method} succeeded with ${JSON.stringify(data)}`),
      (frame: Frame) => frame,
    );
  }

  /** Makes a call as its version says it: the older one takes the invitation bare. */
  async invites(invitation: object, method = "signalingInvite"): Promise<Any> {
    return this.asks(method, this.version === 2 ? invitation : { invitation });
  }

  /** The call as the seed's samples make it. */
  rtc(changes: object = {}): Any {
    const { userID: inviterUserID, platformID } = this;
    return {
      inviterUserID,
      inviteeUserIDList: ["bob"],
      groupID: "",
      roomID: "",
      timeout: 30,
      mediaType: "video",
      sessionType: 1,
      platformID,
      ...changes,
    };
  }

  /** A call of members of a group. */
  groupRtc(groupID: string, inviteeUserIDList: string[], changes: object = {}): Any {
    return this.rtc({ groupID, inviteeUserIDList, sessionType: this.version, ...changes });
  }

  /** The next event of this name, whether it is here or comes. */
  async hears(name: string): Promise<Any> {
    const read = this.#read.get(name) ?? 0;
    const next = await vi.waitFor(() => {
      const found = this.heard.filter((one) => one.name === name)[read];
      expect(found, `${this.userID} (${this.version}) waits for ${name}, has ${this.heard.map((one) => one.name)}`).toBeDefined();
      return found;
    }, PATIENCE_MS);
    this.#read.set(name, read + 1);
    return next?.data;
  }

  /** Ten seconds are over, after which the older package looks at its connection. The newer one has a timer of its own, of five. */
  ticks(): void {
    (this.sdk as unknown as { worker: Heart | null }).worker?.onmessage?.();
  }

  /** The connection was lost and can be made again: waits until the package has signed in anew, by itself. */
  async comesBack(): Promise<void> {
    this.ticks();
    await this.hears("OnSyncServerFinish");
  }

  /** How often it has heard this name, after all that was under way has come. */
  async hasHeard(name: string): Promise<number> {
    await this.asks("getSelfUserInfo");
    return this.heard.filter((one) => one.name === name).length;
  }

  async end(): Promise<void> {
    if (this.#signedIn) {
      await this.sdk.logout?.().catch(() => undefined);
    }
  }

  /** Apps of the newer package reach functions it has no method for by making one. */
  #made(method: string, isBare: boolean): Call {
    const name = method.charAt(0).toUpperCase() + method.slice(1);
    const { sdk } = this;
    return isBare ? sdk.createRequestFunctionWithoutParams(name) : sdk.createRequestFunction(name);
  }
}

/** The older package hands texts over; apps parse them. */
function parsed(data: unknown): unknown {
  if (typeof data !== "string") {
    return data;
  }
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
