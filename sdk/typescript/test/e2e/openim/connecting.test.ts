import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { kill, serve } from "../program.js";
import { Server } from "../server.js";
import { type Any, type App, OpenImPeople, packages } from "./people.js";

const SECRET = "openIM123openIM123openIM123openIM123";

let server: Server;
let people: OpenImPeople;

beforeEach(async () => {
  server = await Server.start(`[auth]\nkey = "${SECRET}"\n`);
  people = new OpenImPeople(server, token);
});

afterEach(async () => {
  await people.end();
  await server.end();
});

describe.each([2, 3] as const)("open-im-sdk %i", (version) => {
  test("signs in, is told to load its lists, and signs out", async () => {
    const alice = people.app(version, "alice");
    await alice.login(token("alice"));
    await alice.hears("OnConnectSuccess");
    await alice.hears("OnSyncServerStart");
    await alice.hears("OnSyncServerFinish");
    expect(alice.heard.map(({ name }) => name)).toEqual(["OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"]);
    expect(await alice.asks("getLoginStatus")).toBe(version === 2 ? 101 : 3);
    expect(await alice.asks(version === 2 ? "getLoginUser" : "getLoginUserID")).toBe("alice");
    const logout = await alice.sdk.logout?.();
    expect(logout?.errCode).toBe(0);
    await alice.login(token("alice"));
  });

  test("is told why a Login is refused, and can sign in again", async () => {
    const alice = people.app(version, "alice");
    const refused = await alice.login(token("bob")).catch((frame) => frame);
    expect(refused).toMatchObject({ event: "Login", errCode: version === 2 ? 702 : 1502 });
    expect(refused.errMsg).toContain("another user");
    await alice.hears("OnUserTokenExpired");
    // The older package answers a Login with the end of the connection before, as long as that is under way.
    const answer = (token: string) =>
      alice.login(token).then(
        ({ errCode }) => errCode,
        ({ errCode }) => errCode,
      );
    await expect.poll(() => answer(token("alice", -10))).toBe(version === 2 ? 701 : 1501);
    await alice.hears("OnUserTokenExpired");
    await expect.poll(() => answer(token("alice"))).toBe(0);
  });

  test("is told when its token expires while it is signed in", async () => {
    const alice = people.app(version, "alice");
    await alice.login(token("alice", 2));
    await alice.hears("OnSyncServerFinish");
    await alice.hears("OnUserTokenExpired");
    expect(alice.heard.filter(({ name }) => name === "OnKickedOffline")).toEqual([]);
  });

  test("takes the tokens of OpenIM's own servers", async () => {
    const claims = version === 2 ? { UID: "alice", Platform: "Web" } : { UserID: "alice", PlatformID: 5 };
    const alice = people.app(version, "alice");
    await alice.login(signed({ ...claims, exp: Math.floor(Date.now() / 1_000) + 60 }));
  });

  test("keeps a user whose name is a number a text", async () => {
    const app = people.app(version, "123");
    await app.login(token("123"));
    const frame = await app.sdk[version === 2 ? "getLoginUser" : "getLoginUserID"]?.();
    expect(frame?.data).toBe("123");
  });
});

test("the SDK's object takes the tokens of OpenIM's own servers", async () => {
  const alice = people.app("sdk", "alice");
  await alice.login(signed({ UserID: "alice", PlatformID: 5, exp: Math.floor(Date.now() / 1_000) + 60 }));
  expect(await alice.asks("getLoginUserID")).toBe("alice");
});

describe("the frames", () => {
  test("of every function of both packages are answered, and those of none are refused", async () => {
    for (const version of [2, 3] as const) {
      const raw = await Raw.signedIn(version);
      for (const name of functions(version).filter((name) => !["Login", "Logout"].includes(name))) {
        const frame = await raw.asks(name, version === 2 ? "" : "[]");
        expect(frame.event, name).toBe(name);
        expect(Number.isInteger(frame.errCode), name).toBe(true);
        expect(typeof frame.data, name).toBe("string");
        expect(frame.errCode === 0 || frame.errMsg !== "", name).toBe(true);
      }
      expect((await raw.asks("GetFriendList", version === 2 ? "" : "[]")).data).toBe("[]");
      expect(await raw.asks("Dance", "[]")).toMatchObject({ event: "Dance", errCode: version === 2 ? 1001 : 20_000 });
      await raw.end();
    }
  });

  test("that are wrong are refused, and the connection lives", async () => {
    for (const version of [2, 3] as const) {
      const raw = await Raw.signedIn(version);
      const event = version === 2 ? "error" : "Protocol Error";
      for (const text of ["{", "[]", "7", '"x"', '{"reqFuncName":{}}']) {
        raw.sends(text);
        expect(await raw.hears()).toMatchObject({ event, errCode: version === 2 ? 100 : 20_000, operationID: "" });
      }
      raw.sends(JSON.stringify({ operationID: "x" }));
      expect((await raw.hears()).event).toBe(event);
      raw.sends("x".repeat(65 * 1024));
      expect((await raw.hears()).event).toBe(event);
      for (const data of ["{", "7", '{"invitation":7}', '["x"]', '[{"invitation":[]}]', "null", "[null]"]) {
        const frame = await raw.asks("SignalingInvite", data);
        expect(frame, data).toMatchObject({ event: "SignalingInvite" });
        expect(frame.errCode, data).not.toBe(0);
      }
      const other = { reqFuncName: "GetSelfUserInfo", operationID: "9", userID: "bob", data: "[]" };
      raw.sends(JSON.stringify(other));
      expect(await raw.hears()).toMatchObject({ operationID: "9", errCode: version === 2 ? 801 : 1002 });
      expect((await raw.asks("GetLoginStatus", version === 2 ? "" : "[]")).data).toBe(version === 2 ? "101" : "3");
      await raw.end();
    }
  });

  test("before Login are refused, and an address without a platform is too", async () => {
    const raw = await Raw.connected("sendID=alice&token=t");
    raw.sends(JSON.stringify({ reqFuncName: "GetSelfUserInfo", operationID: "1", userID: "alice", data: "" }));
    expect(await raw.hears()).toMatchObject({ errCode: 1003, operationID: "1" });
    const login = { userID: "alice", token: token("alice") };
    expect(await raw.asks("Login", JSON.stringify(login))).toMatchObject({ errCode: 1001 });
    await raw.end();
  });
});

