import { afterAll, beforeAll, expect, test } from "vitest";
import { signalingOf } from "../../src/index.js";
import { refused, World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.end());

/** Two people who know each other. */
async function pair(one: string, other: string) {
  return [await world.connected(one), await world.connected(other)] as const;
}

test("ring and accept", async () => {
  const [alice, bob] = await pair("alice", "bob");
  const inviting = alice.client.signaling.invite({ invitee: "bob", data: "video", timeout: 60 });
  expect(inviting.inviteID, "known before the reply").toMatch(/^[0-9a-f-]{36}$/);
  const { inviteID, version, deadline } = await inviting;
  expect(inviteID).toBe(inviting.inviteID);
  expect(version).toBe(1);

  const received = await bob.hears("invitation.received", {
    inviteID,
    inviter: "alice",
    inviteeList: ["bob"],
    data: "video",
    deadline,
  });
  expect(received.remainingMs).toBeGreaterThan(50_000);
  await bob.client.signaling.accept({ inviteID, data: "coming" });
  await alice.hears("invitation.accepted", {
    inviteID,
    invitee: "bob",
    data: "coming",
    version: 2,
    device: { deviceID: "bob-1" },
  });

  const { invitation } = await alice.client.signaling.get({ inviteID });
  expect(invitation).toMatchObject({ status: "ended", endReason: "completed", invitees: [{ userID: "bob", state: "accepted" }] });
  const { messages } = await bob.client.messages.history({ userID: "alice", direction: "newer" });
  expect(messages.map(signalingOf)).toMatchObject([
    { actionType: 1, inviteID, data: "video" },
    { actionType: 3, inviteID, data: "coming" },
  ]);
  await bob.hearsNothingElse();
  await alice.hearsNothingElse();
});

test("reject", async () => {
  const [carol, dave] = await pair("carol", "dave");
  const { inviteID } = await carol.client.signaling.invite({ invitee: "dave" });
  await dave.hears("invitation.received", { inviteID, timeout: 30 });
  await dave.client.signaling.reject({ inviteID, data: "in a meeting" });
  await carol.hears("invitation.rejected", { inviteID, invitee: "dave", data: "in a meeting" });
});

test("cancel, and an answer that comes too late", async () => {
  const [erin, frank] = await pair("erin", "frank");
  const { inviteID } = await erin.client.signaling.invite({ invitee: "frank" });
  await frank.hears("invitation.received", { inviteID });
  await erin.client.signaling.cancel({ inviteID });
  await frank.hears("invitation.cancelled", { inviteID, inviteeList: ["frank"] });
  const error = await refused(frank.client.signaling.accept({ inviteID }));
  expect(error).toMatchObject({
    code: 8010,
    reason: "cancelled",
    retryable: false,
    outcome: { state: "cancelled", userID: "erin" },
  });
});

test("nobody answers in time", async () => {
  const [grace, heidi] = await pair("grace", "heidi");
  const { inviteID } = await grace.client.signaling.invite({ invitee: "heidi", data: "anyone?", timeout: 1 });
  await heidi.hears("invitation.received", { inviteID });
  await heidi.hears("invitation.timedOut", { inviteID, inviteeList: ["heidi"], data: "anyone?" });
  await grace.hears("invitation.timedOut", { inviteID });
  expect(await refused(heidi.client.signaling.accept({ inviteID }))).toMatchObject({ code: 8010, reason: "timedOut" });
});

test("answered on another device", async () => {
  const [ivan, phone] = await pair("ivan", "judy");
  const tablet = await world.connected("judy", { platform: 9 });
  const { inviteID } = await ivan.client.signaling.invite({ invitee: "judy" });
  await phone.hears("invitation.received", { inviteID });
  await tablet.hears("invitation.received", { inviteID });
  await tablet.client.signaling.accept({ inviteID });
  await phone.hears("invitation.accepted", { inviteID, self: true, device: { platform: 9 } });
  const error = await refused(phone.client.signaling.reject({ inviteID }));
  expect(error).toMatchObject({ reason: "settled", outcome: { state: "accepted", userID: "judy", device: { platform: 9 } } });
});

test("what is open is given to a device that comes, and can be changed", async () => {
  const [kim, leo] = await pair("kim", "leo");
  const { inviteID } = await kim.client.signaling.invite({ invitee: "leo", data: "1" });
  await kim.client.signaling.modify({ inviteID, data: "2" });
  await leo.hears("invitation.received");
  await leo.hears("invitation.modified", { inviteID, by: "kim", data: "2" });
  const { userID, openInvitations } = await world.device("leo").client.connect();
  expect(userID).toBe("leo");
  expect(openInvitations).toMatchObject([{ inviteID, data: "2", status: "open" }]);
  expect((await leo.client.signaling.listOpen()).invitations).toMatchObject([{ inviteID }]);
});
