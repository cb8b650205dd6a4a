import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { CbEvents, getSDK, OpenIMError, OpenIMSDK } from "../../../src/openim/index.js";
import { Server } from "../server.js";
import { type Any, type App, OpenImPeople, PATIENCE_MS, packages } from "./people.js";

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

/** Methods of the package by which others are made, and which the object has no need of. */
const MAKERS = ["createRequestFunction", "createRequestFunctionWithoutParams"];
/** Methods that have nothing behind them on this server. */
const REFUSED = 10_005;

test("every method of open-im-sdk 3.5.2 is there, and the ten of calls", () => {
  const isMethod = (object: object) => (name: string) => typeof (object as Any)[name] === "function";
  const theirs = new packages[3].OpenIMSDK();
  const names = Object.keys(theirs).filter(isMethod(theirs));
  const mine = new OpenIMSDK();
  expect(names.length).toBeGreaterThan(90);
  const internal = ["sendRequest", "defaultDataFormatter", "handleMessage", "handleReconnectSuccess", "internalUploadFile"];
  const missing = names.filter((name) => !isMethod(mine)(name) && !MAKERS.includes(name) && !internal.includes(name));
  expect(missing).toEqual([]);
  const signaling = Object.keys(mine).filter((name) => /^(signaling|getSignaling)/.test(name));
  expect(signaling).toHaveLength(10);
  for (const name of Object.keys(CbEvents)) {
    expect(packages[3].CbEvents[name]).toBe(name);
  }
});

