import { type Browser, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Server } from "../../../../sdk/typescript/test/e2e/server.js";
import { chromiumPath } from "../world.js";
import { LOADING_MS, OpenImApp } from "./app.js";
import { Site } from "./site.js";

let server: Server;
let site: Site;
let browser: Browser;
let alice: OpenImApp;
let bob: OpenImApp;

beforeAll(async () => {
  [server, site, browser] = await Promise.all([
    Server.start(),
    Site.start(),
    chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] }),
  ]);
  [alice, bob] = await Promise.all([OpenImApp.open(browser, site.url, "alice"), OpenImApp.open(browser, site.url, "bob")]);
  await Promise.all([alice.logsIn(), bob.logsIn()]);
}, LOADING_MS);

afterAll(async () => {
  await browser?.close();
  site?.end();
  await server?.end();
});

beforeEach(async () => {
  await alice.forgets();
  await bob.forgets();
  expect(await alice.bridges(options("alice"))).toBeUndefined();
  expect(await bob.bridges(options("bob"))).toBeUndefined();
});

afterEach(async () => {
  await alice.leaves();
  await bob.leaves();
});

function options(userID: string): { url: string; token: string; userID: string } {
  return { url: server.url, token: server.token(userID), userID };
}

it("a call rings, is accepted and ends when one hangs up", async () => {
  const invited = await alice.asks("signalingInvite", { invitation: alice.rtc({ customData: "hello" }) });
  expect(invited).toEqual({ token: "", liveURL: "", roomID: expect.any(String) });
  const ring = await bob.hears("OnReceiveNewInvitation");
  expect(ring).toEqual({
    userID: "alice",
    invitation: {
      inviterUserID: "alice",
      inviteeUserIDList: ["bob"],
      customData: "hello",
      roomID: invited.roomID,
      timeout: 30,
      mediaType: "video",
      platformID: 5,
      sessionType: 1,
      initiateTime: expect.any(Number),
    },
    offlinePushInfo: {},
    participant: { userInfo: { userID: "alice" }, groupInfo: {}, groupMemberInfo: {} },
  });
  expect(await bob.asks("getSignalingInvitationInfoStartApp")).toMatchObject({ invitation: { roomID: invited.roomID } });

  const accepted = await bob.asks("signalingAccept", { opUserID: "bob", invitation: ring.invitation });
  expect(accepted.roomID).toBe(invited.roomID);
  expect(await alice.hears("OnInviteeAccepted")).toMatchObject({
    userID: "bob",
    opUserPlatformID: 5,
    invitation: { roomID: invited.roomID },
    participant: { userInfo: { userID: "bob" } },
  });

  // The inviter's own object has no room.
  expect(await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc() })).toEqual({});
  const hungUp = await bob.hears("OnHangUp");
  expect(hungUp).toMatchObject({ userID: "alice", invitation: { roomID: invited.roomID } });
  expect(hungUp).not.toHaveProperty("participant");
  expect(await bob.asks("signalingHungUp", { opUserID: "bob", invitation: ring.invitation })).toEqual({});
  expect(await alice.hasUnread("OnHangUp")).toBe(0);
  expect(await alice.hasUnread("OnReceiveNewInvitation")).toBe(0);
});

it("a call is rejected, and what is over can be rejected, cancelled and left without effect", async () => {
  await alice.asks("signalingInvite", { invitation: alice.rtc({ roomID: "r1" }) });
  const { invitation } = await bob.hears("OnReceiveNewInvitation");
  expect(await bob.asks("signalingReject", { opUserID: "bob", invitation })).toEqual({});
  expect(await alice.hears("OnInviteeRejected")).toMatchObject({ participant: { userInfo: { userID: "bob" } } });
  for (const app of [alice, bob]) {
    for (const method of ["signalingReject", "signalingCancel", "signalingHungUp"]) {
      expect(await app.asks(method, { opUserID: app.userID, invitation })).toEqual({});
    }
  }
  expect(await bob.isRefused("signalingAccept", { opUserID: "bob", invitation })).toMatchObject({ errCode: 8010 });
  expect(await alice.hasUnread("OnInviteeRejected")).toBe(0);
  expect(await bob.hasUnread("OnInvitationCancelled")).toBe(0);
});

it("a call is taken back", async () => {
  await alice.asks("signalingInvite", { invitation: alice.rtc() });
  const { invitation } = await bob.hears("OnReceiveNewInvitation");
  expect(await bob.isRefused("signalingCancel", { opUserID: "bob", invitation })).toMatchObject({ errCode: 1002 });
  expect(await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc() })).toEqual({});
  expect(await bob.hears("OnInvitationCancelled")).toMatchObject({
    userID: "alice",
    invitation: { roomID: invitation.roomID },
  });
  await bob.isRefused("signalingAccept", { opUserID: "bob", invitation });
  expect(await bob.asks("getSignalingInvitationInfoStartApp")).toEqual({ invitation: null, offlinePushInfo: {} });
});

