import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { Wigwag } from "../../../src/index.js";
import TencentCloudChat, { type ChatError } from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { Phone } from "../v2tim/phone.js";
import { People, refused } from "./people.js";

const { EVENT, TSignaling, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
beforeAll(async () => {
  // Whoever has closed their last session is offline at once.
  server = await Server.start("[sessions]\noffline_grace_s = 0\n");
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

test("ring and accept: results, events, and the message of each action", async () => {
  const alice = await people.ready("alice");
  const bob = await people.ready("bob");
  const { code, data, inviteID } = await alice.chat.invite({ userID: "bob", data: "video", timeout: 30 });
  expect(code).toBe(0);
  expect(data.message).toMatchObject({
    type: TYPES.MSG_CUSTOM,
    conversationID: "C2Cbob",
    conversationType: TYPES.CONV_C2C,
    from: "alice",
    to: "bob",
    flow: "out",
    status: "success",
    sequence: 1,
    _onlineOnlyFlag: false,
  });
  const invited = { businessID: 1, inviteID, inviter: "alice", inviteeList: ["bob"], groupID: "", data: "video" };
  expect(alice.chat.getSignalingInfo(data.message)).toEqual({ ...invited, actionType: 1, timeout: 30 });

  expect(await bob.hears(TSignaling.NEW_INVITATION_RECEIVED)).toEqual({
    inviteID,
    inviter: "alice",
    groupID: "",
    data: "video",
    inviteeList: ["bob"],
    remainingMs: expect.any(Number),
  });
  const [message] = await bob.hears(EVENT.MESSAGE_RECEIVED);
  expect(message).toMatchObject({ ID: data.message.ID, conversationID: "C2Calice", flow: "in", from: "alice", sequence: 1 });
  expect(bob.chat.getSignalingInfo(message)).toEqual({ ...invited, actionType: 1, timeout: 30 });

  const accepted = await bob.chat.accept({ inviteID, data: "coming" });
  expect(accepted).toMatchObject({
    code: 0,
    inviteID,
    data: { message: { conversationID: "C2Calice", from: "bob", to: "alice" } },
  });
  const answer = { inviteID, inviter: "alice", groupID: "", data: "coming", invitee: "bob" };
  expect(await alice.hears(TSignaling.INVITEE_ACCEPTED)).toEqual(answer);

  const { messageList, isCompleted } = (await alice.chat.getMessageList({ conversationID: "C2Cbob" })).data;
  expect(isCompleted).toBe(true);
  expect(messageList.map((one) => alice.chat.getSignalingInfo(one))).toMatchObject([
    { actionType: TSignaling.ACTION_TYPE_INVITE, inviteID },
    { actionType: TSignaling.ACTION_TYPE_ACCEPT_INVITE, inviteID, inviteeList: ["bob"], data: "coming" },
  ]);
  await bob.hearsNo(TSignaling.INVITEE_ACCEPTED);
});

test("reject, cancel, and what is refused afterwards", async () => {
  const carol = await people.ready("carol");
  const dave = await people.ready("dave");
  const first = await carol.chat.invite({ userID: "dave" });
  await dave.hears(TSignaling.NEW_INVITATION_RECEIVED);
  expect(await refused(dave.chat.cancel({ inviteID: first.inviteID }))).toMatchObject({ code: 8011 });
  await dave.chat.reject({ inviteID: first.inviteID, data: "busy" });
  expect(await carol.hears(TSignaling.INVITEE_REJECTED)).toMatchObject({ invitee: "dave", data: "busy" });
  expect(await refused(carol.chat.cancel({ inviteID: first.inviteID }))).toMatchObject({
    code: 8020,
    data: { reason: "settled", retryable: false },
  });

  const second = await carol.chat.invite({ userID: "dave", data: "again" });
  await dave.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await carol.chat.cancel({ inviteID: second.inviteID, data: "never mind" });
  expect(await dave.hears(TSignaling.INVITATION_CANCELLED)).toEqual({
    inviteID: second.inviteID,
    inviter: "carol",
    groupID: "",
    data: "never mind",
  });
  expect(await refused(dave.chat.accept({ inviteID: second.inviteID }))).toMatchObject({
    code: 8010,
    data: { reason: "cancelled", outcome: { userID: "carol", state: "cancelled" } },
  });
});

test("nobody answers: both are told once, with the data", async () => {
  const erin = await people.ready("erin");
  const frank = await people.ready("frank");
  const { inviteID } = await erin.chat.invite({ userID: "frank", data: "anyone?", timeout: 1 });
  await frank.hears(TSignaling.NEW_INVITATION_RECEIVED);
  const timedOut = { inviteID, inviter: "erin", groupID: "", data: "anyone?", inviteeList: ["frank"] };
  expect(await erin.hears(TSignaling.INVITATION_TIMEOUT)).toEqual({ ...timedOut, isSelfTimeout: false });
  expect(await frank.hears(TSignaling.INVITATION_TIMEOUT)).toMatchObject({ ...timedOut, isSelfTimeout: true });
  await erin.hearsNo(TSignaling.INVITATION_TIMEOUT);
  await frank.hearsNo(TSignaling.INVITATION_TIMEOUT);
});

test("nobody is there: on the page that invites it is its own timeout, with the message that stands in history", async () => {
  await server.knows("gone");
  const [page, other] = await Promise.all([people.ready("ina"), people.ready("ina")]);
  const { inviteID } = await page.chat.invite({ userID: "gone", data: "anyone?", timeout: 1 });
  const timedOut = { inviteID, inviter: "ina", groupID: "", data: "anyone?", inviteeList: ["gone"] };
  const told = await page.hears(TSignaling.INVITATION_TIMEOUT);
  expect(told).toMatchObject({ ...timedOut, isSelfTimeout: true, message: { from: "ina", flow: "out" } });
  expect(page.chat.getSignalingInfo(told.message)).toMatchObject({ inviteID, actionType: 5 });
  expect(await other.hears(TSignaling.INVITATION_TIMEOUT)).toEqual({ ...timedOut, isSelfTimeout: false });
  const [message] = await other.hears(EVENT.MESSAGE_RECEIVED);
  expect(message.ID).toBe(told.message.ID);
  await page.hearsNo(EVENT.MESSAGE_RECEIVED);
  const { messageList } = (await page.chat.getMessageList({ conversationID: "C2Cgone" })).data;
  expect(messageList.at(-1)?.ID).toBe(told.message.ID);
});

test("in a class everybody hears of everything", async () => {
  const [teacher, ann, ben, guest] = await Promise.all(["teacher", "ann", "ben", "guest"].map((user) => people.ready(user)));
  if (teacher === undefined || ann === undefined || ben === undefined || guest === undefined) {
    throw new Error("nobody came");
  }
  const memberList = [{ userID: "ann" }, { userID: "ben" }, { userID: "guest" }];
  await teacher.chat.createGroup({ name: "Class", groupID: "class", memberList });
  const inviting = teacher.chat.inviteInGroup({ groupID: "class", inviteeList: ["ann", "ben", "nobody"], data: "hands" });
  const { inviteID, data } = await inviting;
  expect(teacher.chat.getSignalingInfo(data.message)).toMatchObject({ groupID: "class", inviteeList: ["ann", "ben"] });
  for (const pupil of [ann, ben, guest]) {
    expect(await pupil.hears(TSignaling.NEW_INVITATION_RECEIVED)).toEqual({
      inviteID,
      inviter: "teacher",
      groupID: "class",
      data: "hands",
      inviteeList: ["ann", "ben"],
    });
  }
  await ann.chat.accept({ inviteID, data: "me" });
  for (const person of [teacher, ben, guest]) {
    expect(await person.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({
      inviteID,
      groupID: "class",
      invitee: "ann",
      data: "me",
    });
  }
  const cancelled = await teacher.chat.cancel({ inviteID });
  expect(teacher.chat.getSignalingInfo(cancelled.data.message)).toMatchObject({ actionType: 2, inviteeList: ["ben"] });
  await guest.hears(TSignaling.INVITATION_CANCELLED);
  expect(await refused(guest.chat.accept({ inviteID }))).toMatchObject({ code: 8011 });
});

test("onlineUserOnly leaves nothing in history, and is heard all the same", async () => {
  const gail = await people.ready("gail");
  const hugo = await people.ready("hugo");
  const { inviteID, data } = await gail.chat.invite({ userID: "hugo", data: "psst", onlineUserOnly: true });
  expect(data.message).toMatchObject({ _onlineOnlyFlag: true, sequence: 0, conversationID: "C2Chugo" });
  await hugo.hears(TSignaling.NEW_INVITATION_RECEIVED);
  const [message] = await hugo.hears(EVENT.MESSAGE_RECEIVED);
  expect(message).toMatchObject({ _onlineOnlyFlag: true, conversationID: "C2Cgail" });
  expect(hugo.chat.getSignalingInfo(message)).toMatchObject({ actionType: 1, inviteID, data: "psst" });
  await hugo.chat.accept({ inviteID });
  await gail.hears(TSignaling.INVITEE_ACCEPTED);
  expect((await gail.chat.getMessageList({ conversationID: "C2Chugo" })).data.messageList).toEqual([]);
});

test("of two devices that accept at once, one does; of an accept and a cancel at once, one does", async () => {
  const ivan = await people.ready("ivan");
  const phone = await people.ready("judy");
  const tablet = await people.ready("judy");
  const both = async (one: (inviteID: string) => Promise<unknown>, other: (inviteID: string) => Promise<unknown>) => {
    const { inviteID } = await ivan.chat.invite({ userID: "judy" });
    await phone.hears(TSignaling.NEW_INVITATION_RECEIVED, (data) => data.inviteID === inviteID);
    const outcomes = await Promise.allSettled([one(inviteID), other(inviteID)]);
    const [loser, ...more] = outcomes.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(more).toEqual([]);
    return loser?.reason as ChatError;
  };
  const accepts = (person: typeof phone) => (inviteID: string) => person.chat.accept({ inviteID });
  for (let round = 0; round < 5; round++) {
    const loser = await both(accepts(phone), accepts(tablet));
    expect(loser).toMatchObject({ code: 8010, data: { reason: "settled", outcome: { userID: "judy", state: "accepted" } } });
    const second = await both(accepts(phone), (inviteID) => ivan.chat.cancel({ inviteID }));
    // The caller's cancel came second, or the accept did.
    expect(second.code).toBe(second.data.reason === "cancelled" ? 8010 : 8020);
  }
});

test("answers on different invitations do not disturb each other", async () => {
  const kim = await people.ready("kim");
  const leo = await people.ready("leo");
  const calls = [1, 2, 3, 4].map((data) => ({ userID: "leo", data: String(data), timeout: 60 }));
  const invited = await Promise.all(calls.map((call) => kim.chat.invite(call)));
  const results = await Promise.all(invited.map(({ inviteID }) => leo.chat.accept({ inviteID })));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
});

test("an invitation that is open at the login rings, and one that was answered does not", async () => {
  const mia = await people.ready("mia");
  const early = await people.ready("ned");
  const open = await mia.chat.invite({ userID: "ned", data: "open", timeout: 60 });
  const answered = await mia.chat.invite({ userID: "ned", data: "answered", timeout: 60 });
  await early.chat.accept({ inviteID: answered.inviteID });
  await early.chat.logout();

  const late = await people.ready("ned");
  expect(await late.hears(TSignaling.NEW_INVITATION_RECEIVED)).toEqual({
    inviteID: open.inviteID,
    inviter: "mia",
    groupID: "",
    data: "open",
    inviteeList: ["ned"],
    remainingMs: expect.any(Number),
  });
  await late.hearsNo(TSignaling.NEW_INVITATION_RECEIVED);
  await late.chat.reject({ inviteID: open.inviteID });
  await mia.hears(TSignaling.INVITEE_REJECTED);
});

test("inviteSync knows the inviteID at once", async () => {
  const olga = await people.ready("olga");
  const paul = await people.ready("paul");
  let inviteID = "";
  const result = await new Promise((resolve, reject) => {
    inviteID = olga.chat.inviteSync({ userID: "paul" }, resolve, reject);
  });
  expect(inviteID).toMatch(/^[0-9a-f-]{36}$/);
  expect(result).toMatchObject({ code: 0, inviteID });
  await paul.hears(TSignaling.NEW_INVITATION_RECEIVED, (data) => data.inviteID === inviteID);

  const failure = await new Promise((resolve) => {
    expect(olga.chat.inviteInGroupSync({} as never, undefined, (code, message) => resolve([code, message]))).toBe("");
  });
  expect(failure).toEqual([6017, "groupID is missing"]);
});

test("the messages in the results are those of history, also where the list names oneself or somebody twice", async () => {
  const [host, bea, cleo] = [await people.ready("host"), await people.ready("bea"), await people.ready("cleo")];
  const memberList = [{ userID: "bea" }, { userID: "cleo" }];
  await host.chat.createGroup({ name: "Trio", groupID: "trio", memberList });
  const inviteeList = ["bea", "bea", "cleo", "host"];
  const invited = await host.chat.inviteInGroup({ groupID: "trio", inviteeList, data: "x", timeout: 60 });
  await bea.chat.accept({ inviteID: invited.inviteID });
  await host.hears(TSignaling.INVITEE_ACCEPTED);
  const cancelled = await host.chat.cancel({ inviteID: invited.inviteID });
  const { messageList } = (await cleo.chat.getMessageList({ conversationID: "GROUPtrio" })).data;
  const [first, , last] = messageList.map((message) => cleo.chat.getSignalingInfo(message));
  expect([invited, cancelled].map(({ data }) => host.chat.getSignalingInfo(data.message))).toEqual([first, last]);
  expect([first?.inviteeList, last?.inviteeList]).toEqual([["bea", "cleo"], ["cleo"]]);
});

test("a callback of inviteSync that fails is shown, and ends no process", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const nina = await people.ready("nina");
  await people.ready("otto");
  const fails = (words: string) => () => {
    throw new Error(words);
  };
  nina.chat.inviteSync({ userID: "otto" }, fails("the app's own mistake"));
  nina.chat.inviteSync({} as never, undefined, fails("another"));
  await vi.waitFor(() => expect(shown.mock.calls).toHaveLength(2), 15_000);
  expect(shown.mock.calls).toContainEqual(["onSuccess failed:", new Error("the app's own mistake")]);
  expect(shown.mock.calls).toContainEqual(["onFailure failed:", new Error("another")]);
  shown.mockRestore();
});

test("the data of an open invitation can be changed", async () => {
  const quin = await people.ready("quin");
  const rosa = await people.ready("rosa");
  const { inviteID, data: invited } = await quin.chat.invite({ userID: "rosa", data: "1" });
  const [received] = await rosa.hears(EVENT.MESSAGE_RECEIVED);
  const { ID } = received;
  expect(ID).toBe(invited.message.ID);
  const { code, data: modified } = await quin.chat.modifyInvitation({ inviteID, data: "2" });
  expect(code).toBe(0);
  expect(await rosa.hears(TSignaling.INVITATION_MODIFIED)).toEqual({ inviteID, data: "2" });
  const { time, sequence } = received;
  for (const [person, flow, peer] of [[quin, "out", "rosa"] as const, [rosa, "in", "quin"] as const]) {
    const [told] = await person.hears(EVENT.MESSAGE_MODIFIED);
    expect(told).toMatchObject({ ID, time, sequence, flow, from: "quin", to: "rosa", isModified: true });
    const { messageList } = (await person.chat.getMessageList({ conversationID: `C2C${peer}` })).data;
    expect(messageList).toEqual([told]);
    expect(person.chat.getSignalingInfo(told)).toEqual({ ...person.chat.getSignalingInfo(received), data: "2" });
  }
  expect([[modified.message]]).toEqual(quin.heard(EVENT.MESSAGE_MODIFIED));
  const online = await quin.chat.invite({ userID: "rosa", onlineUserOnly: true });
  expect(await refused(quin.chat.modifyInvitation({ inviteID: online.inviteID, data: "2" }))).toMatchObject({
    code: 8010,
    data: { reason: "onlineOnly" },
  });
});

test("calls go to and come from the native client", async () => {
  const sam = await people.ready("sam");
  const tess = new Wigwag({ url: server.url, token: server.token("tess"), webSocket: WebSocket });
  await tess.connect();
  const accepting = new Promise((resolve) => {
    tess.on("invitation.received", async ({ inviteID, data }) => resolve(await tess.signaling.accept({ inviteID, data })));
  });
  const { inviteID } = await sam.chat.invite({ userID: "tess", data: "hello" });
  await accepting;
  expect(await sam.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "tess", data: "hello" });
  const back = await tess.signaling.invite({ invitee: "sam", data: "back" });
  expect(await sam.hears(TSignaling.NEW_INVITATION_RECEIVED)).toMatchObject({ inviteID: back.inviteID, data: "back" });
  await tess.close();
});

test("whom a native client takes an invitation back from is told, and nobody else: it goes on for them", async () => {
  const [una, vito] = [await people.ready("una"), await people.ready("vito")];
  const wanda = new Wigwag({ url: server.url, token: server.token("wanda"), webSocket: WebSocket });
  await wanda.connect();
  await wanda.groups.create({ groupID: "taken-back", members: ["una", "vito"] });
  const { inviteID } = await wanda.signaling.inviteInGroup({ groupID: "taken-back", inviteeList: ["una", "vito"] });
  await vito.hears(TSignaling.NEW_INVITATION_RECEIVED);
  await wanda.signaling.cancel({ inviteID, inviteeList: ["una"], data: "not you" });
  expect(await una.hears(TSignaling.INVITATION_CANCELLED)).toMatchObject({ inviteID, data: "not you" });
  await wanda.signaling.cancel({ inviteID, data: "nor you" });
  expect(await vito.hears(TSignaling.INVITATION_CANCELLED)).toMatchObject({ inviteID, data: "nor you" });
  await wanda.close();
});

test("calls go to and come from apps on the V2TIM surface", async () => {
  const wanda = await people.ready("wanda");
  const phone = new Phone(server, "xenia");
  await phone.starts();
  await phone.logsIn();
  const signaling = phone.manager.getSignalingManager();
  const { inviteID } = await wanda.chat.invite({ userID: "xenia", data: "hello", timeout: 30 });
  await phone.signaling.hears("onReceiveNewInvitation", inviteID, "wanda", "", ["xenia"], "hello");
  await signaling.accept(inviteID, "coming");
  expect(await wanda.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "xenia", data: "coming" });
  const back = await signaling.invite("wanda", "back", 30);
  expect(await wanda.hears(TSignaling.NEW_INVITATION_RECEIVED)).toMatchObject({
    inviteID: back.data,
    inviter: "xenia",
    data: "back",
  });
  await wanda.chat.reject({ inviteID: back.data ?? "", data: "busy" });
  await phone.signaling.hears("onInviteeRejected", back.data, "wanda", "busy");
  await phone.manager.logout();
});

test("on the inviter's other device and on the invitee's other device", async () => {
  const desk = await people.ready("uma");
  const phone = await people.ready("uma");
  const victor = await people.ready("victor");
  const pad = await people.ready("victor");
  const { inviteID } = await desk.chat.invite({ userID: "victor" });
  await victor.hears(TSignaling.NEW_INVITATION_RECEIVED);
  // One's own call does not ring elsewhere, neither as an invitation nor as a message; it is a line in the list.
  await phone.hears(EVENT.CONVERSATION_LIST_UPDATED, ([line]) => line?.lastMessage.fromAccount === "uma");
  expect([phone.heard(TSignaling.NEW_INVITATION_RECEIVED), phone.heard(EVENT.MESSAGE_RECEIVED)]).toEqual([[], []]);
  await victor.chat.accept({ inviteID });
  expect(await pad.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "victor" });
  expect(await phone.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "victor" });
  await desk.hears(TSignaling.INVITEE_ACCEPTED);
  await desk.hearsNo(TSignaling.NEW_INVITATION_RECEIVED);
});
