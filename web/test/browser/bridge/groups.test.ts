import { Wigwag } from "@wigwag/sdk";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import WebSocket from "ws";
import { Server } from "../../../../sdk/typescript/test/e2e/server.js";
import { chromiumPath } from "../world.js";
import { type Any, LOADING_MS, OpenImApp } from "./app.js";
import { Site } from "./site.js";

let server: Server;
let site: Site;
let browser: Browser;
let apps: OpenImApp[] = [];

beforeAll(async () => {
  [server, site, browser] = await Promise.all([
    Server.start(),
    Site.start(),
    chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox"] }),
  ]);
  apps = await Promise.all(["alice", "bob", "carol"].map((userID) => OpenImApp.open(browser, site.url, userID)));
  for (const app of apps) {
    await app.bridges({ url: server.url, userID: app.userID, token: server.token(app.userID) });
  }
  await createsGroup("class", ["bob", "carol"]);
}, LOADING_MS);

afterAll(async () => {
  await browser?.close();
  site?.end();
  await server?.end();
});

/** The group stands on this server under OpenIM's own groupID; here alice's back end has made it. */
async function createsGroup(groupID: string, members: string[]): Promise<void> {
  const client = new Wigwag({ url: server.url, token: server.token("alice"), webSocket: WebSocket });
  await client.connect();
  await client.groups.create({ groupID, members, name: "Class" });
  await client.close();
}

const names = (participant: Any[]) => participant.map(({ userInfo }) => userInfo.userID);

it("a group call rings those who are invited, and any member may come in", async () => {
  const [alice, bob, carol] = apps as [OpenImApp, OpenImApp, OpenImApp];
  const groupID = "class";
  const call = { groupID, roomID: groupID, inviteeUserIDList: ["bob"], sessionType: 3 };
  expect(await carol.asks("signalingGetRoomByGroupID", groupID)).toEqual({
    groupID,
    roomID: "",
    invitation: null,
    participant: [],
  });
  expect(await alice.isRefused("signalingInviteInGroup", { invitation: alice.rtc({ ...call, groupID: "" }) })).toMatchObject({
    errCode: 10_002,
  });
  expect(await alice.isRefused("signalingInviteInGroup", { invitation: alice.rtc({ ...call, groupID: "other" }) })).toMatchObject(
    {
      errCode: 1201,
    },
  );
  const invited = await alice.asks("signalingInviteInGroup", { invitation: alice.rtc(call) });
  expect(invited.roomID).toBe(groupID);
  const { invitation, participant } = await bob.hears("OnReceiveNewInvitation");
  expect(invitation).toMatchObject({ ...call, inviterUserID: "alice" });
  expect(participant).toMatchObject({
    userInfo: { userID: "alice" },
    groupInfo: { groupID, groupName: "Class", memberCount: 3 },
    groupMemberInfo: { groupID, userID: "alice", roleLevel: 100 },
  });
  await bob.asks("signalingAccept", { opUserID: "bob", invitation });
  expect(await alice.hears("OnInviteeAccepted")).toMatchObject({ userID: "bob" });

  // The card that lets members in who were not invited.
  const card = await carol.hears("OnRoomParticipantConnected");
  expect(card).toMatchObject({ groupID, invitation: { inviterUserID: "alice", roomID: groupID } });
  expect(names(card.participant)).toEqual(["alice"]);
  expect(names((await carol.hears("OnRoomParticipantConnected")).participant)).toEqual(["alice", "bob"]);
  expect(await carol.hasUnread("OnReceiveNewInvitation")).toBe(0);
  const running = await carol.asks("signalingGetRoomByGroupID", groupID);
  expect(running).toMatchObject({ groupID, roomID: groupID, invitation: { inviterUserID: "alice" } });
  expect(names(running.participant)).toEqual(["alice", "bob"]);
  expect((await carol.asks("signalingGetTokenByRoomID", groupID)).roomID).toBe(groupID);
  for (const app of apps) {
    await app.hearsRoom("OnRoomParticipantConnected", ["alice", "bob", "carol"]);
  }

  await carol.asks("signalingSendCustomSignal", { roomID: groupID, customInfo: "mute" });
  for (const app of [alice, bob]) {
    expect(await app.hears("OnReceiveCustomSignal")).toEqual({ roomID: groupID, customInfo: "mute" });
  }
  expect(await alice.isRefused("signalingInvite", { invitation: alice.rtc({ inviteeUserIDList: ["carol"] }) })).toMatchObject({
    errCode: 35_001,
  });

  await carol.asks("signalingHungUp", { opUserID: "carol", invitation: running.invitation });
  for (const app of [alice, bob]) {
    expect(await app.hears("OnHangUp")).toMatchObject({ userID: "carol" });
  }
  for (const app of apps) {
    await app.hearsRoom("OnRoomParticipantDisconnected", ["alice", "bob"]);
  }
  await bob.asks("signalingHungUp", { opUserID: "bob", invitation });
  for (const app of apps) {
    await app.hearsRoom("OnRoomParticipantDisconnected", []);
  }
  expect(await carol.asks("signalingGetRoomByGroupID", groupID)).toMatchObject({ roomID: "", participant: [] });
});

it("a group call that one rejects and another lets ring is told to the inviter, and taken back from those who are silent", async () => {
  const [alice, bob, carol] = apps as [OpenImApp, OpenImApp, OpenImApp];
  const call = { groupID: "class", inviteeUserIDList: ["bob", "carol"], sessionType: 3 };
  await alice.asks("signalingInviteInGroup", { invitation: alice.rtc(call) });
  const [{ invitation }] = [await bob.hears("OnReceiveNewInvitation"), await carol.hears("OnReceiveNewInvitation")];
  await bob.asks("signalingReject", { opUserID: "bob", invitation });
  expect(await alice.hears("OnInviteeRejected")).toMatchObject({ userID: "bob" });
  await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc(call) });
  expect(await carol.hears("OnInvitationCancelled")).toMatchObject({ userID: "alice" });
  expect(await bob.hasUnread("OnInvitationCancelled")).toBe(0);
});
