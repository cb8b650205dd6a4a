import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Server } from "../server.js";
import { type Any, type App, OpenImPeople, PAIRS } from "./people.js";

let server: Server;
let people: OpenImPeople;

beforeEach(async () => {
  server = await Server.start();
  people = new OpenImPeople(server);
});

afterEach(async () => {
  await people.end();
  await server.end();
});

describe.each(PAIRS)("open-im-sdk %s with %s", (one, other) => {
  let alice: App;
  let bob: App;

  beforeEach(async () => {
    bob = await people.ready(other, "bob");
    alice = await people.ready(one, "alice");
  });

  test("sends texts and custom messages, and reads them back", async () => {
    const sent = await says(alice, "bob", "hello");
    expect(sent).toMatchObject({ status: 2, recvID: "bob", sendID: "alice", sessionType: 1, seq: 1 });
    expect(sent.serverMsgID).toBeTruthy();
    const heard = await message(bob);
    expect(heard).toMatchObject({ clientMsgID: sent.clientMsgID, sendID: "alice", contentType: 101, isRead: false });
    expect(textOf(bob, heard)).toBe("hello");
    const given = { data: '{"a":1}', extension: "e", description: "d" };
    await sends(bob, "alice", await bob.asks("createCustomMessage", given));
    expect((await message(alice)).customElem).toEqual(given);
    for (const app of [alice, bob]) {
      const page = await history(app, app === alice ? "bob" : "alice");
      expect(page.messageList.map((one: Any) => one.contentType)).toEqual([101, 110]);
      expect(page).toMatchObject({ isEnd: true, lastMinSeq: 1, errCode: 0 });
    }
    expect(await alice.hasHeard(alice.version === 2 ? "OnRecvNewMessage" : "OnRecvNewMessages")).toBe(1);
  });

  test("counts what is unread, marks it read, and tells the sender", async () => {
    await says(alice, "bob", "one");
    const sent = await says(alice, "bob", "two");
    await message(bob);
    await message(bob);
    expect(await bob.asks("getTotalUnreadMsgCount")).toBe(2);
    const [line] = await bob.asks("getAllConversationList");
    expect(line).toMatchObject({
      conversationType: 1,
      userID: "alice",
      groupID: "",
      unreadCount: 2,
      conversationID: nameOf(bob, "alice"),
    });
    expect(textOf(bob, JSON.parse(line.latestMsg))).toBe("two");
    if (bob.version === 2) {
      await bob.asks("markC2CMessageAsRead", { userID: "alice", msgIDList: [sent.clientMsgID] });
    } else {
      await bob.asks("markConversationMessageAsRead", line.conversationID);
    }
    const [receipt] = await alice.hears("OnRecvC2CReadReceipt");
    expect(receipt).toMatchObject({ userID: "bob", contentType: 112, sessionType: 1 });
    expect(receipt.msgIDList).toContain(sent.clientMsgID);
    expect(await bob.asks("getTotalUnreadMsgCount")).toBe(0);
  });

  test("takes a message back", async () => {
    const sent = await says(alice, "bob", "oops");
    await message(bob);
    if (alice.version === 2) {
      await alice.asks("newRevokeMessage", JSON.stringify(sent));
    } else {
      await alice.asks("revokeMessage", { conversationID: nameOf(alice, "bob"), clientMsgID: sent.clientMsgID });
    }
    const told = await bob.hears("OnNewRecvMessageRevoked");
    expect(told).toMatchObject({ revokerID: "alice", clientMsgID: sent.clientMsgID, sessionType: 1 });
    const [shown] = (await history(bob, "alice")).messageList;
    expect(bob.version === 2 ? shown.status : shown.contentType).toBe(bob.version === 2 ? 5 : 2_101);
  });

  test("sees no trace of calls among messages", async () => {
    await says(alice, "bob", "hello");
    await message(bob);
    await alice.invites(alice.rtc());
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    await bob.asks("signalingReject", { opUserID: "bob", invitation });
    await alice.hears("OnInviteeRejected");
    for (const app of [alice, bob]) {
      const peer = app === alice ? "bob" : "alice";
      expect((await history(app, peer)).messageList).toHaveLength(1);
      const [line] = await app.asks("getAllConversationList");
      expect(textOf(app, JSON.parse(line.latestMsg))).toBe("hello");
      expect(line.unreadCount).toBe(app === alice ? 0 : 1);
    }
    expect(await bob.hasHeard(bob.version === 2 ? "OnRecvNewMessage" : "OnRecvNewMessages")).toBe(1);
  });

  test("blocks, shows profiles, and has groups", async () => {
    await alice.asks("setSelfInfo", alice.version === 2 ? { userID: "alice", nickname: "Al" } : { nickname: "Al" });
    expect((await alice.hears("OnSelfInfoUpdated")).nickname).toBe("Al");
    const [found] =
      bob.version === 2
        ? await bob.asks("getUsersInfo", ["alice"])
        : await bob.asks("getUsersInfoWithCache", { userIDList: ["alice"], groupID: "" });
    expect(found.publicInfo).toMatchObject({ userID: "alice", nickname: "Al" });

    const given =
      alice.version === 2
        ? { groupBaseInfo: { groupType: 0, groupName: "Class" }, memberList: [{ userID: "bob", roleLevel: 1 }] }
        : { memberUserIDs: ["bob"], groupInfo: { groupType: 2, groupName: "Class" } };
    const { groupID } = await alice.asks("createGroup", given);
    expect((await bob.hears("OnJoinedGroupAdded")).groupName).toBe("Class");
    const members = await bob.asks("getGroupMemberList", { groupID, filter: 0, offset: 0, count: 10 });
    expect(members.map((member: Any) => [member.userID, member.roleLevel])).toEqual([
      ["alice", bob.version === 2 ? 2 : 100],
      ["bob", bob.version === 2 ? 1 : 20],
    ]);
    expect((await bob.asks("getJoinedGroupList")).map((one: Any) => one.groupID)).toEqual([groupID]);
    await sends(alice, "", await alice.asks("createTextMessage", "all"), groupID);
    expect(await message(bob)).toMatchObject({ groupID, sessionType: bob.version });
    await bob.asks("quitGroup", groupID);
    expect((await alice.hears("OnGroupMemberDeleted")).userID).toBe("bob");

    await bob.asks("addBlack", bob.version === 2 ? "alice" : { toUserID: "alice", ex: "" });
    expect((await bob.asks("getBlackList")).map((one: Any) => one.userID)).toEqual(["alice"]);
    const refused = await alice.invites(alice.rtc()).catch((frame) => frame);
    expect(refused.errCode).toBe(alice.version === 2 ? 600 : 1_302);
    await bob.asks("removeBlack", "alice");
    await says(alice, "bob", "friends again");
  });
});

