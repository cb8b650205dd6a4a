import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat, { type Conversation, type Message } from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, type Person, refused } from "./people.js";

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

function textTo(person: Person, to: string, text: string): Message {
  return person.chat.createTextMessage({ to, conversationType: TYPES.CONV_C2C, payload: { text } });
}

/** A line of a conversation list. */
const line = (conversationID: string, fields: object) => (list: Conversation[]) =>
  list.some((one) => {
    try {
      expect(one).toMatchObject({ conversationID, ...fields });
      return true;
    } catch {
      return false;
    }
  });

test("text and custom messages, one-to-one", async () => {
  const alice = await people.ready("alice");
  const bob = await people.ready("bob");
  await alice.chat.updateMyProfile({ nick: "Alice" });
  const made = textTo(alice, "bob", "hello");
  expect(made).toMatchObject({ status: "unSend", type: TYPES.MSG_TEXT, conversationID: "C2Cbob", from: "alice", flow: "out" });
  const { code, data } = await alice.chat.sendMessage(made);
  expect([code, (data as { message: Message }).message === made]).toEqual([0, true]);
  expect(made).toMatchObject({ status: "success", sequence: 1 });

  const [message] = await bob.hears(EVENT.MESSAGE_RECEIVED);
  expect(message).toMatchObject({
    ID: made.ID,
    type: TYPES.MSG_TEXT,
    payload: { text: "hello" },
    conversationID: "C2Calice",
    conversationType: TYPES.CONV_C2C,
    from: "alice",
    to: "bob",
    flow: "in",
    time: made.time,
    sequence: 1,
  });
  expect(bob.chat.getSignalingInfo(message)).toBeNull();

  const payload = { data: JSON.stringify({ dice: 6 }), description: "d", extension: "e" };
  const custom = bob.chat.createCustomMessage({
    to: "alice",
    conversationType: TYPES.CONV_C2C,
    payload,
    cloudCustomData: "mine",
    priority: TYPES.MSG_PRIORITY_HIGH,
  });
  await bob.chat.sendMessage(custom);
  const [received] = await alice.hears(EVENT.MESSAGE_RECEIVED);
  expect(received).toMatchObject({ type: TYPES.MSG_CUSTOM, payload, cloudCustomData: "mine", priority: TYPES.MSG_PRIORITY_HIGH });
  const { messageList } = (await bob.chat.getMessageList({ conversationID: "C2Calice" })).data;
  expect(messageList.map(({ nick, sequence }) => [nick, sequence])).toEqual([
    ["Alice", 1],
    ["", 2],
  ]);
});

test("kinds of messages that the server does not look into pass as they are", async () => {
  const xiu = await people.ready("xiu");
  const yan = await people.ready("yan");
  const to = { to: "yan", conversationType: TYPES.CONV_C2C };
  const face = { index: 1, data: "tt00" };
  const place = { description: "here", latitude: 22.5, longitude: 113.9 };
  await xiu.chat.sendMessage(xiu.chat.createFaceMessage({ ...to, payload: face }));
  await xiu.chat.sendMessage(xiu.chat.createLocationMessage({ ...to, payload: place }));
  expect((await yan.hears(EVENT.MESSAGE_RECEIVED))[0]).toMatchObject({ type: TYPES.MSG_FACE, payload: face });
  expect((await yan.hears(EVENT.MESSAGE_RECEIVED))[0]).toMatchObject({ type: TYPES.MSG_LOCATION, payload: place });
});

test("a message that is sent again is one message", async () => {
  const carol = await people.ready("carol");
  const dave = await people.ready("dave");
  const message = textTo(carol, "dave", "once");
  await carol.chat.sendMessage(message);
  const { ID } = message;
  await carol.chat.resendMessage(message);
  expect([message.ID, message.sequence]).toEqual([ID, 1]);
  await dave.hears(EVENT.MESSAGE_RECEIVED);
  await dave.hearsNo(EVENT.MESSAGE_RECEIVED);
});

test("a message has one ID from its making on, in what is sent, received, read back and taken back", async () => {
  const ida = await people.ready("ida");
  const jan = await people.ready("jan");
  const message = textTo(ida, "jan", "one name");
  const { ID } = message;
  await ida.chat.sendMessage(message);
  const [received] = await jan.hears(EVENT.MESSAGE_RECEIVED);
  const [mine, theirs] = await Promise.all([
    ida.chat.getMessageList({ conversationID: "C2Cjan" }),
    jan.chat.getMessageList({ conversationID: "C2Cida" }),
  ]);
  await ida.chat.revokeMessage(message);
  const [revoked] = await jan.hears(EVENT.MESSAGE_REVOKED);
  const seen = [message, received, mine.data.messageList[0], theirs.data.messageList[0], revoked];
  expect(seen.map((one) => one?.ID)).toEqual([ID, ID, ID, ID, ID]);
});