it("a call times out on both sides, once", async () => {
  await alice.asks("signalingInvite", { invitation: alice.rtc({ timeout: 1 }) });
  await bob.hears("OnReceiveNewInvitation");
  for (const app of [alice, bob]) {
    const told = await app.hears("OnInvitationTimeout");
    expect(told).toMatchObject({ userID: "alice", timeoutUserIDList: ["bob"], invitation: { inviteeUserIDList: ["bob"] } });
    expect(await app.asks("signalingCancel", { opUserID: app.userID, invitation: told.invitation })).toEqual({});
    expect(await app.hasUnread("OnInvitationTimeout")).toBe(0);
  }
});

it("two who call each other come into one call, and a third finds them busy", async () => {
  const mine = await alice.asks("signalingInvite", { invitation: alice.rtc() });
  await bob.hears("OnReceiveNewInvitation");
  const theirs = await bob.asks("signalingInvite", { invitation: bob.rtc({ inviteeUserIDList: ["alice"] }) });
  expect(theirs.roomID).toBe(mine.roomID);
  await alice.hears("OnInviteeAccepted");
  expect(await alice.hasUnread("OnReceiveNewInvitation")).toBe(0);

  const carol = await OpenImApp.open(browser, site.url, "carol");
  await carol.bridges(options("carol"));
  const refused = await carol.isRefused("signalingInvite", { invitation: carol.rtc() });
  expect(refused).toEqual({ errCode: 35_001, errMsg: expect.stringContaining("another call") });
  expect(await bob.hasUnread("OnReceiveNewInvitation")).toBe(0);
  await carol.closes();
  await bob.asks("signalingHungUp", {
    opUserID: "bob",
    invitation: bob.rtc({ inviteeUserIDList: ["alice"], roomID: mine.roomID }),
  });
  await alice.hears("OnHangUp");
});

it("an app's own signal reaches the other in the room", async () => {
  const { roomID } = await alice.asks("signalingInvite", { invitation: alice.rtc() });
  const { invitation } = await bob.hears("OnReceiveNewInvitation");
  await bob.asks("signalingAccept", { opUserID: "bob", invitation });
  await alice.hears("OnInviteeAccepted");
  await bob.asks("signalingSendCustomSignal", { roomID, customInfo: '{"camera":"off"}' });
  expect(await alice.hears("OnReceiveCustomSignal")).toEqual({ roomID, customInfo: '{"camera":"off"}' });
  expect(await bob.hasUnread("OnReceiveCustomSignal")).toBe(0);
  expect((await bob.asks("signalingGetTokenByRoomID", roomID)).roomID).toBe(roomID);
  await bob.asks("signalingHungUp", { opUserID: "bob", invitation });
  await alice.hears("OnHangUp");
});

it("a call that is answered in one tab is told to the other, and a page that is loaded again rings", async () => {
  const tab = await OpenImApp.open(browser, site.url, "bob");
  await tab.bridges(options("bob"));
  await alice.asks("signalingInvite", { invitation: alice.rtc() });
  await tab.hears("OnReceiveNewInvitation");
  await bob.hears("OnReceiveNewInvitation");
  await tab.loadsAgain();
  await tab.bridges(options("bob"));
  const { invitation } = await tab.hears("OnReceiveNewInvitation");
  expect(invitation.timeout).toBeGreaterThan(0);
  await tab.asks("signalingAccept", { opUserID: "bob", invitation });
  expect(await bob.hears("OnInviteeAcceptedByOtherDevice")).toMatchObject({ userID: "bob", opUserPlatformID: 5 });
  expect(await tab.hasUnread("OnInviteeAcceptedByOtherDevice")).toBe(0);
  await tab.asks("signalingHungUp", { opUserID: "bob", invitation });
  await alice.hears("OnHangUp");

  await alice.asks("signalingInvite", { invitation: alice.rtc() });
  await tab.hears("OnReceiveNewInvitation");
  const second = await bob.hears("OnReceiveNewInvitation");
  await bob.asks("signalingReject", { opUserID: "bob", invitation: second.invitation });
  expect(await tab.hears("OnInviteeRejectedByOtherDevice")).toMatchObject({ userID: "bob" });
  await tab.closes();
});