describe.each([2, 3] as const)("open-im-sdk %i reads in a group", (version) => {
  test("and its user's other devices learn of it, but no sender: there is no receipt in groups", async () => {
    const [alice, carol] = [await people.ready(2, "alice"), await people.ready(3, "carol")];
    const tablet = await people.ready(version, "bob", 2);
    const bob = await people.ready(version, "bob");
    const memberUserIDs = ["alice", "bob"];
    const { groupID } = await carol.asks("createGroup", { memberUserIDs, groupInfo: { groupType: 2, groupName: "Class" } });
    for (const app of [alice, carol]) {
      await sends(app, "", await app.asks("createTextMessage", "all"), groupID);
    }
    const heard = [await message(bob), await message(bob)];
    expect(await bob.asks("getTotalUnreadMsgCount")).toBe(2);
    if (version === 2) {
      await bob.asks("markGroupMessageAsRead", { groupID, msgIDList: heard.map(({ clientMsgID }) => clientMsgID) });
    } else {
      await bob.asks("markConversationMessageAsRead", `sg_${groupID}`);
    }
    expect(await bob.asks("getTotalUnreadMsgCount")).toBe(0);
    await expect.poll(async () => await tablet.hears("OnTotalUnreadMessageCountChanged")).toBe(0);
    for (const app of [alice, carol]) {
      expect(await app.hasHeard("OnRecvGroupReadReceipt")).toBe(0);
      expect(await app.hasHeard("OnRecvC2CReadReceipt")).toBe(0);
    }
  });
});

