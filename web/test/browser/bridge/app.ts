import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";

/** A call, an invitation or an event, as OpenIM's package hands it over. */
// biome-ignore lint/suspicious/noExplicitAny: what the package hands over has no type that could be relied on.
export type Any = any;

/** What a method of the package rejects with. */
export interface Refusal {
  errCode: number;
  errMsg: string;
}

/** How long several pages may take to load the core of OpenIM's package, 36 MB each, ms. */
export const LOADING_MS = 120_000;

/** How long a step may take before the story fails, ms: another page may be loading the core. */
const PATIENCE_MS = 30_000;

/** The call events of OpenIM, with those of rooms. */
const EVENTS = [
  "OnReceiveNewInvitation",
  "OnInviteeAccepted",
  "OnInviteeRejected",
  "OnInviteeAcceptedByOtherDevice",
  "OnInviteeRejectedByOtherDevice",
  "OnInvitationCancelled",
  "OnInvitationTimeout",
  "OnHangUp",
  "OnRoomParticipantConnected",
  "OnRoomParticipantDisconnected",
  "OnReceiveCustomSignal",
];

/** What the page has, in the words of an app that has loaded OpenIM's script and the bridge. */
interface Shop {
  openImSdkWasm: { getSDK(options: object): Any };
  WigwagBridge: { bridgeCalls(sdk: object, options: object): { signedIn: Promise<void>; close(): Promise<void> } };
  sdk: Any;
  bridge: { signedIn: Promise<void>; close(): Promise<void> };
  heard: { name: string; frame: Any }[];
}

declare const window: Shop & { location: { origin: string } };

/** One page of an app on OpenIM's package, unmodified. */
export class OpenImApp {
  readonly userID: string;
  readonly page: Page;
  /** How many events of each name were read. */
  readonly #read = new Map<string, number>();

  private constructor(userID: string, page: Page) {
    this.userID = userID;
    this.page = page;
  }

  /** Opens the page and loads OpenIM's core in it. */
  static async open(browser: Browser, address: string, userID: string): Promise<OpenImApp> {
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE_MS);
    const app = new OpenImApp(userID, await context.newPage());
    await app.page.goto(address);
    await app.#loads();
    return app;
  }

  /** Loads the page again, as a person does. */
  async loadsAgain(): Promise<void> {
    await this.page.reload();
    this.#read.clear();
    await this.#loads();
  }

  async closes(): Promise<void> {
    await this.page.context().close();
  }

  /** Signs in to OpenIM: its core begins a session also while its server cannot be reached. */
  async logsIn(settings: object = {}): Promise<void> {
    const claims = { UserID: this.userID, PlatformID: 5, exp: 2_000_000_000 };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.signature`;
    const given = { userID: this.userID, token, platformID: 5, logLevel: 1, isLogStandardOutput: false, ...settings };
    await this.page.evaluate(async (login) => {
      const { origin } = window.location;
      await window.sdk.login({ apiAddr: origin, wsAddr: origin.replace("http", "ws"), ...login });
    }, given);
  }

  /** Signs in for calls; gives why not. */
  async bridges(options: object): Promise<Refusal | undefined> {
    await this.begins(options);
    return this.isSignedIn();
  }

  /** Begins to sign in for calls. */
  async begins(options: object): Promise<void> {
    await this.page.evaluate((given) => {
      window.bridge = window.WigwagBridge.bridgeCalls(window.sdk, given);
    }, options);
  }

  /** Waits for the sign-in; gives why not. */
  async isSignedIn(): Promise<Refusal | undefined> {
    return this.page.evaluate(async () => {
      try {
        await window.bridge.signedIn;
        return undefined;
      } catch (thrown) {
        const { errCode, errMsg } = thrown as Refusal;
        return { errCode, errMsg };
      }
    });
  }

  async leaves(): Promise<void> {
    await this.page.evaluate(() => window.bridge.close());
  }

  /** Calls a method of the package; what it resolves with. */
  async asks(method: string, ...given: unknown[]): Promise<Any> {
    const outcome = await this.#calls(method, given);
    expect(outcome.refusal, `${this.userID} asks ${method}`).toBeUndefined();
    return outcome.data;
  }

  /** Calls a method of the package; what it rejects with. */
  async isRefused(method: string, ...given: unknown[]): Promise<Refusal> {
    const { refusal, data } = await this.#calls(method, given);
    expect(refusal, `${method} succeeded with ${JSON.stringify(data)}`).toBeDefined();
    return refusal as Refusal;
  }

  /** The call as OpenIM's documentation makes it. */
  rtc(changes: object = {}): Any {
    return {
      inviterUserID: this.userID,
      inviteeUserIDList: ["bob"],
      groupID: "",
      roomID: "",
      timeout: 30,
      mediaType: "video",
      sessionType: 1,
      platformID: 5,
      ...changes,
    };
  }

  /** The next event of this name, whether it is here or comes. */
  async hears(name: string): Promise<Any> {
    const frame = await this.hearsFrame(name);
    expect(frame).toMatchObject({ event: name, errCode: 0, errMsg: "", operationID: "" });
    return frame.data;
  }

  /** Waits until some event of this name says that these people are in the room. */
  async hearsRoom(name: string, people: string[]): Promise<void> {
    await this.page.waitForFunction(
      ([wanted, inside]) =>
        window.heard.some(
          ({ name: told, frame }) =>
            told === wanted && JSON.stringify(frame.data.participant.map((one: Any) => one.userInfo.userID)) === inside,
        ),
      [name, JSON.stringify(people)] as const,
    );
  }

  /** The next event, as the package hands it over. */
  async hearsFrame(name: string): Promise<Any> {
    const read = this.#read.get(name) ?? 0;
    const found = await this.page.waitForFunction(([wanted, after]) => window.heard.filter((one) => one.name === wanted)[after], [
      name,
      read,
    ] as const);
    this.#read.set(name, read + 1);
    return ((await found.jsonValue()) as Any).frame;
  }

  /** How many events of this name nobody has looked at, after all that was under way has come. */
  async hasUnread(name: string): Promise<number> {
    await this.asks("signalingGetRoomByGroupID", "nobodys");
    const all = await this.page.evaluate((wanted) => window.heard.filter((one) => one.name === wanted).length, name);
    return all - (this.#read.get(name) ?? 0);
  }

  /** Forgets what was heard. */
  async forgets(): Promise<void> {
    this.#read.clear();
    await this.page.evaluate(() => window.heard.splice(0));
  }

  /** Loads OpenIM's core, as an app does at its start. */
  async #loads(): Promise<void> {
    await this.page.evaluate((names) => {
      window.heard = [];
      window.sdk = window.openImSdkWasm.getSDK({ coreWasmPath: "/openIM.wasm", sqlWasmPath: "/sql-wasm.wasm", debug: false });
      for (const name of names) {
        window.sdk.on(name, (frame: object) => window.heard.push({ name, frame }));
      }
    }, EVENTS);
    await this.page.evaluate(() => window.sdk.wasmInitializedPromise);
  }

  async #calls(method: string, given: unknown[]): Promise<{ data?: Any; refusal?: Refusal }> {
    return this.page.evaluate(
      async ([name, words]) => {
        try {
          return { data: (await window.sdk[name](...words)).data };
        } catch (thrown) {
          const { errCode, errMsg } = thrown as Refusal;
          return { refusal: { errCode, errMsg } };
        }
      },
      [method, given] as const,
    );
  }
}
