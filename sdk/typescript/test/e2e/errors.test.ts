import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { Wigwag, type WigwagOptions } from "../../src/index.js";
import { Device, refused, World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.end());

describe("signing in", () => {
  test.each([
    ["no token at all", "nonsense", 70003, "tokenMalformed"],
    ["a token with another key", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTc5NTI0ODAwMH0.q1c", 70009, "tokenWrongKey"],
  ])("%s", async (_, token, code, reason) => {
    const device = world.device("alice", { token });
    expect(await refused(device.client.connect())).toMatchObject({ code, reason, retryable: false });
    expect(device.client.state).toMatchObject({ status: "closed", why: { reason } });
  });

  test("an expired token; a function is asked for a better one", async () => {
    const device = world.device("alice", { token: world.server.token("alice", -60) });
    expect(await refused(device.client.connect())).toMatchObject({ code: 70001, reason: "tokenExpired" });

    const tokens = [world.server.token("alice", -60), world.server.token("alice")];
    const { userID } = await world.device("alice", { token: async () => tokens.shift() ?? "" }).client.connect();
    expect(userID).toBe("alice");
    expect(tokens).toEqual([]);
  });

  test("a text as token is read again when it has expired", async () => {
    const options = { url: world.server.url, webSocket: WebSocket, token: world.server.token("alice", 2) };
    const client = new Wigwag(options);
    const device = new Device("alice", client);
    await client.connect();
    expect(await device.comesTo("closed")).toMatchObject({ why: { reason: "tokenExpired" } });
    options.token = world.server.token("alice", 2);
    await client.connect();
    options.token = world.server.token("alice");
    await device.comesTo("reconnecting");
    await device.comesTo("open");
    await client.close();
  });

  test("a token of another user", async () => {
    const device = world.device("alice", { userID: "bob" });
    expect(await refused(device.client.connect())).toMatchObject({ code: 70013, reason: "tokenWrongUser" });
  });

  test("a token function that fails, and one that never answers", async () => {
    const failing = world.device("alice", { token: () => Promise.reject(new Error("back end away")), connectTimeoutMs: 300 });
    expect(await refused(failing.client.connect())).toMatchObject({
      reason: "connectTimeout",
      message: expect.stringContaining("back end away"),
    });
    const hanging = world.device("alice", { token: () => new Promise<string>(() => {}), connectTimeoutMs: 100 });
    expect(await refused(hanging.client.connect())).toMatchObject({ reason: "connectTimeout" });
  });

  test("a session whose token expires goes on with a new one", async () => {
    const ttls = [2, 3_600];
    const device = world.device("alice", { token: () => world.server.token("alice", ttls.shift()) });
    await device.client.connect();
    expect(await device.comesTo("reconnecting")).toMatchObject({ why: expect.stringContaining("expired") });
    await device.comesTo("open");
  });
});

describe("a server that is away", () => {
  test("nobody listens there", async () => {
    const device = world.device("alice", { url: `ws://127.0.0.1:${await freePort()}`, connectTimeoutMs: 500 });
    const connecting = refused(device.client.connect());
    const waiting = refused(device.client.signaling.listOpen());
    expect(await connecting).toMatchObject({ code: 9508, reason: "connectTimeout", retryable: true });
    expect(await waiting).toMatchObject({ reason: "connectTimeout" });
    expect(device.states.map((state) => state.status)).toEqual(expect.arrayContaining(["connecting", "reconnecting", "closed"]));
    expect(device.states.at(-1)).toMatchObject({ status: "closed", why: { reason: "connectTimeout" } });
  });

  test("somebody listens who says nothing", async () => {
    const mute = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => mute.once("listening", resolve));
    const { port } = mute.address() as { port: number };
    const device = world.device("alice", { url: `ws://127.0.0.1:${port}`, connectTimeoutMs: 200 });
    expect(await refused(device.client.connect())).toMatchObject({ reason: "connectTimeout" });
    mute.close();
  });

  test("a request gives up after the time-out given", async () => {
    const other = await World.start();
    const device = await other.connected("alice", { requestTimeoutMs: 200 });
    await other.server.kill();
    expect(await refused(device.client.signaling.listOpen())).toMatchObject({
      code: 9520,
      reason: "requestTimeout",
      retryable: true,
    });
    await other.end();
  });

  test("closing while connecting", async () => {
    const device = world.device("alice");
    const connecting = refused(device.client.connect());
    await device.client.close();
    expect(await connecting).toMatchObject({ reason: "closed" });
    await device.client.connect();
    expect(device.client.state.status).toBe("open");
  });
});

