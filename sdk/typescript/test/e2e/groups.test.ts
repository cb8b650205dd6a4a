import { afterAll, beforeAll, expect, test } from "vitest";
import { World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.end());

test("a teacher asks the class", async () => {
  const [teacher, bob, carol] = [await world.connected("teacher"), await world.connected("bob"), await world.connected("carol")];
  const created = await teacher.client.groups.create({
    groupID: "class-7",
    name: "Class 7",
    members: ["bob", "carol", "nobody"],
  });
  expect(created).toMatchObject({ groupID: "class-7", ignoredMembers: ["nobody"] });
  await bob.hears("group.membersAdded", { groupID: "class-7", by: "teacher" });
  await carol.hears("group.membersAdded", { name: "Class 7" });

  const asking = teacher.client.signaling.inviteInGroup({
    groupID: "class-7",
    inviteeList: ["bob", "carol", "stranger"],
    data: "who?",
  });
  expect(await asking).toMatchObject({ inviteID: asking.inviteID, ignoredInvitees: ["stranger"] });
  await bob.hears("invitation.received", { groupID: "class-7", inviteeList: ["bob", "carol"] });
  await carol.hears("invitation.received");
  await bob.client.signaling.accept({ inviteID: asking.inviteID });
  await carol.hears("invitation.accepted", { invitee: "bob" });
  await teacher.hears("invitation.accepted", { invitee: "bob" });
  await carol.client.signaling.reject({ inviteID: asking.inviteID });
  await teacher.hears("invitation.rejected", { invitee: "carol" });
  await bob.hears("invitation.rejected", { invitee: "carol" });
  await teacher.hearsNothingElse();
});

test("groups change and end", async () => {
  const [dan, eve] = [await world.connected("dan"), await world.connected("eve")];
  const { groupID } = await dan.client.groups.create({ name: "Choir" });
  await eve.client.groups.join({ groupID });
  await dan.hears("group.membersAdded", { by: "eve", userIDs: ["eve"] });
  await dan.client.groups.setRole({ groupID, userID: "eve", role: "admin" });
  await eve.hears("group.roleChanged", { role: "admin" });
  await eve.client.groups.setInfo({ groupID, name: "Big choir" });
  await dan.hears("group.infoChanged", { name: "Big choir" });
  expect((await eve.client.groups.members({ groupID })).members).toMatchObject([
    { userID: "dan", role: "owner" },
    { userID: "eve" },
  ]);
  expect((await eve.client.groups.info({ groupID })).group).toMatchObject({ name: "Big choir", memberCount: 2 });
  expect((await eve.client.groups.list()).groups).toMatchObject([{ groupID }]);
  await world.knows("fay");
  await dan.client.groups.addMembers({ groupID, userIDs: ["fay"] });
  await eve.hears("group.membersAdded", { userIDs: ["fay"] });
  await dan.client.groups.removeMembers({ groupID, userIDs: ["fay"] });
  await eve.hears("group.membersRemoved", { userIDs: ["fay"] });
  await eve.client.groups.quit({ groupID });
  await dan.hears("group.membersRemoved", { by: "eve" });
  await dan.client.groups.dismiss({ groupID });
  expect((await dan.client.groups.list()).groups).toEqual([]);
});

test("messages, conversations and reading", async () => {
  const [gus, hal] = [await world.connected("gus"), await world.connected("hal")];
  const sent = await gus.client.messages.sendText({ userID: "hal", text: "Hello Hal" });
  await hal.hears("message.received", { message: { messageID: sent.messageID, content: { text: "Hello Hal" }, sender: "gus" } });
  await gus.client.messages.sendCustom({ userID: "hal", data: "{}", description: "wave", cloudCustomData: "v1" });
  await hal.hears("message.received", {
    message: { type: "custom", content: { data: "{}", description: "wave" }, cloudCustomData: "v1" },
  });
  const { conversations, totalUnread } = await hal.client.conversations.list();
  expect(totalUnread).toBe(2);
  expect(conversations).toMatchObject([{ userID: "gus", unread: 2, lastSeq: 2 }]);
  await hal.client.messages.markRead({ userID: "gus", seq: 2 });
  await gus.hears("message.read", { reader: "hal", seq: 2 });
  expect(await gus.client.messages.receipts({ userID: "hal", seq: 2 })).toEqual({ readers: ["hal"], unreadCount: 0 });
  await gus.client.messages.revoke({ userID: "hal", seq: 1 });
  await hal.hears("message.revoked", { by: "gus", seq: 1 });
  const { messages, complete } = await hal.client.messages.history({ userID: "gus" });
  expect(messages).toMatchObject([{ seq: 2 }, { seq: 1, revoked: true, content: {} }]);
  expect(complete).toBe(true);
});

