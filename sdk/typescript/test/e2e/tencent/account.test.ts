import { afterEach, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { StreamPlace } from "../../../src/index.js";
import TencentCloudChat, { ChatSDK, type CreateOptions } from "../../../src/tencent/index.js";
import { SDK_APP_ID, Server } from "../server.js";
import { People, refused } from "./people.js";

const { EVENT, TSignaling, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
beforeEach(async () => {
  server = await Server.start();
  people = new People(server);
});
afterEach(async () => {
  await people.end();
  await server.end();
});

test("login with a UserSig, ready, logout, and in again", async () => {
  const alice = people.person("alice");
  expect(await refused(alice.chat.getGroupList())).toMatchObject({ code: 2999 });
  expect(await alice.login()).toEqual({ code: 0, data: { actionStatus: "OK", errorCode: 0, errorInfo: "" } });
  await alice.hears(EVENT.SDK_READY);
  expect(alice.heard(EVENT.NET_STATE_CHANGE)).toEqual([{ state: "connecting" }, { state: "connected" }]);
  expect([alice.chat.isReady(), alice.chat.getLoginUser()]).toEqual([true, "alice"]);
  expect((await alice.login()).data.repeatLogin).toBe(true);
  const other = alice.chat.login({ userID: "bob", userSig: server.userSig("bob") });
  expect(await refused(other)).toMatchObject({ code: 7501, message: "alice is signed in: call logout first" });

  expect(await alice.chat.logout()).toEqual({ code: 0, data: {} });
  await alice.hears(EVENT.SDK_NOT_READY);
  expect([alice.chat.isReady(), alice.chat.getLoginUser()]).toEqual([false, ""]);
  expect(await refused(alice.chat.invite({ userID: "bob" }))).toMatchObject({ code: 2999 });
  await alice.login();
  await alice.hears(EVENT.SDK_READY);
  expect(alice.heard(EVENT.KICKED_OUT)).toEqual([]);
});

test("a login that is refused says why, with Tencent's number", async () => {
  const { chat } = people.person("alice");
  const refusals: [unknown, object][] = [
    [{ userID: "alice", userSig: server.userSig("bob") }, { code: 70013 }],
    [{ userID: "alice", userSig: server.userSig("alice", 10, 20) }, { code: 70001 }],
    [{ userID: "alice", userSig: "nonsense" }, { code: 70003 }],
    [{ userID: "alice" }, { code: 6017, message: "userSig is missing", data: { field: "userSig" } }],
    [
      { userID: 7, userSig: "s" },
      { code: 6017, data: { field: "userID" } },
    ],
    [undefined, { code: 6017, data: { field: "options" } }],
  ];
  for (const [options, error] of refusals) {
    expect(await refused(chat.login(options as never))).toMatchObject(error);
  }
  // None of them stands in the way of a good one.
  expect((await chat.login({ userID: "alice", userSig: server.userSig("alice") })).code).toBe(0);
});

test("what is wrong with the options of create, login tells", async () => {
  const user = { userID: "alice", userSig: "s" };
  for (const [options, field] of [
    [{ url: "ws://127.0.0.1:1" }, "SDKAppID"],
    [{ SDKAppID: "7", url: "ws://127.0.0.1:1" }, "SDKAppID"],
    [{ SDKAppID: 7 }, "url"],
    [{ SDKAppID: 7, url: 7 }, "url"],
    [{ SDKAppID: 7, url: "nowhere" }, "url"],
    [undefined, "options"],
  ] as const) {
    const error = await refused(new ChatSDK(options as never).login(user));
    expect(error, JSON.stringify(options)).toMatchObject({ code: 6017, data: { field } });
  }
});

test("Tencent's name for the address does as well", async () => {
  const chat = TencentCloudChat.create({ SDKAppID: SDK_APP_ID, proxyServer: server.url, webSocket: WebSocket });
  expect((await chat.login({ userID: "alice", userSig: server.userSig("alice") })).code).toBe(0);
  await chat.destroy();
});

test("an app and its kits have one chat for an SDKAppID, and one address", async () => {
  const user = { userID: "alice", userSig: server.userSig("alice") };
  const kits = TencentCloudChat.create({ SDKAppID: SDK_APP_ID, webSocket: WebSocket } as CreateOptions);
  expect(TencentCloudChat.create({ SDKAppID: SDK_APP_ID })).toBe(kits);
  expect(TencentCloudChat.create({ SDKAppID: SDK_APP_ID + 1 })).not.toBe(kits);
  expect(await refused(kits.login(user))).toMatchObject({ code: 6017, data: { field: "url" } });
  expect(() => TencentCloudChat.setServer("")).toThrow("url must be the address");
  TencentCloudChat.setServer(server.url);
  expect((await kits.login(user)).code).toBe(0);
  await kits.destroy();
  const next = TencentCloudChat.create({ SDKAppID: SDK_APP_ID, webSocket: WebSocket });
  expect(next).not.toBe(kits);
  expect((await next.login(user)).code).toBe(0);
  await next.destroy();
});

test("a server that is away", async () => {
  const alice = await people.ready("alice", { requestTimeoutMs: 2_000 });
  await server.kill();
  expect(await refused(alice.chat.invite({ userID: "bob" }))).toMatchObject({
    code: 2801,
    data: { reason: "requestTimeout", retryable: true, inviteID: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  expect(await refused(people.person("bob", { connectTimeoutMs: 300 }).login())).toMatchObject({
    code: 2801,
    data: { reason: "connectTimeout" },
  });
  await alice.hears(EVENT.NET_STATE_CHANGE, ({ state }) => state === TYPES.NET_STATE_CONNECTED);
  await alice.hears(EVENT.NET_STATE_CHANGE, ({ state }) => state === TYPES.NET_STATE_CONNECTING);
  await server.startAgain();
  await alice.hears(EVENT.NET_STATE_CHANGE, ({ state }) => state === TYPES.NET_STATE_CONNECTED);
  expect(alice.heard(EVENT.SDK_NOT_READY)).toEqual([]);
  expect((await alice.chat.getGroupList()).code).toBe(0);
});

test("kicked out by a device of the same name", async () => {
  const first = await people.ready("alice", { deviceID: "page" });
  const second = await people.ready("alice", { deviceID: "page" });
  expect(await first.hears(EVENT.KICKED_OUT)).toEqual({ type: TYPES.KICKED_OUT_MULT_ACCOUNT });
  await first.hears(EVENT.SDK_NOT_READY);
  expect([first.chat.isReady(), second.chat.isReady()]).toEqual([false, true]);
  expect(await refused(first.chat.getGroupList())).toMatchObject({ code: 2999 });
});

test("kicked out when there are too many on a platform", async () => {
  const strict = await Server.start("[sessions]\nper_platform = 1");
  const others = new People(strict);
  const first = await others.ready("alice");
  await others.ready("alice");
  expect(await first.hears(EVENT.KICKED_OUT)).toEqual({ type: TYPES.KICKED_OUT_MULT_DEVICE });
  await others.end();
  await strict.end();
});

test("a page that is loaded again while it rings rings again, once; what was answered meanwhile is told", async () => {
  let place: StreamPlace | undefined;
  const cursorStore = {
    load: () => place,
    save: (now: StreamPlace) => {
      place = now;
    },
  };
  const page = { deviceID: "page", cursorStore };
  const alice = await people.ready("alice");
  const before = await people.ready("bob", page);
  const tablet = await people.ready("bob");
  const ringing = await alice.chat.invite({ userID: "bob", data: "ringing", timeout: 60 });
  const answered = await alice.chat.invite({ userID: "bob", data: "answered", timeout: 60 });
  await before.hears(TSignaling.NEW_INVITATION_RECEIVED, ({ inviteID }) => inviteID === answered.inviteID);
  await before.chat.logout();
  await tablet.chat.reject({ inviteID: answered.inviteID });
  const meanwhile = await alice.chat.invite({ userID: "bob", data: "meanwhile", timeout: 60 });

  const after = await people.ready("bob", page);
  expect(await after.hears(TSignaling.INVITEE_REJECTED)).toMatchObject({ inviteID: answered.inviteID, invitee: "bob" });
  const rung = [await after.hears(TSignaling.NEW_INVITATION_RECEIVED), await after.hears(TSignaling.NEW_INVITATION_RECEIVED)];
  expect(rung.map(({ inviteID }) => inviteID).sort()).toEqual([ringing.inviteID, meanwhile.inviteID].sort());
  await after.hearsNo(TSignaling.NEW_INVITATION_RECEIVED);
});

test("a call goes on over a server that is killed and comes back", async () => {
  const alice = await people.ready("alice");
  const bob = await people.ready("bob");
  const { inviteID } = await alice.chat.invite({ userID: "bob", timeout: 60 });
  await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await server.kill();
  const accepting = bob.chat.accept({ inviteID, data: "still here" });
  await server.startAgain();
  expect((await accepting).code).toBe(0);
  expect(await alice.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, data: "still here" });
  await bob.hearsNo(TSignaling.NEW_INVITATION_RECEIVED);
});

test("kicked out when the UserSig expires", async () => {
  const alice = people.person("alice");
  await alice.chat.login({ userID: "alice", userSig: server.userSig("alice", 4) });
  expect(await alice.hears(EVENT.KICKED_OUT)).toEqual({ type: TYPES.KICKED_OUT_USERSIG_EXPIRED });
  await alice.hears(EVENT.SDK_NOT_READY);
});

test("a fresh UserSig is given to login before the old one expires: the session goes on", async () => {
  const alice = people.person("alice");
  await alice.chat.login({ userID: "alice", userSig: server.userSig("alice", 3) });
  await alice.hears(EVENT.SDK_READY);
  expect((await alice.login()).data.repeatLogin).toBe(true);
  const state = (network: string) => alice.hears(EVENT.NET_STATE_CHANGE, (data) => data.state === network);
  await state(TYPES.NET_STATE_CONNECTED);
  await state(TYPES.NET_STATE_CONNECTING);
  await state(TYPES.NET_STATE_CONNECTED);
  expect((await alice.chat.getGroupList()).code).toBe(0);
  expect([alice.heard(EVENT.KICKED_OUT), alice.heard(EVENT.SDK_NOT_READY)]).toEqual([[], []]);
});

test("a handler may log out and in again without waiting", async () => {
  const [alice, bob] = [await people.ready("alice"), await people.ready("bob")];
  const again = new Promise((resolve, reject) => {
    bob.chat.addSignalingListener(TSignaling.NEW_INVITATION_RECEIVED, ({ data }) => {
      if (data.data === "first") {
        bob.chat.logout().catch(reject);
        bob.login().then(resolve, reject);
      }
    });
  });
  await alice.chat.invite({ userID: "bob", data: "first" });
  expect(await again).toEqual({ code: 0, data: { actionStatus: "OK", errorCode: 0, errorInfo: "" } });
  await bob.hears(EVENT.SDK_NOT_READY);
  const { inviteID } = await alice.chat.invite({ userID: "bob", data: "second" });
  await bob.hears(TSignaling.NEW_INVITATION_RECEIVED, (data) => data.inviteID === inviteID);
  expect(bob.chat.getLoginUser()).toBe("bob");
});

test("a page on which two parts sign in as the same user", async () => {
  const items = new Map<string, string>();
  const getItem = (key: string) => items.get(key) ?? null;
  const setItem = (key: string, value: string) => void items.set(key, value);
  vi.stubGlobal("sessionStorage", { getItem, setItem, removeItem: (key: string) => items.delete(key) });
  const [one, other] = [await people.ready("sue"), await people.ready("sue")];
  const alice = await people.ready("alice");
  const { inviteID } = await alice.chat.invite({ userID: "sue" });
  for (const part of [one, other]) {
    expect(await part.hears(TSignaling.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID });
    expect(part.heard(EVENT.KICKED_OUT)).toEqual([]);
  }
  vi.unstubAllGlobals();
});

test("handlers: context, removal, one that fails, one that is none", async () => {
  const complaints = vi.spyOn(console, "error").mockImplementation(() => {});
  const alice = people.person("alice");
  const heard: unknown[] = [];
  const context = { name: "the app" };
  function handler(this: unknown, event: { name: string }) {
    heard.push([this, event.name]);
  }
  const removed = () => heard.push("removed");
  alice.chat.on(EVENT.SDK_READY, () => {
    throw new Error("the app's own mistake");
  });
  alice.chat.on(EVENT.SDK_READY, handler, context);
  alice.chat.on(EVENT.SDK_READY, removed);
  alice.chat.off(EVENT.SDK_READY, removed);
  alice.chat.on(EVENT.SDK_READY, "no function" as never);
  await alice.login();
  await alice.hears(EVENT.SDK_READY);
  expect(heard).toEqual([[context, EVENT.SDK_READY]]);
  expect(complaints.mock.calls.map(([words]) => words)).toEqual([
    "the handler of sdkStateReady is not a function",
    "a handler of sdkStateReady failed:",
  ]);
  complaints.mockRestore();
});

test("what is not there says so", async () => {
  const { chat } = people.person("alice");
  const call = (chat as unknown as Record<string, () => Promise<unknown>>).addFriend;
  expect(await refused(call?.() as Promise<unknown>)).toMatchObject({
    code: 7014,
    message: expect.stringMatching("addFriend is not there: "),
  });
});
