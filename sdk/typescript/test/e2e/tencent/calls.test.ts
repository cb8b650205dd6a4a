import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { World } from "../world.js";
import { People, refused } from "./people.js";

const { TSignaling } = TencentCloudChat;

let world: World;
let people: People;

beforeAll(async () => {
  world = await World.start();
  people = new People(world.server);
});

afterAll(async () => {
  await people.end();
  await world.end();
});

test("whoever accepted a call of a native client's leaves it, and is told when the other leaves", async () => {
  const alice = await world.connected("alice");
  const bob = await people.ready("bob");
  const call = { mediaType: "video" };
  await alice.client.signaling.invite({ invitee: "bob", call });
  const first = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await bob.chat.accept({ inviteID: first.inviteID });
  expect(await bob.chat.hangUp({ inviteID: first.inviteID })).toEqual({ code: 0, data: {}, inviteID: first.inviteID });
  await alice.hears("invitation.accepted");
  await alice.hears("call.hungUp", { userID: "bob", endReason: "hungUp" });

  const { call: entry } = await alice.client.signaling.invite({ invitee: "bob", call });
  const second = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await bob.chat.accept({ inviteID: second.inviteID });
  await alice.client.calls.hangUp({ roomID: entry?.roomID ?? "" });
  const told = await bob.hears(TSignaling.CALL_HUNG_UP);
  const durationMs = expect.any(Number);
  expect(told).toEqual({ inviteID: second.inviteID, roomID: entry?.roomID, userID: "alice", durationMs, endReason: "hungUp" });
});

test("an invitation into a running call is the name under which its end is told", async () => {
  const carol = await world.connected("carol");
  const dave = await world.connected("dave");
  const erin = await people.ready("erin");
  const { call } = await carol.client.signaling.invite({ invitee: "dave", call: { mediaType: "audio" } });
  const ring = await dave.hears("invitation.received");
  await dave.client.signaling.accept({ inviteID: String(ring.inviteID) });
  const more = { mediaType: "audio", roomID: call?.roomID ?? "" };
  const { inviteID } = await carol.client.signaling.invite({ invitee: "erin", call: more });
  await erin.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await erin.chat.accept({ inviteID });
  await carol.client.calls.hangUp({ roomID: more.roomID });
  const told = await erin.hears(TSignaling.CALL_HUNG_UP);
  expect(told).toMatchObject({ inviteID, userID: "carol" });
  expect(told).not.toHaveProperty("endReason");
  await erin.chat.hangUp({ inviteID });
});

test("the call of a dismissed group is over by nobody's leaving", async () => {
  const fay = await world.connected("fay");
  const gus = await people.ready("gus");
  await fay.client.groups.create({ groupID: "choir", name: "Choir", members: ["gus"] });
  await fay.client.signaling.inviteInGroup({ groupID: "choir", inviteeList: ["gus"], call: { mediaType: "audio" } });
  const { inviteID } = await gus.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await gus.chat.accept({ inviteID });
  await fay.client.groups.dismiss({ groupID: "choir" });
  const told = await gus.hears(TSignaling.CALL_HUNG_UP);
  expect(told).toMatchObject({ inviteID, endReason: "groupDismissed" });
  expect(told).not.toHaveProperty("userID");
});

test("an invitation without a call has none to leave", async () => {
  const hal = await people.ready("hal");
  const { inviteID } = await hal.chat.invite({ userID: "bob", data: "{}", timeout: 30 });
  expect(await refused(hal.chat.hangUp({ inviteID }))).toMatchObject({ data: { reason: "unknownCall" } });
  // @ts-expect-error An app in JavaScript may leave it out.
  expect(await refused(hal.chat.hangUp({}))).toMatchObject({ code: 6017, data: { field: "inviteID" } });
});
