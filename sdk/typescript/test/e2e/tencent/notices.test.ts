import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import TencentCloudChat, { type Message } from "../../../src/tencent/index.js";
import { type BackEnd, backEnd } from "../backEnd.js";
import { Server } from "../server.js";
import { People, type Person } from "./people.js";

const { EVENT, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
let desk: BackEnd;
beforeAll(async () => {
  server = await Server.start();
  people = new People(server);
  desk = await backEnd(server, "read,messages");
});
beforeEach(() => {
  // Each chat is a tab of one browser.
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await people.end();
  await server.end();
});

async function group(owner: Person, groupID: string, ...members: string[]): Promise<void> {
  const memberList = members.map((userID) => ({ userID }));
  await owner.chat.createGroup({ name: `The ${groupID}`, groupID, memberList });
}

function notifies(groupID: string, data: string, ...userIDs: string[]): Promise<unknown> {
  return desk(`POST /v1/groups/${groupID}/notices`, { data, ...(userIDs.length === 0 ? {} : { userIDs }) });
}

/** The next message, as far as it says what happened. */
async function hearsNext(person: Person) {
  const [message]: Message[] = await person.hears(EVENT.MESSAGE_RECEIVED);
  const { operationType, userIDList, userDefinedField } = message?.payload ?? {};
  return [message?.conversationID, operationType, userDefinedField ?? userIDList];
}

function noticed(data: string) {
  return [TYPES.CONV_SYSTEM, 255, data];
}

test("what a back end tells a group comes as a system notice, to those whom it names or to all", async () => {
  const [alice, bob, carol] = [await people.ready("alice"), await people.ready("bob"), await people.ready("carol")];
  await group(alice, "class", "bob", "carol");
  for (const member of [bob, carol]) {
    await member.hears(EVENT.MESSAGE_RECEIVED);
    await member.hears(EVENT.GROUP_LIST_UPDATED, (groups) => groups.length === 1);
  }
  await notifies("class", "only bob", "bob");
  const [notice] = await bob.hears(EVENT.MESSAGE_RECEIVED);
  expect(notice).toMatchObject({
    type: TYPES.MSG_GRP_SYS_NOTICE,
    conversationID: TYPES.CONV_SYSTEM,
    conversationType: TYPES.CONV_SYSTEM,
    from: TYPES.CONV_SYSTEM,
    flow: "in",
    sequence: 0,
    payload: {
      operationType: 255,
      operatorID: TYPES.CONV_SYSTEM,
      groupProfile: { groupID: "class", name: "The class" },
      userDefinedField: "only bob",
    },
  });
  await notifies("class", "everybody");
  for (const member of [alice, bob, carol]) {
    expect(await hearsNext(member), member.userID).toEqual(noticed("everybody"));
  }
  expect(bob.chat.getTotalUnreadMessageCount()).toBe(0);
});

test("a new tab is told once what became of its user in their groups while the browser was away", async () => {
  const [olga, dave] = [await people.ready("olga"), await people.ready("dave")];
  for (const groupID of ["left", "gone", "kept", "quit"]) {
    await group(olga, groupID, "dave");
    expect(await hearsNext(dave)).toEqual([`GROUP${groupID}`, TYPES.GRP_TIP_MBR_JOIN, expect.arrayContaining(["dave"])]);
  }
  // That they did themselves is no news.
  await dave.chat.quitGroup("quit");
  await dave.chat.logout();

  await olga.chat.deleteGroupMember({ groupID: "left", userIDList: ["dave"] });
  await olga.chat.setGroupMemberRole({ groupID: "kept", userID: "dave", role: TYPES.GRP_MBR_ROLE_ADMIN });
  await notifies("kept", "the lesson is moved");
  await olga.chat.dismissGroup("gone");

  const tab = await people.ready("dave");
  expect(await hearsNext(tab)).toEqual(["GROUPleft", TYPES.GRP_TIP_MBR_KICKED_OUT, ["dave"]]);
  expect(await hearsNext(tab)).toEqual(["GROUPkept", TYPES.GRP_TIP_MBR_SET_ADMIN, ["dave"]]);
  expect(await hearsNext(tab)).toEqual(noticed("the lesson is moved"));
  expect(await hearsNext(tab)).toEqual([TYPES.CONV_SYSTEM, 5, undefined]);

  const another = await people.ready("dave");
  await another.hearsNo(EVENT.MESSAGE_RECEIVED);
  await notifies("kept", "it begins");
  for (const device of [tab, another]) {
    expect(await hearsNext(device)).toEqual(noticed("it begins"));
  }
});

test("a browser that remembers nothing begins with the oldest that is kept, and one that cannot remember with nothing", async () => {
  const [paul, erin] = [await people.ready("paul"), await people.ready("erin")];
  await erin.chat.logout();
  await group(paul, "choir", "erin");
  await notifies("choir", "we sing at ten");
  const elsewhere = await people.ready("erin");
  expect(await hearsNext(elsewhere)).toEqual(["GROUPchoir", TYPES.GRP_TIP_MBR_JOIN, expect.arrayContaining(["erin"])]);
  expect(await hearsNext(elsewhere)).toEqual(noticed("we sing at ten"));
  vi.stubGlobal("localStorage", undefined);
  const forgetful = await people.ready("erin");
  await forgetful.hearsNo(EVENT.MESSAGE_RECEIVED);
  await notifies("choir", "we sing");
  expect(await hearsNext(forgetful)).toEqual(noticed("we sing"));
});

test("more than a page of it is told, and what comes meanwhile is told once", async () => {
  const [quinn, frank] = [await people.ready("quinn"), await people.ready("frank")];
  const rooms = ["red", "green", "blue"];
  for (const room of rooms) {
    await group(quinn, room, "frank");
    await frank.hears(EVENT.MESSAGE_RECEIVED);
  }
  await frank.chat.logout();
  const missed: string[] = [];
  for (let number = 0; number < 40; number++) {
    for (const room of rooms) {
      missed.push(`${room} ${number}`);
      await notifies(room, `${room} ${number}`);
    }
  }
  const tab = people.person("frank");
  const meanwhile = Array.from({ length: 20 }, (_, number) => `meanwhile ${number}`);
  await Promise.all([tab.login(), ...meanwhile.map((data) => notifies("red", data))]);
  await notifies("red", "last");
  const heard: string[] = [];
  while (heard.length <= missed.length + meanwhile.length) {
    const [, operationType, data] = await hearsNext(tab);
    expect(operationType).toBe(255);
    heard.push(String(data));
  }
  expect(heard.filter((data) => missed.includes(data))).toEqual(missed);
  expect([...heard].sort()).toEqual([...missed, ...meanwhile, "last"].sort());
  await tab.hearsNo(EVENT.MESSAGE_RECEIVED);
});