describe("open-im-sdk 2.3.0", () => {
  let alice: App;
  let bob: App;

  beforeEach(async () => {
    alice = await people.ready(2, "alice");
    bob = await people.ready(2, "bob");
  });

  test("pages history in both directions", async () => {
    const sent = [];
    for (const text of ["one", "two", "three"]) {
      sent.push(await says(alice, "bob", text));
    }
    const page = async (method: string, start: Any, count: number) => {
      const given = { userID: "alice", groupID: "", count, startClientMsgID: start.clientMsgID };
      return (await bob.asks(method, given)).map((one: Any) => one.content);
    };
    expect(await page("getHistoryMessageList", sent[2], 9)).toEqual(["one", "two"]);
    expect(await page("getHistoryMessageListReverse", sent[0], 9)).toEqual(["two", "three"]);
    expect(await page("getHistoryMessageListReverse", sent[0], 1)).toEqual(["two"]);
  });

  test("marks read by every method that it has for it", async () => {
    const methods: [string, unknown][] = [
      ["markMessageAsReadByConID", { conversationID: "single_alice", msgIDList: [] }],
      ["markC2CMessageAsRead", { userID: "alice", msgIDList: [] }],
    ];
    for (const [method, given] of methods) {
      await says(alice, "bob", method);
      await message(bob);
      expect(await bob.asks("getTotalUnreadMsgCount"), method).toBe(1);
      await bob.asks(method, given);
      expect(await bob.asks("getTotalUnreadMsgCount"), method).toBe(0);
    }
    const groupID = await classOf(alice, ["bob"]);
    await sends(alice, "", await alice.asks("createTextMessage", "all"), groupID);
    await message(bob);
    await bob.asks("markGroupMessageHasRead", groupID);
    expect(await bob.asks("getTotalUnreadMsgCount")).toBe(0);
  });

  test("takes a message back by its older method, and is told in both ways", async () => {
    const sent = await says(alice, "bob", "oops");
    await message(bob);
    await alice.asks("revokeMessage", JSON.stringify(sent));
    expect(await bob.hears("OnNewRecvMessageRevoked")).toMatchObject({ clientMsgID: sent.clientMsgID });
    expect(await bob.hears("OnRecvMessageRevoked")).toBe(sent.clientMsgID);
  });

  test("gets back what it would keep in its own storage", async () => {
    const made = await alice.asks("createTextMessage", "a note");
    const single = { message: JSON.stringify(made), recvID: "bob", sendID: "alice" };
    expect(await alice.asks("insertSingleMessageToLocalStorage", single)).toMatchObject({
      clientMsgID: made.clientMsgID,
      content: "a note",
    });
    const groupID = await classOf(alice, ["bob"]);
    const inGroup = { message: JSON.stringify(made), groupID, sendID: "alice" };
    expect(await alice.asks("insertGroupMessageToLocalStorage", inGroup)).toMatchObject({ groupID });
    expect((await history(alice, "bob")).messageList).toEqual([]);
  });

  test("looks groups and members up, makes an admin, and hands a group over", async () => {
    const groupID = await classOf(alice, ["bob"]);
    const roles = async () => {
      const members = await bob.asks("getGroupMembersInfo", { groupID, userIDList: ["alice", "bob", "nobody"] });
      return members.map((member: Any) => [member.userID, member.roleLevel]);
    };
    expect((await bob.asks("getGroupsInfo", [groupID, "none"])).map((one: Any) => one.groupID)).toEqual([groupID]);
    expect(await roles()).toEqual([
      ["alice", 2],
      ["bob", 1],
    ]);
    await alice.asks("setGroupMemberRoleLevel", { groupID, userID: "bob", roleLevel: 3 });
    expect(await roles()).toContainEqual(["bob", 3]);
    await alice.asks("transferGroupOwner", { groupID, newOwnerUserID: "bob" });
    expect(await roles()).toContainEqual(["bob", 2]);
  });
});

/** A group of this app's user and these. */
async function classOf(app: App, users: string[]): Promise<string> {
  const memberList = users.map((userID) => ({ userID, roleLevel: 1 }));
  return (await app.asks("createGroup", { groupBaseInfo: { groupType: 0, groupName: "Class" }, memberList })).groupID;
}

async function says(app: App, recvID: string, text: string): Promise<Any> {
  return sends(app, recvID, await app.asks("createTextMessage", text));
}

async function sends(app: App, recvID: string, made: Any, groupID = ""): Promise<Any> {
  const message = app.version === 2 ? JSON.stringify(made) : made;
  return app.asks("sendMessage", { recvID, groupID, message });
}

/** The next message, which each version tells in its own way. */
async function message(app: App): Promise<Any> {
  return app.version === 2 ? app.hears("OnRecvNewMessage") : (await app.hears("OnRecvNewMessages"))[0];
}

function textOf(app: App, shown: Any): string {
  return app.version === 2 ? shown.content : shown.textElem.content;
}

function nameOf(app: App, peer: string): string {
  const [smaller, larger] = [app.userID, peer].sort();
  return app.version === 2 ? `single_${peer}` : `si_${smaller}_${larger}`;
}

async function history(app: App, peer: string): Promise<Any> {
  const where = app.version === 2 ? { userID: peer, groupID: "" } : { conversationID: nameOf(app, peer) };
  return app.asks("getAdvancedHistoryMessageList", { ...where, lastMinSeq: 0, count: 20, startClientMsgID: "" });
}