describe("beside open-im-sdk 3.5.2, as another device of the same user", () => {
  let alice: App;
  let theirs: App;
  let mine: App;

  beforeEach(async () => {
    theirs = await people.ready(3, "bob");
    mine = await people.ready("sdk", "bob");
    alice = await people.ready(3, "alice");
  });

  /** Waits until both were told this. What is told of a room or a group is how it is when it is told, so nothing may happen before. */
  async function bothHear(...names: string[]): Promise<Any[]> {
    const [heard = []] = await Promise.all(
      [mine, theirs].map(async (app) => {
        const told = [];
        for (const name of names) {
          told.push(await app.hears(name));
        }
        return told;
      }),
    );
    return heard;
  }

  /** What both were told of these names. The platform of a device that acted is the same, because both are browsers. */
  async function toldAlike(...names: string[]): Promise<Any[]> {
    const of = (app: App) => app.heard.filter(({ name }) => names.includes(name));
    await mine.hasHeard("");
    await theirs.hasHeard("");
    expect(of(mine)).toEqual(of(theirs));
    return of(mine).map(({ name }) => name);
  }

  /** The newest message of a conversation is a JSON text, whose fields have no order. */
  function opened(answer: Any): Any {
    const open = (one: Any) => (one?.latestMsg ? { ...one, latestMsg: JSON.parse(one.latestMsg) } : one);
    return Array.isArray(answer) ? answer.map(open) : open(answer);
  }

  /** Asks both, and compares the answers. */
  async function answerAlike(method: string, ...given: unknown[]): Promise<Any> {
    const answer = await mine.asks(method, ...given);
    expect(opened(answer), method).toEqual(opened(await theirs.asks(method, ...given)));
    return answer;
  }

  test("is told of calls what the package is told", async () => {
    await alice.asks("setSelfInfo", { nickname: "Al", faceURL: "https://example.org/al.png", ex: "x" });
    const { groupID } = await alice.asks("createGroup", {
      memberUserIDs: ["bob"],
      groupInfo: { groupType: 2, groupName: "Class" },
    });
    await bothHear("OnJoinedGroupAdded");
    const carol = await people.ready(3, "carol");
    const calls = [
      alice.rtc({ customData: "hello", mediaType: "audio" }),
      alice.rtc({ roomID: "r1" }),
      alice.groupRtc(groupID, ["bob"], { roomID: groupID }),
    ];
    for (const call of calls) {
      const isGroup = call.groupID !== "";
      await alice.invites(call, isGroup ? "signalingInviteInGroup" : "signalingInvite");
      await bothHear("OnReceiveNewInvitation", ...(isGroup ? ["OnRoomParticipantConnected"] : []));
      await answerAlike("getSignalingInvitationInfoStartApp");
      await alice.asks("signalingCancel", { opUserID: "alice", invitation: call });
      await bothHear("OnInvitationCancelled", ...(isGroup ? ["OnRoomParticipantDisconnected"] : []));
    }
    await alice.invites(alice.rtc({ timeout: 1 }));
    await bothHear("OnInvitationTimeout");
    await answerAlike("getSignalingInvitationInfoStartApp");
    // Whoever is busy does not ring.
    await carol.invites(carol.rtc({ inviteeUserIDList: ["alice"], roomID: "r2" }));
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    await alice.asks("signalingAccept", { opUserID: "alice", invitation });
    await mine.invites(mine.rtc({ inviteeUserIDList: ["alice"] })).catch(({ errCode }) => expect(errCode).toBe(35_001));
    await alice.asks("signalingHungUp", { opUserID: "alice", invitation });

    await alice.invites(alice.groupRtc(groupID, ["bob"], { roomID: groupID }), "signalingInviteInGroup");
    await bothHear("OnReceiveNewInvitation", "OnRoomParticipantConnected");
    const phone = await people.ready(3, "bob", 1);
    const again = await phone.hears("OnReceiveNewInvitation");
    await phone.asks("signalingAccept", { opUserID: "bob", invitation: again.invitation });
    await bothHear("OnInviteeAcceptedByOtherDevice", "OnRoomParticipantConnected");
    await answerAlike("signalingGetRoomByGroupID", groupID);
    await alice.asks("signalingSendCustomSignal", { roomID: groupID, customInfo: "mute" });
    await bothHear("OnReceiveCustomSignal");
    await alice.asks("signalingHungUp", { opUserID: "alice", invitation: again.invitation });
    await bothHear("OnHangUp", "OnRoomParticipantDisconnected");
    await answerAlike("signalingGetRoomByGroupID", groupID);
    const names = await toldAlike(...Object.keys(CbEvents).filter((name) => /Invit|HangUp|Room|Signal/.test(name)));
    expect(new Set(names).size).toBe(8);
  });

  test("is told of messages, groups and users what the package is told, and answers the same", async () => {
    const text = await alice.asks("createTextMessage", "hello");
    const sent = await alice.asks("sendMessage", { recvID: "bob", groupID: "", message: text });
    const custom = await alice.asks("createCustomMessage", { data: "{}", extension: "e", description: "d" });
    await alice.asks("sendMessage", { recvID: "bob", groupID: "", message: custom });
    const { groupID } = await alice.asks("createGroup", {
      memberUserIDs: ["bob"],
      groupInfo: { groupType: 2, groupName: "Class", ex: "x" },
    });
    await bothHear("OnJoinedGroupAdded");
    await people.ready(3, "carol");
    await alice.asks("inviteUserToGroup", { groupID, reason: "", userIDList: ["carol"] });
    await bothHear("OnGroupMemberAdded");
    await alice.asks("setGroupInfo", { groupID, groupName: "School" });
    await bothHear("OnGroupInfoChanged");
    const all = await alice.asks("sendMessage", { recvID: "", groupID, message: await alice.asks("createTextMessage", "all") });
    await bothHear("OnRecvNewMessages", "OnRecvNewMessages", "OnRecvNewMessages");
    await alice.asks("revokeMessage", { conversationID: `sg_${groupID}`, clientMsgID: all.clientMsgID });
    await bothHear("OnNewRecvMessageRevoked");
    await alice.invites(alice.rtc({ timeout: 1 }));
    await bothHear("OnInvitationTimeout");

    const conversationID = "si_alice_bob";
    const page = { conversationID, lastMinSeq: 0, startClientMsgID: "" };
    expect(await answerAlike("getAllConversationList")).toHaveLength(2);
    expect(await answerAlike("getTotalUnreadMsgCount")).toBe(3);
    await answerAlike("getConversationListSplit", { offset: 1, count: 1 });
    await answerAlike("getOneConversation", { sourceID: "alice", sessionType: 1 });
    await answerAlike("getOneConversation", { sourceID: "carol", sessionType: 1 });
    await answerAlike("getOneConversation", { sourceID: groupID, sessionType: 3 });
    await answerAlike("getConversationIDBySessionType", { sourceID: "alice", sessionType: 1 });
    await answerAlike("getMultipleConversation", [conversationID, "sg_none"]);
    expect((await answerAlike("getAdvancedHistoryMessageList", { ...page, count: 10 })).messageList).toHaveLength(2);
    expect((await answerAlike("getAdvancedHistoryMessageList", { ...page, count: 1 })).isEnd).toBe(false);
    await answerAlike("getAdvancedHistoryMessageList", { ...page, count: 1, lastMinSeq: 2 });
    await answerAlike("getAdvancedHistoryMessageListReverse", { ...page, count: 5, startClientMsgID: sent.clientMsgID });
    await answerAlike("getAdvancedHistoryMessageList", { ...page, conversationID: `sg_${groupID}`, count: 10 });
    for (const filter of [0, 1, 2, 3, 4, 5]) {
      await answerAlike("getGroupMemberList", { groupID, filter, offset: 0, count: 10 });
    }
    await answerAlike("getGroupMemberOwnerAndAdmin", groupID);
    await answerAlike("getSpecifiedGroupMembersInfo", { groupID, userIDList: ["carol", "dave"] });
    await answerAlike("getSpecifiedGroupsInfo", [groupID, "none"]);
    await answerAlike("getJoinedGroupList");
    await answerAlike("getSelfUserInfo");
    await answerAlike("getUsersInfoWithCache", { userIDList: ["alice", "nobody"], groupID: "" });
    await answerAlike("getFriendList");
    await answerAlike("getLoginUserID");
    await answerAlike("getLoginStatus");

    await mine.asks("markConversationMessageAsRead", conversationID);
    const [receipt] = await alice.hears("OnRecvC2CReadReceipt");
    expect(receipt.msgIDList).toHaveLength(2);
    expect(await answerAlike("getTotalUnreadMsgCount")).toBe(1);
    await vi.waitFor(
      () => expect(mine.heard.filter(({ name }) => name === "OnConversationChanged").at(-1)?.data[0]?.unreadCount).toBe(0),
      PATIENCE_MS,
    );
    await theirs.asks("addBlack", { toUserID: "carol", ex: "" });
    await bothHear("OnBlackAdded");
    await answerAlike("getBlackList");
    await theirs.asks("removeBlack", "carol");
    await bothHear("OnBlackDeleted");
    await alice.asks("kickGroupMember", { groupID, reason: "", userIDList: ["carol"] });
    await bothHear("OnGroupMemberDeleted");
    await alice.asks("dismissGroup", groupID);
    await bothHear("OnGroupDismissed");
    const names = await toldAlike(...Object.keys(CbEvents).filter((name) => /Recv|Group|Black|SelfInfo/.test(name)));
    expect(new Set(names).size).toBe(9);
  });

  test("tells an app of its own acts what the package tells it", async () => {
    const acted: Any[][] = [];
    for (const app of [theirs, mine]) {
      const before = app.heard.length;
      const { groupID } = await app.asks("createGroup", {
        memberUserIDs: ["alice"],
        groupInfo: { groupType: 2, groupName: "Ours" },
      });
      await app.hears("OnJoinedGroupAdded");
      await app.asks("setGroupInfo", { groupID, groupName: "Theirs" });
      await app.hears("OnGroupInfoChanged");
      await app.asks("setSelfInfo", { nickname: "Bobby" });
      await app.asks("addBlack", { toUserID: "alice", ex: "" });
      await app.asks("removeBlack", "alice");
      await app.asks("kickGroupMember", { groupID, reason: "", userIDList: ["alice"] });
      await app.hears("OnGroupMemberDeleted");
      await app.asks("dismissGroup", groupID);
      await app.hears("OnGroupDismissed");
      const heard = app.heard.slice(before).filter(({ data }) => data.groupID === undefined || data.groupID === groupID);
      acted.push(heard.map(({ name, data }) => [name, data.groupName ?? data.nickname ?? data.userID]));
    }
    expect(acted[1]).toEqual(acted[0]);
    expect(acted[1]).toHaveLength(7);
  });

  test("refuses what the package's server refuses, with the same number", async () => {
    const { roomID } = await alice.invites(alice.rtc());
    const { invitation } = await mine.hears("OnReceiveNewInvitation");
    const wrong: [method: string, given: unknown][] = [
      ["signalingInvite", { invitation: mine.rtc() }],
      ["signalingInvite", { invitation: mine.rtc({ inviteeUserIDList: ["nobody"] }) }],
      ["signalingInvite", { invitation: mine.rtc({ inviteeUserIDList: [] }) }],
      ["signalingInvite", { invitation: mine.rtc({ inviteeUserIDList: ["alice"], inviterUserID: "alice" }) }],
      ["signalingInvite", { invitation: mine.rtc({ inviteeUserIDList: ["alice"], platformID: 12 }) }],
      ["signalingInvite", { invitation: mine.rtc({ inviteeUserIDList: ["alice"], timeout: "x" }) }],
      ["signalingInviteInGroup", { invitation: mine.groupRtc("none", ["alice"]) }],
      ["signalingInviteInGroup", { invitation: mine.groupRtc("", ["alice"]) }],
      ["signalingAccept", { opUserID: "bob", invitation: { ...invitation, roomID: "elsewhere" } }],
      ["signalingAccept", { opUserID: "bob", invitation: { ...invitation, inviterUserID: "carol" } }],
      ["signalingAccept", { opUserID: "alice", invitation }],
      ["signalingAccept", { opUserID: "bob", invitation: {} }],
      ["signalingCancel", { opUserID: "bob", invitation }],
      ["signalingGetTokenByRoomID", "elsewhere"],
      ["signalingSendCustomSignal", { roomID, customInfo: "not in yet" }],
      ["getAdvancedHistoryMessageList", { conversationID: "nonsense", lastMinSeq: 0, count: 1, startClientMsgID: "" }],
      ["getAdvancedHistoryMessageList", { conversationID: "si_alice_bob", lastMinSeq: 0, count: 1, startClientMsgID: "none" }],
      ["revokeMessage", { conversationID: "si_alice_bob", clientMsgID: "none" }],
      ["sendMessage", { recvID: "", groupID: "", message: { contentType: 101, textElem: { content: "x" } } }],
      ["sendMessage", { recvID: "alice", groupID: "", message: { contentType: 102 } }],
      ["sendMessage", { recvID: "nobody", groupID: "", message: { contentType: 101, textElem: { content: "x" } } }],
      ["getGroupMemberList", { groupID: "none", filter: 0, offset: 0, count: 1 }],
      ["getGroupMemberList", { groupID: "none", filter: 9, offset: 0, count: 1 }],
      ["quitGroup", "none"],
      ["joinGroup", { groupID: "none", reqMsg: "", joinSource: 3 }],
      ["getOneConversation", { sourceID: "alice", sessionType: 9 }],
      ["typingStatusUpdate", { recvID: "alice", msgTip: "yes" }],
      ["searchGroups", {}],
    ];
    for (const [method, given] of wrong) {
      const refused = await mine.isRefused(method, given);
      const said = `${method} ${JSON.stringify(given).slice(0, 99)}`;
      expect(refused, said).toBeInstanceOf(OpenIMError);
      expect(refused, said).toMatchObject({ errCode: (await theirs.isRefused(method, given)).errCode, data: "", errMsg: /./ });
      expect(refused.event, said).toBe(method.charAt(0).toUpperCase() + method.slice(1));
    }
    const { errCode, operationID } = await (mine.sdk as Any).searchGroups({}, "mine").catch((error: OpenIMError) => error);
    expect([errCode, operationID]).toEqual([REFUSED, "mine"]);
  });
});

