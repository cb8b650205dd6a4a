import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { Wigwag } from "../../../src/index.js";
import TencentCloudChat from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, Person, refused } from "./people.js";
import { Signaler, TSignaling } from "./tsignaling.js";

const { EVENT, TSignaling: OURS, TYPES } = TencentCloudChat;
const THEIRS = TSignaling.EVENT as Record<
  | "NEW_INVITATION_RECEIVED"
  | "INVITEE_ACCEPTED"
  | "INVITEE_REJECTED"
  | "INVITATION_CANCELLED"
  | "INVITATION_TIMEOUT"
  | "TEXT_MESSAGE_RECEIVED"
  | "CUSTOM_MESSAGE_RECEIVED"
  | "REMOTE_USER_JOIN"
  | "REMOTE_USER_LEAVE"
  | "SDK_NOT_READY"
  | "NET_STATE_CHANGE",
  string
>;
/** What tsignaling makes of a call; it reads the data of an invitation as JSON. */
const CALL = JSON.stringify({ call_type: 2, room_id: 7 });

let server: Server;
let people: People;
let native: Wigwag[];
beforeAll(async () => {
  // Whoever has closed their last session is offline at once.
  server = await Server.start("[sessions]\noffline_grace_s = 0\n");
  people = new People(server);
  native = [];
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await people.end();
  await Promise.all(native.map((client) => client.close()));
  await server.end();
});

/** Somebody with tsignaling, signed in. */
const signaler = (userID: string, options: object = {}) => new Signaler(people.person(userID), options).ready();

/** Somebody with the native client, who accepts whatever comes for him. */
async function accepting(userID: string): Promise<Wigwag> {
  const client = new Wigwag({ url: server.url, token: server.token(userID), webSocket: WebSocket });
  native.push(client);
  client.on("invitation.received", async ({ inviteID, inviteeList }) => {
    if (inviteeList.includes(userID)) {
      await client.signaling.accept({ inviteID, data: "native" });
    }
  });
  await client.connect();
  return client;
}

/** The timers of tsignaling, which count in seconds, run as fast as the test wants; those of the client do not. */
const holdItsTimers = () => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });

test("it is the public package", () => {
  const path = createRequire(import.meta.url).resolve("tsignaling/package.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ name: "tsignaling", version: "1.0.8" });
});

test("tsignaling calls tsignaling", async () => {
  const ada = await signaler("ada");
  const bob = await signaler("bob");
  const { code, inviteID } = await ada.app.invite({ userID: "bob", data: CALL, timeout: 30 });
  expect(code).toBe(0);
  expect(await bob.hears(THEIRS.NEW_INVITATION_RECEIVED)).toEqual({
    inviteID,
    inviter: "ada",
    groupID: "",
    inviteeList: ["bob"],
    data: CALL,
  });
  expect(await bob.app.accept({ inviteID, data: "coming" })).toMatchObject({ code: 0, inviteID });
  expect(await ada.hears(THEIRS.INVITEE_ACCEPTED)).toEqual({
    inviteID,
    inviter: "ada",
    groupID: "",
    invitee: "bob",
    data: "coming",
  });
});

test("tsignaling calls, Tencent's surface answers; and the other way round", async () => {
  const carol = await signaler("carol");
  const dave = await people.ready("dave");
  const { inviteID } = await carol.app.invite({ userID: "dave", data: CALL, timeout: 30 });
  expect(await dave.hears(OURS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID, inviter: "carol", data: CALL });
  await dave.chat.reject({ inviteID, data: "busy" });
  expect(await carol.hears(THEIRS.INVITEE_REJECTED)).toMatchObject({ inviteID, invitee: "dave", data: "busy" });

  const back = await dave.chat.invite({ userID: "carol", data: CALL, timeout: 30 });
  expect(await carol.hears(THEIRS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID: back.inviteID, inviter: "dave" });
  await carol.app.accept({ inviteID: back.inviteID });
  expect(await dave.hears(OURS.INVITEE_ACCEPTED)).toMatchObject({ inviteID: back.inviteID, invitee: "carol" });
});

test("tsignaling calls, the native client answers; and the other way round", async () => {
  const erin = await signaler("erin");
  const frank = await accepting("frank");
  const { inviteID } = await erin.app.invite({ userID: "frank", data: CALL, timeout: 30 });
  expect(await erin.hears(THEIRS.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "frank", data: "native" });

  const back = await frank.signaling.invite({ invitee: "erin", data: CALL });
  expect(await erin.hears(THEIRS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID: back.inviteID, inviter: "frank" });
  await frank.signaling.cancel({ inviteID: back.inviteID, data: "never mind" });
  expect(await erin.hears(THEIRS.INVITATION_CANCELLED)).toEqual({
    inviteID: back.inviteID,
    inviter: "frank",
    groupID: "",
    data: "never mind",
  });
});

test("tsignaling takes its invitation back, also one that was made at once", async () => {
  const gail = await signaler("gail");
  const hugo = await people.ready("hugo");
  let inviteID = "";
  await new Promise<void>((resolve, reject) => {
    inviteID = gail.app.inviteSync({ userID: "hugo", data: CALL, timeout: 30 }, resolve, reject);
  });
  await hugo.hears(OURS.NEW_INVITATION_RECEIVED, (data) => data.inviteID === inviteID);
  expect(await gail.app.cancel({ inviteID, data: "sorry" })).toMatchObject({ code: 0, inviteID });
  expect(await hugo.hears(OURS.INVITATION_CANCELLED)).toMatchObject({ inviteID, data: "sorry" });
});

test("in a group, with people who come and go", async () => {
  const host = await people.ready("host");
  const ivan = await signaler("ivan");
  const judy = await accepting("judy");
  await host.chat.createGroup({ name: "Room", groupID: "room", type: TYPES.GRP_MEETING });
  expect(await ivan.app.joinGroup("room")).toMatchObject({ code: 0, data: { status: TYPES.JOIN_STATUS_SUCCESS } });
  await judy.groups.join({ groupID: "room" });
  const [joined] = await ivan.hears(THEIRS.REMOTE_USER_JOIN);
  expect(joined.payload.userIDList).toEqual(["judy"]);

  const inviteeList = ["host", "judy"];
  const { inviteID } = await ivan.app.inviteInGroup({ groupID: "room", inviteeList, data: CALL, timeout: 30 });
  expect(await host.hears(OURS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID, groupID: "room", inviteeList });
  expect(await ivan.hears(THEIRS.INVITEE_ACCEPTED)).toMatchObject({ inviteID, groupID: "room", invitee: "judy" });
  await host.chat.reject({ inviteID });
  expect(await ivan.hears(THEIRS.INVITEE_REJECTED)).toMatchObject({ inviteID, groupID: "room", invitee: "host" });

  const back = await host.chat.inviteInGroup({ groupID: "room", inviteeList: ["ivan"], data: CALL });
  expect(await ivan.hears(THEIRS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID: back.inviteID, groupID: "room" });
  await judy.groups.quit({ groupID: "room" });
  const [left] = await ivan.hears(THEIRS.REMOTE_USER_LEAVE);
  expect(left.payload.userIDList).toEqual(["judy"]);
  expect((await ivan.app.quitGroup("room")).code).toBe(0);
  await host.hears(OURS.INVITEE_REJECTED, (data) => data.inviteID === back.inviteID && data.invitee === "ivan");
});

test("its clock changes nothing: who is late by it still accepts, and nobody is told of a timeout", async () => {
  holdItsTimers();
  const kim = await signaler("kim");
  const leo = await signaler("leo");
  const { inviteID } = await kim.app.invite({ userID: "leo", data: CALL, timeout: 600 });
  await leo.hears(THEIRS.NEW_INVITATION_RECEIVED);
  vi.advanceTimersByTime(700_000);
  await leo.app.accept({ inviteID, data: "late?" });
  expect(await kim.hears(THEIRS.INVITEE_ACCEPTED)).toMatchObject({ inviteID, data: "late?" });
  expect([kim.heard(THEIRS.INVITATION_TIMEOUT), leo.heard(THEIRS.INVITATION_TIMEOUT)]).toEqual([[], []]);
});

test("the server's timeout is told once, whatever tsignaling's clock says before or after", async () => {
  holdItsTimers();
  const host = await signaler("mia");
  const ned = await signaler("ned");
  const olga = await signaler("olga");
  const memberList = [{ userID: "ned" }, { userID: "olga" }];
  await (await people.ready("mia")).chat.createGroup({ name: "Trio", groupID: "trio", memberList });
  const inviteeList = ["ned", "olga"];
  // A copy: tsignaling takes those who have answered out of the list it is given.
  const { inviteID } = await host.app.inviteInGroup({ groupID: "trio", inviteeList: [...inviteeList], data: CALL, timeout: 1 });
  for (const person of [ned, olga, host]) {
    expect(await person.hears(THEIRS.INVITATION_TIMEOUT)).toMatchObject({ inviteID, groupID: "trio", inviteeList });
  }
  vi.advanceTimersByTime(20_000);
  for (const person of [ned, olga, host]) {
    await person.hasHeardAll();
    expect(person.heard(THEIRS.INVITATION_TIMEOUT)).toHaveLength(1);
  }
});

describe("where nobody was there, its own timeout counts", () => {
  /** Somebody who invites whoever is not there; tsignaling's clock stands still. */
  const invites = async (userID: string) => {
    holdItsTimers();
    await server.knows(`no-${userID}`);
    const person = people.person(userID);
    const device = await new Signaler(person).ready();
    const { inviteID } = await device.app.invite({ userID: `no-${userID}`, data: CALL, timeout: 1 });
    return { person, device, told: { inviteID, inviter: userID, groupID: "", inviteeList: [`no-${userID}`] } };
  };

  test("once the server has said so", async () => {
    const { person, device, told } = await invites("vic");
    await person.hears(OURS.INVITATION_TIMEOUT);
    await device.hasHeardAll();
    expect(device.heard(THEIRS.INVITATION_TIMEOUT)).toEqual([]);
    vi.advanceTimersByTime(7_000);
    expect(await device.hears(THEIRS.INVITATION_TIMEOUT)).toEqual({ ...told, isSelfTimeout: true });
    vi.advanceTimersByTime(20_000);
    await device.hasHeardAll();
    expect(device.heard(THEIRS.INVITATION_TIMEOUT)).toHaveLength(1);
  });

  test("not before; then it is told by a message", async () => {
    const { person, device, told } = await invites("wim");
    vi.advanceTimersByTime(7_000);
    await person.hears(OURS.INVITATION_TIMEOUT);
    expect(await device.hears(THEIRS.INVITATION_TIMEOUT)).toEqual({ ...told, isSelfTimeout: false });
  });
});

test("what comes too late is refused by the server, and told to tsignaling", async () => {
  const pat = await signaler("pat");
  const chats = [people.person("rob"), people.person("rob")] as const;
  const devices = await Promise.all(chats.map((chat) => new Signaler(chat).ready()));
  const { inviteID } = await pat.app.invite({ userID: "rob", data: CALL, timeout: 30 });
  await Promise.all(devices.map((device) => device.hears(THEIRS.NEW_INVITATION_RECEIVED)));
  const outcomes = await Promise.allSettled(devices.map(({ app }) => app.accept({ inviteID })));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const loser = outcomes.findIndex(({ status }) => status === "rejected");
  expect((outcomes[loser] as PromiseRejectedResult).reason).toMatchObject({ code: 8010 });
  await pat.hears(THEIRS.INVITEE_ACCEPTED);
  await pat.hasHeardAll();
  expect(pat.heard(THEIRS.INVITEE_ACCEPTED)).toHaveLength(1);

  // tsignaling keeps the lock of an answer that failed; the chat that it was given has none.
  const next = await pat.app.invite({ userID: "rob", data: CALL, timeout: 30 });
  await devices[loser]?.hears(THEIRS.NEW_INVITATION_RECEIVED);
  await expect(devices[loser]?.app.accept({ inviteID: next.inviteID })).rejects.toMatchObject({ code: 8010 });
  expect(await chats[loser]?.chat.accept({ inviteID: next.inviteID })).toMatchObject({ code: 0 });
});

test("nobody speaks for another", async () => {
  const sue = await people.ready("sue");
  const tom = await people.ready("tom");
  const mallory = await people.ready("mallory");
  const { inviteID } = await sue.chat.invite({ userID: "tom", data: CALL, timeout: 60 });
  await tom.hears(OURS.NEW_INVITATION_RECEIVED);
  const say = (to: string, fields: object) => {
    const text = { businessID: 1, inviteID, inviter: "sue", inviteeList: ["tom"], groupID: "", timeout: 0, data: "", ...fields };
    const payload = { data: JSON.stringify(text) };
    return mallory.chat.sendMessage(mallory.chat.createCustomMessage({ to, conversationType: TYPES.CONV_C2C, payload }));
  };
  expect((await refused(say("sue", { actionType: 3 }))).code).toBe(8010);
  expect((await refused(say("tom", { actionType: 2 }))).code).toBe(8010);
  expect((await refused(say("tom", { actionType: 1, inviteID: "forged" }))).code).toBe(8011);
  await tom.hearsNo(OURS.INVITATION_CANCELLED);
  await tom.hearsNo(OURS.NEW_INVITATION_RECEIVED);
  await sue.hearsNo(OURS.INVITEE_ACCEPTED);
});

test("onlineUserOnly is inherited and leaves no history", async () => {
  const uma = await signaler("uma");
  const victor = await signaler("victor");
  const { inviteID } = await uma.app.invite({ userID: "victor", data: CALL, timeout: 30, onlineUserOnly: true });
  await victor.hears(THEIRS.NEW_INVITATION_RECEIVED);
  await victor.app.accept({ inviteID });
  await uma.hears(THEIRS.INVITEE_ACCEPTED);
  const reader = await people.ready("victor");
  expect((await reader.chat.getMessageList({ conversationID: "C2Cuma" })).data.messageList).toEqual([]);
});

test("what rings when tsignaling signs in is found in history", async () => {
  const wendy = await people.ready("wendy");
  const xaver = people.person("xaver");
  await xaver.login();
  await xaver.chat.logout();
  const open = await wendy.chat.invite({ userID: "xaver", data: CALL, timeout: 60 });
  const over = await wendy.chat.invite({ userID: "xaver", data: CALL, timeout: 60 });
  await wendy.chat.cancel({ inviteID: over.inviteID });
  const late = await signaler("xaver");
  expect(await late.hears(THEIRS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID: open.inviteID, inviter: "wendy" });
  await late.app.accept({ inviteID: open.inviteID });
  await wendy.hears(OURS.INVITEE_ACCEPTED);
  expect(late.heard(THEIRS.NEW_INVITATION_RECEIVED)).toHaveLength(1);
});

test.each([
  ["ahead", 2 * 3_600_000],
  ["behind", -2 * 3_600_000],
])("also where the device's clock is two hours %s; times are told by that clock", async (how, offMs) => {
  const [caller, callee] = [await people.ready(`caller-${how}`), people.person(`callee-${how}`)];
  await callee.login();
  await callee.chat.logout();
  const { userID } = callee;
  const { inviteID } = await caller.chat.invite({ userID, data: CALL, timeout: 60 });
  const userSig = callee.userSig();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + offMs });
  const device = await new Signaler(new Person(userID, people.person(userID).chat, () => userSig)).ready();
  expect(await device.hears(THEIRS.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID });
  const { chat } = people.person(userID);
  await chat.login({ userID, userSig });
  const [message] = (await chat.getMessageList({ conversationID: `C2C${caller.userID}` })).data.messageList;
  const [conversation] = (await chat.getConversationList()).data.conversationList;
  for (const time of [message?.time, conversation?.lastMessage.lastTime]) {
    expect(Math.abs((time ?? 0) - Date.now() / 1_000)).toBeLessThan(30);
  }
});