test("the token in the address stands in no log", async () => {
  const home = mkdtempSync(join(tmpdir(), "wigwag-openim-"));
  const env = { ...process.env, WIGWAG_LOG_LEVEL: "trace", WIGWAG_LOG_SESSIONS: "true", WIGWAG_AUTH_KEY: SECRET };
  const running = await serve(["--data", home, "--listen", "127.0.0.1:0"], env);
  try {
    let log = "";
    const note = (chunk: unknown) => {
      log += chunk;
    };
    running.process.stdout?.on("data", note);
    running.process.stderr?.on("data", note);
    const socket = new WebSocket(`ws://${running.address}/openim?sendID=alice&token=not-for-logs&platformID=5`);
    await once(socket, "open");
    const data = JSON.stringify({ userID: "alice", token: "not-for-logs" });
    socket.send(JSON.stringify({ reqFuncName: "Login", operationID: "1", userID: "alice", data }));
    await once(socket, "close");
    await expect.poll(() => log).toContain("a sign-in was refused");
    expect(log).not.toContain("not-for-logs");
  } finally {
    await kill(running.process);
    rmSync(home, { recursive: true, force: true });
  }
});

test("several connections of one platform live together, and each hears", async () => {
  const tabs = [await people.ready(2, "bob"), await people.ready(3, "bob"), await people.ready(3, "bob")];
  const alice = await people.ready(3, "alice");
  await alice.invites(alice.rtc());
  for (const tab of tabs) {
    await tab.hears("OnReceiveNewInvitation");
  }
  expect(await (tabs[0] as App).asks("getLoginStatus")).toBe(101);
});

function functions(version: 2 | 3): string[] {
  const { RequestFunc, RequestApi } = packages[version] as Any;
  const names: string[] = Object.values(version === 2 ? RequestFunc : RequestApi);
  const called = names.filter((name) => !name.startsWith("On"));
  expect(called).toHaveLength(version === 2 ? 120 : 101);
  return called;
}

function token(userID: string, ttl = 3_600): string {
  return signed({ sub: userID, exp: Math.floor(Date.now() / 1_000) + ttl });
}

function signed(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${body}.${createHmac("sha256", SECRET).update(body).digest("base64url")}`;
}

/** A connection without a package. */
class Raw {
  readonly #socket: WebSocket;
  readonly #frames: Any[] = [];
  #number = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#frames.push(JSON.parse(String(data))));
  }

  static async connected(query: string): Promise<Raw> {
    const socket = new WebSocket(`${server.url}/openim?${query}`);
    await once(socket, "open");
    return new Raw(socket);
  }

  static async signedIn(version: 2 | 3): Promise<Raw> {
    const raw = await Raw.connected(`sendID=alice&token=t&platformID=5${version === 3 ? "&operationID=o" : ""}`);
    const login = version === 2 ? { userID: "alice", token: token("alice") } : ["alice", token("alice")];
    expect((await raw.asks("Login", JSON.stringify(login))).errCode).toBe(0);
    return raw;
  }

  sends(text: string): void {
    this.#socket.send(text);
  }

  async asks(reqFuncName: string, data: string): Promise<Any> {
    this.#number += 1;
    const operationID = `op${this.#number}`;
    this.sends(JSON.stringify({ reqFuncName, operationID, userID: "alice", data }));
    return this.hears((frame) => frame.operationID === operationID);
  }

  /** The next frame that is no event, or the one that is meant. */
  async hears(meant = (frame: Any) => frame.operationID !== "0"): Promise<Any> {
    await expect.poll(() => this.#frames.some(meant), { timeout: 10_000 }).toBe(true);
    const place = this.#frames.findIndex(meant);
    return this.#frames.splice(place, 1)[0];
  }

  async end(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}