test("nobody can give a message the ID of another's", async () => {
  const kim = await people.ready("kim");
  const lea = await people.ready("lea");
  await people.ready("max");
  const original = textTo(kim, "max", "mine");
  const copy = { ...textTo(lea, "max", "not mine"), clientMsgID: original.clientMsgID, ID: original.ID };
  await kim.chat.sendMessage(original);
  await lea.chat.sendMessage(copy);
  const max = await people.ready("max", { deviceID: "another" });
  const { data } = await max.chat.getMessageList({ conversationID: "C2Clea" });
  expect(data.messageList[0]?.ID).not.toBe(original.ID);
});

test("history comes in pages, oldest first in each", async () => {
  const erin = await people.ready("erin");
  await people.ready("frank");
  for (let number = 1; number <= 7; number++) {
    await erin.chat.sendMessage(textTo(erin, "frank", String(number)));
  }
  const pages: string[][] = [];
  let nextReqMessageID: string | undefined;
  do {
    const { data } = await erin.chat.getMessageList({ conversationID: "C2Cfrank", count: 3, nextReqMessageID });
    pages.push(data.messageList.map(({ payload }) => payload.text));
    nextReqMessageID = data.nextReqMessageID;
    expect(data.isCompleted).toBe(nextReqMessageID === "");
  } while (nextReqMessageID !== "");
  expect(pages).toEqual([["5", "6", "7"], ["2", "3", "4"], ["1"]]);
  const hop = await erin.chat.getMessageListHopping({ conversationID: "C2Cfrank", sequence: 3, direction: 1, count: 2 });
  expect(hop.data).toMatchObject({ messageList: [{ sequence: 3 }, { sequence: 4 }], nextMessageSeq: 5, isCompleted: false });
});

test("taken back, and read", async () => {
  const gail = await people.ready("gail");
  const hugo = await people.ready("hugo");
  const message = textTo(gail, "hugo", "oops");
  await gail.chat.sendMessage(message);
  await gail.chat.revokeMessage(message);
  expect(message.isRevoked).toBe(true);
  const [revoked] = await hugo.hears(EVENT.MESSAGE_REVOKED);
  expect(revoked).toMatchObject({ ID: message.ID, conversationID: "C2Cgail", from: "gail", isRevoked: true, sequence: 1 });

  const second = textTo(gail, "hugo", "read me");
  await gail.chat.sendMessage(second);
  await hugo.hears(EVENT.MESSAGE_RECEIVED, ([one]) => one.ID === second.ID);
  await hugo.chat.setMessageRead({ conversationID: "C2Cgail" });
  const read = await gail.hears(EVENT.MESSAGE_READ_BY_PEER);
  expect(read.map(({ ID }: Message) => ID)).toContain(second.ID);
  expect(second.isPeerRead).toBe(true);
  expect(await refused(hugo.chat.revokeMessage(second))).toMatchObject({ code: expect.any(Number) });
});

test("conversations: last message, unread counts, totals, read", async () => {
  const ivan = await people.ready("ivan");
  const judy = await people.ready("judy");
  const kim = await people.ready("kim");
  expect((await judy.chat.getConversationList()).data).toEqual({ conversationList: [], isSyncCompleted: true });
  await ivan.chat.sendMessage(textTo(ivan, "judy", "one"));
  await ivan.chat.sendMessage(textTo(ivan, "judy", "two"));
  await kim.chat.sendMessage(textTo(kim, "judy", "three"));
  const list = await judy.hears(
    EVENT.CONVERSATION_LIST_UPDATED,
    (all) => all.length === 2 && line("C2Civan", { unreadCount: 2 })(all),
  );
  expect(list.map(({ conversationID }: Conversation) => conversationID)).toEqual(["C2Ckim", "C2Civan"]);
  expect(list[1]).toMatchObject({
    type: TYPES.CONV_C2C,
    unreadCount: 2,
    lastMessage: {
      messageForShow: "two",
      fromAccount: "ivan",
      lastSequence: 2,
      type: TYPES.MSG_TEXT,
      lastTime: expect.any(Number),
    },
    userProfile: { userID: "ivan" },
  });
  await judy.hears(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, (count) => count === 3);
  expect(judy.chat.getTotalUnreadMessageCount()).toBe(3);

  expect((await judy.chat.setMessageRead({ conversationID: "C2Civan" })).code).toBe(0);
  expect(judy.chat.getTotalUnreadMessageCount(), "at once").toBe(1);
  await judy.hears(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, (count) => count === 1);
  expect((await judy.chat.getConversationProfile("C2Civan")).data.conversation.unreadCount).toBe(0);
  expect((await judy.chat.getConversationList(["C2Ckim"])).data.conversationList).toMatchObject([{ unreadCount: 1 }]);
  await judy.chat.setAllMessageRead();
  await judy.hears(EVENT.TOTAL_UNREAD_MESSAGE_COUNT_UPDATED, (count) => count === 0);
});