test("its messages, its states", async () => {
  const yann = await signaler("yann");
  const zoe = await people.ready("zoe");
  expect(yann.heard(THEIRS.NET_STATE_CHANGE)).toEqual([{ state: "connecting" }, { state: "connected" }]);
  await yann.app.sendTextMessage({ to: "zoe", groupFlag: false, text: "hello" });
  const [text] = await zoe.hears(EVENT.MESSAGE_RECEIVED);
  expect(text.payload).toEqual({ text: "hello" });
  await yann.app.sendCustomMessage({ to: "zoe", groupFlag: false, data: "d", extension: "e" });
  const [custom] = await zoe.hears(EVENT.MESSAGE_RECEIVED);
  expect(custom.payload).toEqual({ data: "d", description: "", extension: "e" });
  for (const payload of [{ text: "hi" }, { data: "not signaling" }]) {
    const kind = "text" in payload ? "createTextMessage" : "createCustomMessage";
    await zoe.chat.sendMessage(zoe.chat[kind]({ to: "yann", conversationType: TYPES.CONV_C2C, payload }));
  }
  expect((await yann.hears(THEIRS.TEXT_MESSAGE_RECEIVED))[0].payload.text).toBe("hi");
  expect((await yann.hears(THEIRS.CUSTOM_MESSAGE_RECEIVED))[0].payload.data).toBe("not signaling");
  await yann.app.logout();
  await yann.hears(THEIRS.SDK_NOT_READY);
});