test("in a group call tells of its own steps what the package tells", async () => {
  const rooms = (app: App) =>
    app.heard
      .filter(({ name }) => /Room|HangUp|Invit/.test(name))
      .map(({ name, data }) => [name, data.userID, data.participant?.map?.((one: Any) => one.userInfo.userID)]);
  const told: Any[] = [];
  for (const kind of [3, "sdk"] as const) {
    const apps: App[] = [];
    for (const userID of ["alice", "bob", "carol"]) {
      apps.push(await people.ready(kind, userID));
    }
    const [alice, bob, carol] = apps as [App, App, App];
    const { groupID } = await alice.asks("createGroup", { memberUserIDs: ["bob", "carol"], groupInfo: { groupType: 2 } });
    // Who is in the room is told as it is when it is told, so each step waits until all were told of the one before.
    const allHear = (name: string) => Promise.all(apps.map((app) => app.hears(name)));
    await alice.invites(alice.groupRtc(groupID, ["bob"], { roomID: groupID }), "signalingInviteInGroup");
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    await allHear("OnRoomParticipantConnected");
    await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    await allHear("OnRoomParticipantConnected");
    await carol.asks("signalingGetTokenByRoomID", groupID);
    await allHear("OnRoomParticipantConnected");
    await carol.asks("signalingHungUp", { opUserID: "carol", invitation });
    await allHear("OnRoomParticipantDisconnected");
    await bob.asks("signalingHungUp", { opUserID: "bob", invitation });
    await allHear("OnRoomParticipantDisconnected");
    // The call ended when one was left.
    await alice.asks("signalingHungUp", { opUserID: "alice", invitation });
    for (const app of apps) {
      await app.hasHeard("");
      await app.end();
    }
    told.push(apps.map(rooms));
  }
  expect(told[1]).toEqual(told[0]);
  expect(told[1].flat()).toHaveLength(20);
});

