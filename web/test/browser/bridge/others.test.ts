import { OpenIMSDK } from "@wigwag/sdk/openim";
import { type Browser, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import WebSocket from "ws";
import { Server } from "../../../../sdk/typescript/test/e2e/server.js";
import { Line } from "../line.js";
import { chromiumPath } from "../world.js";
import { type Any, LOADING_MS, OpenImApp } from "./app.js";
import { Site } from "./site.js";

const LIVEKIT = "wss://livekit.example.org";
const CONFIG = `[calls]
provider = "livekit"
[calls.livekit]
url = "${LIVEKIT}"
key = "devkey"
secret = "a secret of at least thirty-two bytes"
`;

let server: Server;
let site: Site;
let browser: Browser;
let line: Line;
let alice: OpenImApp;
/** A client of this server alone. */
let bob: OpenIMSDK;

beforeAll(async () => {
  [server, site, browser] = await Promise.all([
    Server.start(CONFIG),
    Site.start(),
    chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] }),
  ]);
  alice = await OpenImApp.open(browser, site.url, "alice");
}, LOADING_MS);

afterAll(async () => {
  await browser?.close();
  site?.end();
  await server?.end();
});

beforeEach(async () => {
  line = await Line.to(Number(new URL(server.url).port));
  await alice.forgets();
  await alice.bridges({ url: line.url, userID: "alice", token: server.token("alice"), reconnectMaxMs: 100 });
  bob = new OpenIMSDK({ webSocket: WebSocket });
  await bob.login({ userID: "bob", token: server.token("bob"), platformID: 2, wsAddr: server.url });
});

afterEach(async () => {
  await alice.leaves();
  await bob.logout();
  line.end();
});

it("a page with the bridge calls others, and is called by them, with what LiveKit's client needs", async () => {
  const rings = new Promise<Any>((resolve) => bob.on("OnReceiveNewInvitation", ({ data }) => resolve(data)));
  const invited = await alice.asks("signalingInvite", { invitation: alice.rtc() });
  expect(invited).toEqual({ liveURL: LIVEKIT, roomID: expect.any(String), token: expect.stringContaining(".") });
  const { invitation, participant } = await rings;
  expect(participant.userInfo).toEqual({ userID: "alice" });
  const accepted = (await bob.signalingAccept({ opUserID: "bob", invitation })).data;
  expect(accepted).toMatchObject({ liveURL: LIVEKIT, roomID: invited.roomID });
  expect(accepted.token).not.toBe(invited.token);
  expect(await alice.hears("OnInviteeAccepted")).toMatchObject({ userID: "bob", opUserPlatformID: 2 });
  await bob.signalingHungUp({ opUserID: "bob", invitation });
  expect(await alice.hears("OnHangUp")).toMatchObject({ userID: "bob" });

  await bob.signalingInvite({ invitation: { inviterUserID: "bob", inviteeUserIDList: ["alice"], mediaType: "audio" } });
  const back = await alice.hears("OnReceiveNewInvitation");
  expect(back.invitation).toMatchObject({ inviterUserID: "bob", mediaType: "audio", platformID: 2 });
  await alice.asks("signalingReject", { opUserID: "alice", invitation: back.invitation });
});

it("a page that is offline ends a ring at its time, and hears what it missed when it is back", async () => {
  const invite = (roomID: string, timeout: number) =>
    bob.signalingInvite({ invitation: { inviterUserID: "bob", inviteeUserIDList: ["alice"], roomID, timeout } });
  await invite("short", 1);
  await alice.hears("OnReceiveNewInvitation");
  line.cut();
  expect(await alice.hears("OnInvitationTimeout")).toMatchObject({
    invitation: { roomID: "short" },
    timeoutUserIDList: ["alice"],
  });
  await invite("gone", 30);
  await bob.signalingCancel({ opUserID: "bob", invitation: { inviterUserID: "bob", roomID: "gone" } });
  await invite("late", 30);
  line.mend();
  expect(await alice.hears("OnInvitationCancelled")).toMatchObject({ invitation: { roomID: "gone" } });
  const { invitation } = await alice.hears("OnReceiveNewInvitation");
  expect(invitation.roomID).toBe("late");
  await alice.asks("signalingReject", { opUserID: "alice", invitation });
  expect(await alice.hasUnread("OnInvitationTimeout")).toBe(0);
  expect(await alice.hasUnread("OnReceiveNewInvitation")).toBe(0);
});