test("conversations are pinned and deleted on all devices of their user", async () => {
  const [nora, oscar, pia] = [await people.ready("nora"), await people.ready("oscar"), await people.ready("pia")];
  const desk = await people.ready("nora");
  await oscar.chat.sendMessage(textTo(oscar, "nora", "one"));
  await pia.chat.sendMessage(textTo(pia, "nora", "two"));
  const ids = (all: Conversation[]) => all.map(({ conversationID, isPinned }) => `${conversationID} ${isPinned}`).join();
  const hears = (person: Person, wanted: string) =>
    person.hears(EVENT.CONVERSATION_LIST_UPDATED, (all: Conversation[]) => ids(all) === wanted);

  const pinned = await nora.chat.pinConversation({ conversationID: "C2Coscar", isPinned: true });
  expect(pinned).toEqual({ code: 0, data: { conversationID: "C2Coscar" } });
  for (const person of [nora, desk]) {
    await hears(person, "C2Coscar true,C2Cpia false");
  }
  await expect(nora.chat.pinConversation({ conversationID: "C2Cnobody", isPinned: true })).rejects.toMatchObject({
    code: 6017,
    data: { field: "isPinned" },
  });

  expect(await desk.chat.deleteConversation("C2Coscar")).toEqual({ code: 0, data: { conversationID: "C2Coscar" } });
  for (const person of [nora, desk]) {
    await hears(person, "C2Cpia false");
    expect(person.chat.getTotalUnreadMessageCount()).toBe(1);
    expect((await person.chat.getMessageList({ conversationID: "C2Coscar" })).data.messageList).toEqual([]);
  }
  const all = await nora.chat.deleteConversation({ conversationIDList: ["C2Cpia"], clearHistoryMessage: true });
  expect(all.data).toEqual({ successConversationIDList: ["C2Cpia"], failureConversationIDList: [] });
  const kept = desk.chat.deleteConversation({ conversationIDList: ["C2Cpia"], clearHistoryMessage: false });
  await expect(kept).rejects.toMatchObject({ code: 7014 });
  await expect(desk.chat.deleteConversation("pia")).rejects.toMatchObject({ code: 6017, data: { field: "conversationID" } });
  for (const person of [nora, desk]) {
    await hears(person, "");
  }

  await oscar.chat.sendMessage(textTo(oscar, "nora", "three"));
  for (const person of [nora, desk]) {
    await hears(person, "C2Coscar false");
    const { messageList } = (await person.chat.getMessageList({ conversationID: "C2Coscar" })).data;
    expect(messageList.map(({ payload }) => payload.text)).toEqual(["three"]);
  }
});

test("a conversation in which each message is read when it comes is never counted", async () => {
  const una = await people.ready("una");
  const vito = await people.ready("vito");
  const counted: number[] = [];
  for (const text of ["one", "two", "three"]) {
    await una.chat.sendMessage(textTo(una, "vito", text));
    await vito.hears(EVENT.MESSAGE_RECEIVED, ([{ payload }]) => payload.text === text);
    await vito.chat.setMessageRead({ conversationID: "C2Cuna" });
    counted.push(vito.chat.getTotalUnreadMessageCount());
  }
  expect(counted).toEqual([0, 0, 0]);
});

test("a call is a line in the conversation, unless its data says otherwise", async () => {
  const leo = await people.ready("leo");
  const mia = await people.ready("mia");
  await leo.chat.invite({ userID: "mia", data: JSON.stringify({ excludeFromHistoryMessage: true }) });
  const quiet = (await mia.chat.getConversationList()).data.conversationList;
  expect(quiet.map(({ unreadCount, lastMessage }) => [unreadCount, lastMessage.lastTime])).toEqual([[0, 0]]);
  await leo.chat.invite({ userID: "mia", data: "ring" });
  const [conversation] = (await mia.chat.getConversationList()).data.conversationList;
  expect(conversation).toMatchObject({ unreadCount: 1, lastMessage: { type: TYPES.MSG_CUSTOM } });
});

test("profiles and blocking", async () => {
  const ned = await people.ready("ned");
  const olga = await people.ready("olga");
  const updated = await ned.chat.updateMyProfile({ nick: "Ned", avatar: "https://example.org/n.png", gender: TYPES.GENDER_MALE });
  expect(updated).toMatchObject({ code: 0, data: { userID: "ned", nick: "Ned", gender: TYPES.GENDER_MALE } });
  expect(await ned.hears(EVENT.PROFILE_UPDATED)).toMatchObject([{ nick: "Ned" }]);
  await ned.chat.updateMyProfile({ selfSignature: "hi" });
  expect((await ned.chat.getMyProfile()).data).toMatchObject({ nick: "Ned", selfSignature: "hi", gender: TYPES.GENDER_MALE });
  expect((await olga.chat.getUserProfile({ userIDList: ["ned", "nobody"] })).data).toMatchObject([
    { userID: "ned", nick: "Ned", avatar: "https://example.org/n.png" },
  ]);

  await olga.chat.addToBlacklist({ userIDList: ["ned"] });
  expect(await olga.hears(EVENT.BLACKLIST_UPDATED)).toEqual(["ned"]);
  expect(await refused(ned.chat.invite({ userID: "olga" }))).toMatchObject({ code: 20007 });
  const message = textTo(ned, "olga", "hello?");
  expect(await refused(ned.chat.sendMessage(message))).toMatchObject({ code: 20007 });
  expect(message.status).toBe("fail");
  await olga.chat.removeFromBlacklist({ userIDList: ["ned"] });
  expect((await olga.chat.getBlacklist()).data).toEqual([]);
});
