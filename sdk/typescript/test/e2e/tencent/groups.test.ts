import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat, { type Group, type GroupMember } from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, refused } from "./people.js";

const { EVENT, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
beforeAll(async () => {
  server = await Server.start();
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

const has = (groupID: string) => (groups: Group[]) => groups.some((group) => group.groupID === groupID);
const lacks = (groupID: string) => (groups: Group[]) => !has(groupID)(groups);
const names = (members: GroupMember[]) => members.map(({ userID }) => userID);

test("create, join, speak, quit, dismiss", async () => {
  const alice = await people.ready("alice");
  const bob = await people.ready("bob");
  const created = await alice.chat.createGroup({
    name: "Choir",
    groupID: "choir",
    type: TYPES.GRP_MEETING,
    introduction: "we sing",
  });
  expect(created).toMatchObject({ code: 0, data: { group: { groupID: "choir", type: TYPES.GRP_MEETING, ownerID: "alice" } } });
  await alice.hears(EVENT.GROUP_LIST_UPDATED, has("choir"));

  const joined = await bob.chat.joinGroup({ groupID: "choir" });
  expect(joined.data).toMatchObject({
    status: TYPES.JOIN_STATUS_SUCCESS,
    group: { name: "Choir", introduction: "we sing", memberCount: 2, selfInfo: { role: TYPES.GRP_MBR_ROLE_MEMBER } },
  });
  expect((await bob.chat.joinGroup({ groupID: "choir" })).data.status).toBe(TYPES.JOIN_STATUS_ALREADY_IN_GROUP);
  const [tip] = await alice.hears(EVENT.MESSAGE_RECEIVED);
  expect(tip).toMatchObject({
    type: TYPES.MSG_GRP_TIP,
    conversationID: "GROUPchoir",
    payload: { operationType: TYPES.GRP_TIP_MBR_JOIN, operatorID: "bob", userIDList: ["bob"], groupProfile: { name: "Choir" } },
  });

  const message = bob.chat.createTextMessage({ to: "choir", conversationType: TYPES.CONV_GROUP, payload: { text: "la" } });
  await bob.chat.sendMessage(message);
  const [received] = await alice.hears(EVENT.MESSAGE_RECEIVED);
  expect(received).toMatchObject({ conversationID: "GROUPchoir", to: "choir", from: "bob", payload: { text: "la" }, flow: "in" });
  const [conversation] = (await alice.chat.getConversationList({ type: TYPES.CONV_GROUP })).data.conversationList;
  expect(conversation).toMatchObject({ conversationID: "GROUPchoir", unreadCount: 1, groupProfile: { name: "Choir" } });

  expect(await bob.chat.quitGroup("choir")).toEqual({ code: 0, data: { groupID: "choir" } });
  await bob.hears(EVENT.GROUP_LIST_UPDATED, lacks("choir"));
  const [left] = await alice.hears(EVENT.MESSAGE_RECEIVED);
  expect(left.payload).toMatchObject({ operationType: TYPES.GRP_TIP_MBR_QUIT, userIDList: ["bob"] });
  expect(await alice.chat.dismissGroup("choir")).toEqual({ code: 0, data: { groupID: "choir" } });
  expect((await alice.chat.getGroupList()).data.groupList).toEqual([]);
});

test("members: pages, roles, adding, removing", async () => {
  const owner = await people.ready("owner");
  for (const user of ["u1", "u2", "u3", "u4"]) {
    await people.ready(user);
  }
  const memberList = [{ userID: "u1" }, { userID: "u2" }];
  await owner.chat.createGroup({ name: "Team", groupID: "team", memberList });
  const added = await owner.chat.addGroupMember({ groupID: "team", userIDList: ["u2", "u3", "u4"] });
  expect(added.data).toMatchObject({ successUserIDList: ["u3", "u4"], existedUserIDList: ["u2"], failureUserIDList: [] });
  await owner.chat.setGroupMemberRole({ groupID: "team", userID: "u1", role: TYPES.GRP_MBR_ROLE_ADMIN });

  const first = (await owner.chat.getGroupMemberList({ groupID: "team", count: 3 })).data;
  expect([names(first.memberList), first.offset]).toEqual([["owner", "u1", "u2"], 3]);
  expect(first.memberList.map(({ role }) => role)).toEqual(["Owner", "Admin", "Member"]);
  const second = (await owner.chat.getGroupMemberList({ groupID: "team", count: 3, offset: first.offset })).data;
  expect([names(second.memberList), second.offset]).toEqual([["u3", "u4"], 0]);
  const some = await owner.chat.getGroupMemberProfile({ groupID: "team", userIDList: ["u4", "stranger"] });
  expect(names(some.data.memberList)).toEqual(["u4"]);

  const removed = await owner.chat.deleteGroupMember({ groupID: "team", userIDList: ["u4"], reason: "late" });
  expect(removed.data).toMatchObject({ userIDList: ["u4"], group: { memberCount: 4 } });
  expect(await refused(owner.chat.quitGroup("team"))).toMatchObject({ code: 10007 });
  expect((await owner.chat.changeGroupOwner({ groupID: "team", newOwnerID: "u1" })).data.group.ownerID).toBe("u1");
});

test("descriptions, and who may join by himself", async () => {
  const pat = await people.ready("pat");
  const rob = await people.ready("rob");
  await pat.chat.createGroup({ name: "Work", groupID: "work" });
  expect(await refused(rob.chat.joinGroup({ groupID: "work" }))).toMatchObject({ code: 10010 });
  await pat.chat.updateGroupProfile({ groupID: "work", joinOption: TYPES.JOIN_OPTIONS_FREE_ACCESS, notification: "welcome" });
  await rob.chat.joinGroup({ groupID: "work" });
  await pat.chat.updateGroupProfile({ groupID: "work", name: "Works" });
  const [tip] = await rob.hears(
    EVENT.MESSAGE_RECEIVED,
    ([one]) => one.payload.operationType === TYPES.GRP_TIP_GRP_PROFILE_UPDATED,
  );
  expect(tip.payload.newGroupProfile).toEqual({ groupName: "Works" });
  expect((await rob.chat.getGroupProfile({ groupID: "work" })).data.group).toMatchObject({
    name: "Works",
    notification: "welcome",
    type: TYPES.GRP_WORK,
    joinOption: TYPES.JOIN_OPTIONS_FREE_ACCESS,
  });
});

test("a group that is dismissed is told, and its ringing ends", async () => {
  const sue = await people.ready("sue");
  const tom = await people.ready("tom");
  await sue.chat.createGroup({ name: "Room", groupID: "room", memberList: [{ userID: "tom" }] });
  const { inviteID } = await sue.chat.inviteInGroup({ groupID: "room", inviteeList: ["tom"] });
  await tom.hears(TencentCloudChat.TSignaling.NEW_INVITATION_RECEIVED);
  await sue.chat.dismissGroup("room");
  expect(await tom.hears(TencentCloudChat.TSignaling.INVITATION_CANCELLED)).toMatchObject({ inviteID, groupID: "room" });
  const [notice] = await tom.hears(EVENT.MESSAGE_RECEIVED, ([one]) => one.type === TYPES.MSG_GRP_SYS_NOTICE);
  expect(notice).toMatchObject({
    conversationID: "@TIM#SYSTEM",
    payload: { operationType: 5, groupProfile: { groupID: "room" } },
  });
});