describe("an object that signs in", () => {
  const login = (userID: string, changes: object = {}): Any => ({
    userID,
    token: server.token(userID),
    platformID: 5,
    wsAddr: `${server.url}/openim`,
    apiAddr: "",
    ...changes,
  });

  test("says what is wrong, and can sign in after that", async () => {
    const sdk = new OpenIMSDK({ webSocket: WebSocket });
    await expect(sdk.getSelfUserInfo()).rejects.toMatchObject({ errCode: 10_004, errMsg: "please login first" });
    await expect(sdk.logout("o")).rejects.toMatchObject({ errCode: 10_004, event: "Logout", operationID: "o" });
    const wrong: [changes: object, errCode: number][] = [
      [{ token: "nonsense" }, 1_503],
      [{ token: server.token("alice", -60) }, 1_501],
      [{ token: server.token("bob") }, 1_502],
      [{ token: "" }, 10_002],
      [{ userID: "" }, 10_002],
      [{ platformID: 12 }, 10_002],
      [{ wsAddr: "" }, 10_002],
      [{ wsAddr: "nowhere" }, 10_002],
    ];
    for (const [changes, errCode] of wrong) {
      await expect(sdk.login(login("alice", changes)), JSON.stringify(changes)).rejects.toMatchObject({
        errCode,
        event: "Login",
      });
      expect((await sdk.getLoginStatus()).data).toBe(1);
    }
    const heard: string[] = [];
    for (const name of ["OnConnecting", "OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"] as const) {
      sdk.on(name, ({ event }) => heard.push(event));
    }
    const signingIn = sdk.login(login("alice"), "o1");
    expect((await sdk.getLoginStatus()).data).toBe(2);
    expect(await signingIn).toEqual({ event: "Login", errCode: 0, errMsg: "", data: "", operationID: "o1" });
    expect(await sdk.login(login("alice"), "o2")).toMatchObject({ errCode: 10_102, errMsg: "login repeat" });
    expect((await sdk.getLoginUserID()).data).toBe("alice");
    expect((await sdk.getLoginStatus()).data).toBe(3);
    expect(heard).toEqual(["OnConnecting", "OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"]);
    expect((await sdk.logout()).data).toBe("");
    expect((await sdk.getLoginStatus()).data).toBe(1);
    await expect(sdk.getSelfUserInfo()).rejects.toMatchObject({ errCode: 10_004 });
    await sdk.login(login("bob"));
    expect((await sdk.getLoginUserID()).data).toBe("bob");
    await sdk.logout();
    expect(getSDK()).toBe(getSDK());
  });

  test("is told that another client has taken its place", async () => {
    const [first, second] = [1, 2].map(() => new OpenIMSDK({ webSocket: WebSocket, deviceID: "tablet" })) as [
      OpenIMSDK,
      OpenIMSDK,
    ];
    const kicked = new Promise((resolve) => first.on("OnKickedOffline", resolve));
    await first.login(login("alice"));
    await second.login(login("alice"));
    expect(await kicked).toMatchObject({ event: "OnKickedOffline" });
    expect((await first.getLoginStatus()).data).toBe(1);
    await second.logout();
  });

  test("goes on when the server was away, and a call that came meanwhile rings with what is left of it", async () => {
    const alice = await people.ready("sdk", "alice");
    const bob = await people.ready(3, "bob");
    await bob.end();
    const before = alice.heard.length;
    await server.kill();
    await alice.hears("OnConnectFailed");
    await server.startAgain();
    await vi.waitFor(() => expect(alice.heard.slice(before).map(({ name }) => name)).toContain("OnSyncServerFinish"), 15_000);
    const carol = await people.ready("sdk", "carol");
    await carol.invites(carol.rtc({ inviteeUserIDList: ["alice"] }));
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    await alice.asks("signalingReject", { opUserID: "alice", invitation });
    await carol.hears("OnInviteeRejected");

    await alice.invites(alice.rtc({ timeout: 30 }));
    const late = await people.ready("sdk", "bob");
    const ring = await late.hears("OnReceiveNewInvitation");
    expect(ring.invitation.timeout).toBeLessThanOrEqual(30);
    expect(await late.hasHeard("OnReceiveNewInvitation")).toBe(1);
    await late.asks("signalingReject", { opUserID: "bob", invitation: ring.invitation });
  });

  test("rings once when the server does not know the place where it was", async () => {
    const alice = await people.ready("sdk", "alice");
    const bob = await people.ready(3, "bob");
    await bob.end();
    await alice.invites(alice.rtc());
    const sdk = new OpenIMSDK({
      webSocket: WebSocket,
      deviceID: "phone",
      cursorStore: { load: () => ({ userID: "bob", cursor: 999_999 }), save: () => {} },
    });
    const rings: Any[] = [];
    sdk.on("OnReceiveNewInvitation", ({ data }) => rings.push(data.invitation));
    await sdk.login(login("bob"));
    await vi.waitFor(() => expect(rings).toHaveLength(1), PATIENCE_MS);
    await sdk.signalingReject({ opUserID: "bob", invitation: rings[0] });
    await alice.hears("OnInviteeRejected");
    expect(rings).toHaveLength(1);
    await sdk.logout();
  });

  test("ends a ring by itself while it is offline, and tells it once", async () => {
    const alice = await people.ready("sdk", "alice");
    const bob = await people.ready("sdk", "bob");
    await alice.invites(alice.rtc({ timeout: 1 }));
    await bob.hears("OnReceiveNewInvitation");
    await server.kill();
    for (const app of [alice, bob]) {
      expect(await app.hears("OnInvitationTimeout")).toMatchObject({ userID: "alice", timeoutUserIDList: ["bob"] });
    }
    await server.startAgain();
    for (const app of [alice, bob]) {
      await app.asks("getSelfUserInfo");
      expect(await app.hasHeard("OnInvitationTimeout")).toBe(1);
    }
  });
});
