import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, type Person } from "./people.js";

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

interface Updated {
  groupID: string;
  groupAttributes: Record<string, string>;
  updatedKeyList: string[];
  deletedKeyList: string[];
}

function seen(person: Person, fits: (updated: Updated) => boolean = () => true): Promise<Updated> {
  return person.hears(EVENT.GROUP_ATTRIBUTES_UPDATED, fits);
}

// The calls of the voice rooms that Tencent has published for the web and mini programs, one after the other.
test("a voice room: its owner describes it, guests take seats and leave them, and everybody sees the same", async () => {
  const [host, bob, carol] = [await people.ready("host"), await people.ready("bob"), await people.ready("carol")];
  const groupID = "room-1";
  await host.chat.createGroup({ groupID, name: "Evening", type: TYPES.GRP_AVCHATROOM });
  const roomInfo = JSON.stringify({ ownerId: "host", seatSize: 2, needRequest: 0 });
  const init = await host.chat.initGroupAttributes({ groupID, groupAttributes: { version: "1.0", roomInfo } });
  expect(init).toEqual({ code: 0, data: { groupAttributes: { version: "1.0", roomInfo } } });
  expect(await seen(host)).toEqual({
    groupID,
    groupAttributes: { version: "1.0", roomInfo },
    updatedKeyList: ["version", "roomInfo"],
    deletedKeyList: [],
  });

  for (const guest of [bob, carol]) {
    await guest.chat.joinGroup({ groupID });
    const read = await guest.chat.getGroupAttributes({ groupID, keyList: ["roomInfo"] });
    expect(read.data).toEqual({ groupAttributes: { roomInfo } });
  }
  await bob.chat.setGroupAttributes({ groupID, groupAttributes: { seat0: "bob" } });
  for (const person of [host, bob, carol]) {
    expect(await seen(person)).toMatchObject({ groupAttributes: { seat0: "bob", roomInfo }, updatedKeyList: ["seat0"] });
  }
  await carol.chat.setGroupAttributes({ groupID, groupAttributes: { seat1: "carol" } });
  await bob.chat.deleteGroupAttributes({ groupID, keyList: ["seat0"] });
  for (const person of [host, bob, carol]) {
    expect(await seen(person)).toMatchObject({ updatedKeyList: ["seat1"] });
    expect(await seen(person)).toMatchObject({ groupAttributes: { seat1: "carol", version: "1.0" }, deletedKeyList: ["seat0"] });
  }
  expect((await host.chat.deleteGroupAttributes({ groupID })).data).toEqual({ keyList: [] });
  expect((await carol.chat.getGroupAttributes({ groupID })).data).toEqual({ groupAttributes: {} });
  await host.chat.dismissGroup(groupID);
  await expect(bob.chat.getGroupAttributes({ groupID })).rejects.toMatchObject({ code: 10010 });
});

test("of two who take one seat without having heard of each other, the second is told and hears who sits there", async () => {
  const [ann, ben] = [await people.ready("ann"), await people.ready("ben")];
  const groupID = "room-2";
  await ann.chat.createGroup({ groupID, name: "Evening", type: TYPES.GRP_AVCHATROOM });
  await ben.chat.joinGroup({ groupID });
  await ann.chat.initGroupAttributes({ groupID, groupAttributes: { seat: "" } });
  await seen(ann);
  expect(await seen(ben)).toMatchObject({ groupAttributes: { seat: "" } });
  const both = [ann, ben].map(({ chat, userID }) => chat.setGroupAttributes({ groupID, groupAttributes: { seat: userID } }));
  const outcomes = await Promise.allSettled(both);
  const [refused, ...others] = outcomes.filter(({ status }) => status === "rejected");
  expect([refused, others.length]).toMatchObject([{ reason: { code: 10056, data: { reason: "attributesChanged" } } }, 0]);
  const winner = outcomes[0]?.status === "fulfilled" ? "ann" : "ben";
  for (const person of [ann, ben]) {
    expect(await seen(person)).toMatchObject({ groupAttributes: { seat: winner } });
    expect((await person.chat.getGroupAttributes({ groupID })).data).toEqual({ groupAttributes: { seat: winner } });
  }
});

test("wrong attributes are refused with their field, and who is no member reads none", async () => {
  const [ida, joe] = [await people.ready("ida"), await people.ready("joe")];
  const groupID = "room-3";
  await ida.chat.createGroup({ groupID, name: "Evening", type: TYPES.GRP_AVCHATROOM });
  const wrong: [unknown, object][] = [
    [undefined, { code: 6017, data: { field: "groupAttributes" } }],
    [{ key: 1 }, { code: 6017 }],
    [{ ["k".repeat(33)]: "" }, { code: 10004, data: { field: "groupAttributes" } }],
    [{ key: "v".repeat(4_097) }, { code: 8001, data: { field: "groupAttributes" } }],
  ];
  for (const [groupAttributes, refusal] of wrong) {
    const given = { groupID, groupAttributes } as { groupID: string; groupAttributes: Record<string, string> };
    await expect(ida.chat.initGroupAttributes(given)).rejects.toMatchObject(refusal);
  }
  await expect(joe.chat.getGroupAttributes({ groupID })).rejects.toMatchObject({ code: 10007 });
  await expect(joe.chat.setGroupAttributes({ groupID, groupAttributes: { a: "" } })).rejects.toMatchObject({ code: 10007 });
});

test("whoever is not in a room finds it and its description where it is free to join, and learns of no other", async () => {
  const [owner, admin, stranger] = [await people.ready("owner"), await people.ready("admin"), await people.ready("stranger")];
  const groupID = "lobby-1";
  const described = { groupID, name: "Lobby", introduction: "Come in", type: TYPES.GRP_MEETING };
  await owner.chat.createGroup({ ...described, memberList: [{ userID: "admin" }] });
  await owner.chat.setGroupMemberRole({ groupID, userID: "admin", role: TYPES.GRP_MBR_ROLE_ADMIN });
  const found = { data: { group: { ...described, ownerID: "owner", memberCount: 2, selfInfo: { role: "" } } } };
  expect(await stranger.chat.searchGroupByID(groupID)).toMatchObject(found);
  expect(await stranger.chat.getGroupProfile({ groupID })).toMatchObject(found);
  expect((await stranger.chat.getGroupList()).data.groupList).toEqual([]);
  await expect(stranger.chat.getGroupMemberList({ groupID })).rejects.toMatchObject({ code: 10007 });
  const own = { data: { group: { selfInfo: { role: TYPES.GRP_MBR_ROLE_ADMIN } } } };
  expect(await admin.chat.searchGroupByID(groupID)).toMatchObject(own);

  await owner.chat.createGroup({ groupID: "staff-1", name: "Staff", type: TYPES.GRP_WORK });
  for (const closed of ["staff-1", "no-such-group"]) {
    await expect(stranger.chat.searchGroupByID(closed)).rejects.toMatchObject({ code: 10010 });
    await expect(stranger.chat.getGroupProfile({ groupID: closed })).rejects.toMatchObject({ code: 10010 });
  }
  await expect(stranger.chat.searchGroupByID(undefined as unknown as string)).rejects.toMatchObject({ code: 6017 });
});