/** What JavaScript may be called with. */
const anything = (value: unknown) => value as never;

describe("wrong options are told by connect", () => {
  test.each<[field: string, options: unknown]>([
    ["options", undefined],
    ["options", "ws://127.0.0.1"],
    ["url", { token: "t" }],
    ["url", { url: 8710, token: "t" }],
    ["url", { url: "127.0.0.1:8710", token: "t" }],
    ["url", { url: "ws://127.0.0.1:8710/?token=secret", token: "t" }],
    ["token", { url: "ws://127.0.0.1" }],
    ["token", { url: "ws://127.0.0.1", token: 7 }],
    ["deviceID", { url: "ws://127.0.0.1", token: "t", deviceID: 7 }],
    ["deviceID", { url: "ws://127.0.0.1", token: "t", deviceID: () => 7, webSocket: WebSocket }],
    ["platform", { url: "ws://127.0.0.1", token: "t", platform: "web" }],
    ["cursorStore", { url: "ws://127.0.0.1", token: "t", cursorStore: {} }],
    ["cursorStore", { url: "ws://127.0.0.1", token: "t", cursorStore: { load: () => "7", save() {} }, webSocket: WebSocket }],
    ["requestTimeoutMs", { url: "ws://127.0.0.1", token: "t", requestTimeoutMs: 0 }],
  ])("%s: %j", async (field, options) => {
    const client = new Wigwag(options as WigwagOptions);
    expect(await refused(client.connect())).toMatchObject({ code: -32602, reason: "invalidParams", field });
    expect(client.state.status).toBe("closed");
  });

  test("hooks of the app that fail", async () => {
    const fails = () => Promise.reject(new Error("no disk"));
    const load = world.device("alice", { cursorStore: { load: fails, save: fails } });
    expect(await refused(load.client.connect())).toMatchObject({
      reason: "storeFailed",
      message: expect.stringContaining("no disk"),
    });
    const device = world.device("alice", { deviceID: fails });
    expect(await refused(device.client.connect())).toMatchObject({ reason: "storeFailed" });
  });

  test.skipIf("WebSocket" in globalThis)("no WebSocket", async () => {
    const client = new Wigwag({ url: "ws://127.0.0.1", token: "t" });
    expect(await refused(client.connect())).toMatchObject({
      reason: "noWebSocket",
      message: expect.stringContaining("webSocket"),
    });
  });
});

