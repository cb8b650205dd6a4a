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
  expect(await carol.chat.getGroupOnlineMemberCount(groupID)).toEqual({ code: 0, data: { memberCount: 3 } });
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

test("guests count likes together, and everybody hears what the counter is", async () => {
  const [host, guest] = [await people.ready("counting-host"), await people.ready("counting-guest")];
  const groupID = "room-4";
  await host.chat.createGroup({ groupID, name: "Evening", type: TYPES.GRP_AVCHATROOM });
  await guest.chat.joinGroup({ groupID });
  expect((await guest.chat.getGroupCounters({ groupID })).data).toEqual({ counters: {} });
  const set = await host.chat.setGroupCounters({ groupID, counters: { likes: 0, gifts: 7 } });
  expect(set).toEqual({ code: 0, data: { counters: { gifts: 7, likes: 0 } } });
  const counted = (person: Person, likes: number) => person.hears(EVENT.GROUP_COUNTER_UPDATED, ({ value }) => value === likes);
  expect(await counted(guest, 7)).toEqual({ groupID, key: "gifts", value: 7 });
  const change = { groupID, key: "likes", value: 2 };
  const both = await Promise.all([host, guest].map(({ chat }) => chat.increaseGroupCounter(change)));
  expect(both.map(({ data }) => data.value).sort()).toEqual([2, 4]);
  for (const person of [host, guest]) {
    expect(await counted(person, 4)).toEqual({ groupID, key: "likes", value: 4 });
  }
  const fewer = await guest.chat.decreaseGroupCounter({ groupID, key: "likes", value: 5 });
  expect(fewer).toEqual({ code: 0, data: { groupID, key: "likes", value: -1 } });
  expect(await counted(host, -1)).toEqual({ groupID, key: "likes", value: -1 });
  const read = await host.chat.getGroupCounters({ groupID, keyList: ["likes", "none"] });
  expect(read.data).toEqual({ counters: { likes: -1 } });

  await guest.chat.setGroupAttributes({ groupID, groupAttributes: { seat: "guest" } });
  expect(await seen(host)).toMatchObject({ groupAttributes: { seat: "guest" } });
  expect((await host.chat.getGroupCounters({ groupID })).data).toEqual({ counters: { gifts: 7, likes: -1 } });
});

test("wrong counters are refused with their field, and who is no member counts nothing", async () => {
  const [host, stranger] = [await people.ready("counting-host"), await people.ready("counting-stranger")];
  const groupID = "room-5";
  await host.chat.createGroup({ groupID, name: "Evening", type: TYPES.GRP_AVCHATROOM });
  for (const value of ["2", 1.5, undefined, 2 ** 53] as number[]) {
    const wrong = host.chat.increaseGroupCounter({ groupID, key: "likes", value });
    await expect(wrong).rejects.toMatchObject({ code: 6017, data: { field: "value" } });
  }
  const change = { groupID, key: "likes", value: 2 ** 53 - 1 };
  await host.chat.increaseGroupCounter(change);
  await expect(host.chat.increaseGroupCounter(change)).rejects.toMatchObject({ code: 10004, data: { field: "key" } });
  for (const counters of [undefined, { likes: "2" }, { likes: 1.5 }] as unknown as Record<string, number>[]) {
    await expect(host.chat.setGroupCounters({ groupID, counters })).rejects.toMatchObject({ code: 6017 });
  }
  const key = "k".repeat(129);
  await expect(host.chat.increaseGroupCounter({ groupID, key, value: 1 })).rejects.toMatchObject({ data: { field: "key" } });
  const long = { groupID, counters: { [key]: 0 } };
  await expect(host.chat.setGroupCounters(long)).rejects.toMatchObject({ code: 10004, data: { field: "counters" } });
  await expect(stranger.chat.increaseGroupCounter(change)).rejects.toMatchObject({ code: 10007 });
  await expect(stranger.chat.getGroupCounters({ groupID })).rejects.toMatchObject({ code: 10007 });
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