test("profiles and blocking", async () => {
  const [ida, jon] = [await world.connected("ida"), await world.connected("jon")];
  await ida.client.users.setProfile({ nickname: "Ida" });
  expect((await jon.client.users.get({ userIDs: ["ida", "nobody"] })).profiles).toMatchObject([
    { userID: "ida", nickname: "Ida" },
  ]);
  await ida.client.users.block({ userID: "jon" });
  expect((await ida.client.users.listBlocked()).userIDs).toEqual(["jon"]);
  await expect(jon.client.signaling.invite({ invitee: "ida" })).rejects.toMatchObject({ code: 20007, reason: "blocked" });
  await ida.client.users.unblock({ userID: "jon" });
  await jon.client.signaling.invite({ invitee: "ida" });
  await ida.hears("invitation.received", { inviter: "jon" });
});

test("a user says who may ring and who may add them", async () => {
  const [kim, lee] = [await world.connected("kim"), await world.connected("lee")];
  const tablet = await world.connected("kim");
  expect(await kim.client.users.getReach()).toEqual({ reach: { ring: "everybody", add: "everybody" } });
  await kim.client.users.setReach({ ring: "known" });
  await kim.client.users.setReach({ add: "nobody" });
  await tablet.hears("user.reachChanged", { ring: "known", add: "everybody", self: true });
  await tablet.hears("user.reachChanged", { ring: "known", add: "nobody", self: true });
  await expect(lee.client.signaling.invite({ invitee: "kim" })).rejects.toMatchObject({ code: 20007, reason: "blocked" });
  expect(await lee.client.groups.create({ members: ["kim"] })).toMatchObject({ ignoredMembers: ["kim"] });
  await kim.client.messages.send({ userID: "lee", type: "text", content: { text: "call me" } });
  await lee.client.signaling.invite({ invitee: "kim" });
  await kim.hears("invitation.received", { inviter: "lee" });
});

test("a user says when they are quiet, and silences a ring on all of their devices", async () => {
  const [kim, lee] = [await world.connected("kim"), await world.connected("lee")];
  const tablet = await world.connected("kim");
  const quiet = { until: Date.now() + 3_600_000, except: ["mum"], push: "none" as const };
  await kim.client.users.setQuiet(quiet);
  await tablet.hears("user.quietChanged", { ...quiet, self: true });
  expect(await tablet.client.users.getQuiet()).toEqual({ quiet });
  const { inviteID } = await lee.client.signaling.invite({ invitee: "kim" });
  await kim.hears("invitation.received", { inviteID, quiet: true });
  await tablet.hears("invitation.received", { inviteID, quiet: true });
  for (const { client } of [kim, tablet]) {
    expect(client.invitations.get(inviteID)).toMatchObject({ quiet: true });
    expect((await client.signaling.get({ inviteID })).invitation).toMatchObject({ quiet: true });
  }
  expect(lee.client.invitations.get(inviteID)?.quiet).toBeUndefined();
  const again = await lee.client.signaling.invite({ invitee: "kim" });
  expect((await kim.hears("invitation.received", { inviteID: again.inviteID })).quiet).toBeUndefined();
  await tablet.hears("invitation.received");
  await kim.client.signaling.silence({ inviteID: again.inviteID });
  await tablet.hears("invitation.silenced", { inviteID: again.inviteID, self: true });
  expect(tablet.client.invitations.get(again.inviteID)).toMatchObject({ status: "open", version: 1 });
  await tablet.client.signaling.accept({ inviteID: again.inviteID });
  await lee.hears("invitation.accepted", { inviteID: again.inviteID, version: 2 });
});