it("an altered invitation, and arguments of the wrong form, get a number and words", async () => {
  await alice.asks("signalingInvite", { invitation: alice.rtc({ roomID: "r2" }) });
  const { invitation } = await bob.hears("OnReceiveNewInvitation");
  const altered: [invitation: unknown, errCode: number][] = [
    [{ ...invitation, roomID: "r3" }, 1004],
    [{ ...invitation, inviterUserID: "carol" }, 1004],
    [{ ...invitation, inviterUserID: "" }, 10_002],
    [{ ...invitation, roomID: "" }, 10_002],
    [{ ...invitation, roomID: 7 }, 10_002],
    [{ ...invitation, inviteeUserIDList: "bob" }, 10_002],
    ["nonsense", 10_002],
    [{}, 10_002],
    [null, 10_002],
  ];
  for (const [changed, errCode] of altered) {
    for (const method of ["signalingAccept", "signalingReject", "signalingHungUp"]) {
      const refused = await bob.isRefused(method, { opUserID: "bob", invitation: changed });
      expect(refused, `${method} ${JSON.stringify(changed)}`).toEqual({ errCode, errMsg: expect.stringMatching(/./) });
    }
  }
  expect(await bob.isRefused("signalingAccept", { opUserID: "alice", invitation })).toMatchObject({ errCode: 1002 });
  const invites: [changes: object, errCode: number][] = [
    [{ inviterUserID: "bob" }, 1002],
    [{ platformID: 99 }, 10_002],
    [{ timeout: -1 }, 10_002],
    [{ inviteeUserIDList: [] }, 10_002],
    [{ inviteeUserIDList: ["bob", "carol"] }, 10_002],
    [{ inviteeUserIDList: ["alice"] }, 10_002],
    [{ inviteeUserIDList: ["nobody"] }, 1101],
    [{ roomID: "no room" }, 10_002],
    [{ customData: "x".repeat(20_000) }, 10_002],
  ];
  for (const [changes, errCode] of invites) {
    const refused = await alice.isRefused("signalingInvite", { invitation: alice.rtc(changes) });
    expect(refused, JSON.stringify(changes).slice(0, 99)).toEqual({ errCode, errMsg: expect.stringMatching(/./) });
  }
  expect(await alice.isRefused("signalingSendCustomSignal", { roomID: "elsewhere", customInfo: "x" })).toMatchObject({
    errCode: 1004,
  });
  expect(await alice.isRefused("signalingSendCustomSignal", { roomID: "r2" })).toMatchObject({ errCode: 10_002 });
  expect(await bob.isRefused("signalingGetTokenByRoomID", "elsewhere")).toMatchObject({ errCode: 1004 });
  expect(await bob.isRefused("signalingGetTokenByRoomID", "")).toMatchObject({ errCode: 10_002 });
  await bob.asks("signalingReject", { opUserID: "bob", invitation });
});

it("before the sign-in, after it and without one, every method says what is missing", async () => {
  await bob.leaves();
  const missing = { errCode: 10_004, errMsg: expect.stringContaining("bridgeCalls(getSDK(), { url, token, userID })") };
  expect(await bob.isRefused("signalingInvite", { invitation: bob.rtc() })).toEqual(missing);
  await bob.loadsAgain();
  for (const [method, given] of METHODS) {
    expect(await bob.isRefused(method, ...given), method).toEqual(missing);
  }
  const flaws: [changes: object, errCode: number, words: string][] = [
    [{ userID: "" }, 10_002, "userID"],
    [{ token: undefined }, 10_002, "token"],
    [{ url: undefined }, 10_002, "url"],
    [{ token: "nonsense" }, 1503, "token"],
    [{ token: server.token("alice") }, 1502, "user"],
    [{ token: server.token("bob", -60) }, 1501, "expired"],
  ];
  for (const [changes, errCode, words] of flaws) {
    const why = { errCode, errMsg: expect.stringContaining(words) };
    expect(await bob.bridges({ ...options("bob"), ...changes }), JSON.stringify(changes)).toEqual(why);
    expect(await bob.isRefused("signalingInvite", { invitation: bob.rtc() })).toEqual(why);
  }
  expect(await bob.bridges(options("bob"))).toBeUndefined();
});

it("an app that parses by itself gets texts", async () => {
  await bob.leaves();
  await bob.loadsAgain();
  await bob.logsIn({ tryParse: false });
  await bob.bridges(options("bob"));
  const { roomID } = await alice.asks("signalingInvite", { invitation: alice.rtc() });
  const { data } = await bob.hearsFrame("OnReceiveNewInvitation");
  const { invitation } = JSON.parse(data);
  expect(JSON.parse(await bob.asks("signalingAccept", { opUserID: "bob", invitation }))).toMatchObject({ roomID });
});

it("while the server cannot be reached, methods say so and the bridge goes on trying", async () => {
  await server.kill();
  await bob.leaves();
  await bob.begins({ ...options("bob"), requestTimeoutMs: 300, reconnectMaxMs: 100 });
  const refused = await bob.isRefused("signalingInvite", { invitation: bob.rtc({ inviteeUserIDList: ["alice"] }) });
  expect(refused).toMatchObject({ errCode: 10_001 });
  await server.startAgain();
  expect(await bob.isSignedIn()).toBeUndefined();
  await bob.asks("signalingInvite", { invitation: bob.rtc({ inviteeUserIDList: ["alice"] }) });
  const { invitation } = await alice.hears("OnReceiveNewInvitation");
  await alice.asks("signalingReject", { opUserID: "alice", invitation });
  await bob.hears("OnInviteeRejected");
});

/** The signaling methods of the package. */
const METHODS: [method: string, given: unknown[]][] = [
  ["signalingInvite", [{}]],
  ["signalingInviteInGroup", [{}]],
  ["signalingAccept", [{}]],
  ["signalingReject", [{}]],
  ["signalingCancel", [{}]],
  ["signalingHungUp", [{}]],
  ["signalingGetRoomByGroupID", ["group"]],
  ["signalingGetTokenByRoomID", ["room"]],
  ["getSignalingInvitationInfoStartApp", []],
  ["signalingSendCustomSignal", [{ roomID: "room", customInfo: "x" }]],
];
