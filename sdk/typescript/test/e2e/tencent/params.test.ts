import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat, { type ChatSDK } from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, type Person, refused } from "./people.js";

const { TYPES } = TencentCloudChat;

let server: Server;
let people: People;
let alice: Person;
beforeAll(async () => {
  server = await Server.start();
  people = new People(server);
  alice = await people.ready("alice");
});
afterAll(async () => {
  await people.end();
  await server.end();
});

const text = { to: "bob", conversationType: TYPES.CONV_C2C, payload: { text: "hi" } };
const made = (options: unknown) => alice.chat.createTextMessage(options as never);
const LONG = "x".repeat(17_000);

/** What is called, with what, and the field that is wrong in it. */
const WRONG: [call: keyof ChatSDK, args: () => unknown[], field: string][] = [
  ["invite", () => [], "options"],
  ["invite", () => ["bob"], "options"],
  ["invite", () => [{}], "userID"],
  ["invite", () => [{ userID: "" }], "userID"],
  ["invite", () => [{ userID: 7 }], "userID"],
  ["invite", () => [{ userID: "not a userID" }], "userID"],
  ["invite", () => [{ userID: "alice" }], "userID"],
  ["invite", () => [{ userID: "bob", data: {} }], "data"],
  ["invite", () => [{ userID: "bob", data: null }], "data"],
  ["invite", () => [{ userID: "bob", data: "\ud800" }], "data"],
  ["invite", () => [{ userID: "bob", timeout: "30" }], "timeout"],
  ["invite", () => [{ userID: "bob", timeout: -1 }], "timeout"],
  ["invite", () => [{ userID: "bob", timeout: 1.5 }], "timeout"],
  ["invite", () => [{ userID: "bob", timeout: 86_401 }], "timeout"],
  ["invite", () => [{ userID: "bob", onlineUserOnly: "false" }], "onlineUserOnly"],
  ["invite", () => [{ userID: "bob", offlinePushInfo: "ring" }], "offlinePushInfo"],
  ["inviteInGroup", () => [{ inviteeList: ["bob"] }], "groupID"],
  ["inviteInGroup", () => [{ groupID: "g", inviteeList: "bob" }], "inviteeList"],
  ["inviteInGroup", () => [{ groupID: "g", inviteeList: [] }], "inviteeList"],
  ["inviteInGroup", () => [{ groupID: "g", inviteeList: ["bob", 7] }], "inviteeList"],
  ["accept", () => [{}], "inviteID"],
  ["accept", () => [{ inviteID: "i", data: 7 }], "data"],
  ["reject", () => [{ inviteID: 7 }], "inviteID"],
  ["cancel", () => [null], "options"],
  ["modifyInvitation", () => [{ inviteID: "i" }], "data"],
  ["sendMessage", () => [], "message"],
  ["sendMessage", () => [made(undefined)], "to"],
  ["sendMessage", () => [made({ ...text, to: "" })], "to"],
  ["sendMessage", () => [made({ ...text, conversationType: "TOPIC" })], "conversationType"],
  ["sendMessage", () => [made({ ...text, payload: undefined })], "payload"],
  ["sendMessage", () => [made({ ...text, payload: { text: 7 } })], "payload.text"],
  ["sendMessage", () => [made({ ...text, cloudCustomData: {} })], "cloudCustomData"],
  ["sendMessage", () => [made(text), { onlineUserOnly: 1 }], "onlineUserOnly"],
  ["sendMessage", () => [alice.chat.createCustomMessage({ ...text, payload: {} })], "payload.data"],
  ["revokeMessage", () => [made(text)], "sequence"],
  ["getMessageList", () => [{}], "conversationID"],
  ["getMessageList", () => [{ conversationID: "bob" }], "conversationID"],
  ["getMessageList", () => [{ conversationID: "C2Cbob", nextReqMessageID: "x" }], "nextReqMessageID"],
  ["getMessageList", () => [{ conversationID: "C2Cbob", count: "all" }], "count"],
  ["setMessageRead", () => [{ conversationID: "@TIM#SYSTEM" }], "conversationID"],
  ["getConversationProfile", () => ["C2Cnobody"], "conversationID"],
  ["createGroup", () => [{}], "name"],
  ["createGroup", () => [{ name: "g", type: "Club" }], "type"],
  ["createGroup", () => [{ name: "g", memberList: ["bob"] }], "memberList"],
  ["createGroup", () => [{ name: "g", groupID: "not a groupID" }], "groupID"],
  ["joinGroup", () => ["g"], "options"],
  ["quitGroup", () => [{ groupID: "g" }], "groupID"],
  ["dismissGroup", () => [], "groupID"],
  ["setGroupMemberRole", () => [{ groupID: "g", userID: "bob", role: "Owner" }], "role"],
  ["getGroupMemberList", () => [{ groupID: "g", offset: -1 }], "offset"],
  ["getUserProfile", () => [{ userIDList: "bob" }], "userIDList"],
  ["updateMyProfile", () => [{ nick: 7 }], "nick"],
  ["addToBlacklist", () => [{}], "userIDList"],
];

test.each(WRONG.map(([call, args, field]) => ({ call, args, field })))("$call, $field", async ({ call, args, field }) => {
  const promise = (alice.chat[call] as (...args: unknown[]) => Promise<unknown>)(...args());
  expect(promise).toBeInstanceOf(Promise);
  const error = await refused(promise);
  expect(error).toMatchObject({ code: 6017, data: { field } });
  expect(error.message).toContain(field);
});

test("what is well formed and still refused has its own number", async () => {
  await people.ready("bob");
  const refusals: [() => Promise<unknown>, object][] = [
    [() => alice.chat.invite({ userID: "nobody" }), { code: 20003 }],
    [() => alice.chat.invite({ userID: "bob", data: LONG }), { code: 8001, data: { field: "data" } }],
    [() => alice.chat.invite({ userID: "bob", data: "x".repeat(70_000) }), { code: 8001 }],
    [() => alice.chat.inviteInGroup({ groupID: "nowhere", inviteeList: ["bob"] }), { code: 10010 }],
    [() => alice.chat.accept({ inviteID: "unknown" }), { code: 8010, data: { reason: "unknown" } }],
    [() => alice.chat.joinGroup({ groupID: "nowhere" }), { code: 10010 }],
    [() => alice.chat.sendMessage(made({ ...text, to: "nobody" })), { code: 20003 }],
  ];
  for (const [call, error] of refusals) {
    expect(await refused(call())).toMatchObject(error);
  }
});