describe("wrong parameters reject and name the field", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  test.each<[field: string, call: (client: Wigwag) => Promise<unknown>]>([
    ["invitee", (client) => client.signaling.invite(anything({}))],
    ["invitee", (client) => client.signaling.invite(anything(undefined))],
    ["invitee", (client) => client.signaling.invite(anything("bob"))],
    ["invitee", (client) => client.signaling.invite({ invitee: anything(7) })],
    ["invitee", (client) => client.signaling.invite({ invitee: "not an ID" })],
    ["timeout", (client) => client.signaling.invite({ invitee: "bob", timeout: anything("30") })],
    ["timeout", (client) => client.signaling.invite({ invitee: "bob", timeout: Number.NaN })],
    ["timeout", (client) => client.signaling.invite({ invitee: "bob", timeout: -1 })],
    ["data", (client) => client.signaling.invite({ invitee: "bob", data: anything({ call: "video" }) })],
    ["data", (client) => client.signaling.invite({ invitee: "bob", data: anything(null) })],
    ["data", (client) => client.signaling.invite({ invitee: "bob", data: "\ud83d" })],
    ["inviteID", (client) => client.signaling.invite({ invitee: "bob", inviteID: anything(7) })],
    ["offlinePushInfo", (client) => client.signaling.invite({ invitee: "bob", offlinePushInfo: anything("push") })],
    ["offlinePushInfo", (client) => client.signaling.invite({ invitee: "bob", offlinePushInfo: cyclic })],
    ["offlinePushInfo", (client) => client.signaling.invite({ invitee: "bob", offlinePushInfo: { big: 1n } })],
    ["inviteeList", (client) => client.signaling.inviteInGroup({ groupID: "g", inviteeList: anything("bob") })],
    ["inviteeList", (client) => client.signaling.inviteInGroup({ groupID: "g", inviteeList: anything([7]) })],
    ["notify", (client) => client.signaling.inviteInGroup({ groupID: "g", inviteeList: ["bob"], notify: anything("all") })],
    ["inviteID", (client) => client.signaling.accept(anything({}))],
    ["inviteID", (client) => client.signaling.reject(anything(undefined))],
    ["params", (client) => client.signaling.cancel(anything("019aa5c2"))],
    ["params", (client) => client.signaling.get(anything(null))],
    ["data", (client) => client.signaling.modify(anything({ inviteID: "a" }))],
    ["text", (client) => client.messages.sendText(anything({ userID: "bob" }))],
    ["data", (client) => client.messages.sendCustom(anything(undefined))],
    ["content", (client) => client.messages.send(anything({ userID: "bob", type: "text" }))],
    ["userID", (client) => client.messages.sendText(anything({ text: "to nobody" }))],
    ["seq", (client) => client.messages.revoke(anything({ userID: "bob", seq: 1.5 }))],
    ["limit", (client) => client.conversations.list({ limit: anything("all") })],
    ["groupID", (client) => client.groups.info(anything({}))],
    ["role", (client) => client.groups.setRole({ groupID: "g", userID: "bob", role: anything("king") })],
    ["userIDs", (client) => client.users.get(anything({ userIDs: "bob" }))],
  ])("%s (%#)", async (field, call) => {
    const device = await world.connected("alice");
    expect(await refused(call(device.client))).toMatchObject({ code: -32602, reason: "invalidParams", field });
    await device.client.close();
  });

  test("before connect, and after close", async () => {
    const { client } = world.device("alice");
    expect(await refused(client.signaling.listOpen())).toMatchObject({ code: 6014, reason: "notSignedIn" });
    await client.connect();
    await client.close();
    expect(await refused(client.signaling.listOpen())).toMatchObject({ code: 6014, reason: "closed" });
    await client.close();
  });

  test("a listener that is no function is warned of", () => {
    const { client } = world.device("alice");
    const warnings: unknown[] = [];
    client.on("warning", (error) => warnings.push(error.field));
    client.on("state", anything("no function"))();
    expect(warnings).toEqual(["listener"]);
  });

  test("what the server refuses has the same shape", async () => {
    const { client } = await world.connected("alice");
    expect(await refused(client.signaling.invite({ invitee: "nobody-here" }))).toMatchObject({
      code: 20003,
      reason: "unknownUser",
    });
    const long = refused(client.signaling.invite({ invitee: "bob", timeout: 100_000 }));
    expect(await long).toMatchObject({ code: 6017, reason: "invalidParameter", field: "timeout" });
    expect(await refused(client.signaling.invite({ invitee: "alice" }))).toMatchObject({
      code: 6017,
      reason: "invalidParameter",
    });
    expect(await refused(client.groups.join({ groupID: "none" }))).toMatchObject({ code: 10010, reason: "unknownGroup" });
    const large = refused(client.messages.sendText({ userID: "alice", text: "x".repeat(70_000) }));
    expect(await large).toMatchObject({ code: -32004, reason: "frameTooLarge" });
  });
});

test("frames can be watched, without tokens", async () => {
  const device = world.device("alice");
  const frames: string[] = [];
  device.client.on("frame", ({ direction, text }) => frames.push(`${direction} ${text}`));
  await device.client.connect();
  expect(frames[0]).toMatch(/^sent .*"session.open".*"token":"…"/);
  expect(frames[1]).toMatch(/^received .*"userID":"alice"/);
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
