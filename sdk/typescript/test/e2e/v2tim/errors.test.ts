import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TencentImSDKPlugin, type V2TIMManager, type V2TimCallback } from "../../../src/v2tim/index.js";
import { done, given, type Phone } from "./phone.js";
import { Street } from "./street.js";

let street: Street;
beforeAll(async () => {
  street = await Street.start();
});
afterAll(() => street.end());

function signaling({ manager }: Phone) {
  return manager.getSignalingManager();
}

describe("signing in", () => {
  test("everything needs initSDK, then login", async () => {
    const phone = street.newPhone("alice");
    const { manager } = phone;
    expect(await manager.login("alice", "sig")).toMatchObject({ code: 6013, reason: "notInitialised" });
    expect(await signaling(phone).invite("bob", "")).toMatchObject({ code: 6013, data: "" });
    await phone.starts();
    expect(signaling(phone).invite("bob", "").inviteID).toBe("");
    expect(await signaling(phone).accept("i")).toMatchObject({ code: 6014, reason: "notSignedIn" });
    expect(await manager.sendC2CTextMessage("bob", "hi")).toMatchObject({ code: 6014 });
    expect(await manager.joinGroup("g", "")).toMatchObject({ code: 6014 });
    expect([given(await manager.getLoginUser()), given(await manager.getLoginStatus())]).toEqual(["", 3]);
    await phone.logsIn();
    expect([given(await manager.getLoginUser()), given(await manager.getLoginStatus())]).toEqual(["alice", 1]);
    done(await manager.login("alice", "is signed in already"));
    done(await manager.unInitSDK());
    expect(await manager.getGroupManager().getJoinedGroupList()).toMatchObject({ code: 6013 });
  });

  test("a UserSig that is malformed, another user's, or expired", async () => {
    const phone = street.newPhone("bob");
    await phone.starts();
    expect(await phone.manager.login("bob", "nonsense")).toMatchObject({ code: 70003, reason: "tokenMalformed" });
    const carols = street.world.server.token("carol");
    expect(await phone.manager.login("bob", carols)).toMatchObject({ code: 70013, reason: "tokenWrongUser" });
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onConnectFailed", 70003);
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onConnectFailed", 70013);
    const expired = street.world.server.token("bob", -60);
    expect(await phone.manager.login("bob", expired)).toMatchObject({ code: 70001 });
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onUserSigExpired");
    await phone.logsIn();
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onConnectSuccess");
  });

  test("a fresh UserSig is given to login before the old one expires: the session goes on", async () => {
    const phone = street.newPhone("fay");
    await phone.starts();
    await phone.logsIn(street.world.server.token("fay", 2));
    done(await phone.manager.login("fay", street.world.server.token("fay")));
    for (const name of ["onConnecting", "onConnectSuccess", "onConnectFailed", "onConnecting", "onConnectSuccess"]) {
      await phone.sdk.hears(name);
    }
    done(await phone.manager.getGroupManager().getJoinedGroupList());
    expect(phone.sdk.unread).toEqual([]);
  });

  test("the UserSig expires in use; a new login goes on, and listeners have stayed", async () => {
    const phone = street.newPhone("dan");
    await phone.starts();
    await phone.logsIn(street.world.server.token("dan", 2));
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onConnectSuccess");
    await phone.sdk.hears("onUserSigExpired");
    expect(given(await phone.manager.getLoginStatus())).toBe(3);
    await phone.logsIn();
    const eve = await street.world.connected("eve");
    const { inviteID } = await eve.client.signaling.invite({ invitee: "dan", data: "back?" });
    await phone.signaling.hears("onReceiveNewInvitation", inviteID, "eve", "", ["dan"], "back?");
  });

  test("the same device elsewhere", async () => {
    const [here, there] = [await street.phone("fred"), street.newPhone("fred")];
    await there.starts();
    await there.logsIn();
    await here.sdk.hears("onConnecting");
    await here.sdk.hears("onConnectSuccess");
    await here.sdk.hears("onKickedOffline");
    expect(await signaling(here).accept("i")).toMatchObject({ code: 6014 });
  });

  test("two logins at once, and a logout in between", async () => {
    const phone = street.newPhone("gina");
    await phone.starts();
    const token = street.world.server.token("gina");
    const [first, second] = await Promise.all([phone.manager.login("gina", token), phone.manager.login("gina", token)]);
    expect([first.code, second]).toMatchObject([0, { code: 7501, reason: "loginInProgress" }]);
    done(await phone.manager.logout());
    const [login, logout] = await Promise.all([phone.manager.login("gina", token), phone.manager.logout()]);
    expect([login, logout.code]).toMatchObject([{ code: 6014, reason: "closed" }, 0]);
    done(await phone.manager.logout());
  });

  test("a server that is away", async () => {
    const port = await freePort();
    const phone = street.newPhone("hugo");
    await phone.starts({ url: `ws://127.0.0.1:${port}`, connectTimeoutMs: 300 });
    expect(await phone.manager.login("hugo", "sig")).toMatchObject({ code: 9508, reason: "connectTimeout" });
    await phone.starts({ url: "nonsense" });
    expect(await phone.manager.login("hugo", "sig")).toMatchObject({ code: 6017, field: "url" });
  });
});

describe("a server that goes away in use", () => {
  test("a call gives up in time, and the inviteID of an invitation that may exist is known", async () => {
    const other = await Street.start();
    const phone = await other.phone("ivy", { requestTimeoutMs: 300 });
    await phone.sdk.hears("onConnecting");
    await phone.sdk.hears("onConnectSuccess");
    await other.world.knows("jack");
    await other.world.server.kill();
    const inviting = signaling(phone).invite("jack", "");
    expect(await inviting).toMatchObject({ code: 9520, reason: "requestTimeout", data: inviting.inviteID });
    expect(await signaling(phone).cancel(inviting.inviteID)).toMatchObject({ code: 9520 });
    await phone.sdk.hears("onConnectFailed", 9508);
    await phone.sdk.hears("onConnecting");
    await other.world.server.startAgain();
    await phone.sdk.comesTo("onConnectSuccess");
    const again = given(await signaling(phone).invite("jack", "", 60));
    expect(again).toMatch(/^[0-9a-f-]{36}$/);
    await other.end();
  });
});

describe("wrong parameters are named, each call says so in its result", () => {
  const any = (value: unknown) => value as never;
  type Calls = [what: string, call: (manager: V2TIMManager) => Promise<V2TimCallback> | V2TimCallback, field: string];
  const calls: Calls[] = [
    ["invite", (m) => m.getSignalingManager().invite(any(7), "data"), "invitee"],
    ["invite", (m) => m.getSignalingManager().invite(any(undefined), "data"), "invitee"],
    ["invite", (m) => m.getSignalingManager().invite("not a userID", "data"), "invitee"],
    ["invite", (m) => m.getSignalingManager().invite("bob", any({})), "data"],
    ["invite", (m) => m.getSignalingManager().invite("bob", "", any("30")), "timeout"],
    ["invite", (m) => m.getSignalingManager().invite("bob", "", -1), "timeout"],
    ["invite", (m) => m.getSignalingManager().invite("bob", "", 90_000), "timeout"],
    ["invite", (m) => m.getSignalingManager().invite("bob", "", 30, any("true")), "onlineUserOnly"],
    ["invite", (m) => m.getSignalingManager().invite("bob", "", 30, false, any("push")), "offlinePushInfo"],
    ["inviteInGroup", (m) => m.getSignalingManager().inviteInGroup(any(null), ["bob"], ""), "groupID"],
    ["inviteInGroup", (m) => m.getSignalingManager().inviteInGroup("g", any("bob"), ""), "inviteeList"],
    ["inviteInGroup", (m) => m.getSignalingManager().inviteInGroup("g", any([1]), ""), "inviteeList"],
    ["cancel", (m) => m.getSignalingManager().cancel(any(1)), "inviteID"],
    ["cancel", (m) => m.getSignalingManager().cancel("i", any(1)), "data"],
    ["accept", (m) => m.getSignalingManager().accept(any(undefined)), "inviteID"],
    ["accept", (m) => m.getSignalingManager().accept(""), "inviteID"],
    ["reject", (m) => m.getSignalingManager().reject("i", any([])), "data"],
    ["modifyInvitation", (m) => m.getSignalingManager().modifyInvitation("i", any(undefined)), "data"],
    ["getSignalingInfo", (m) => m.getSignalingManager().getSignalingInfo(any(5)), "message"],
    ["getSignalingInfo", (m) => m.getSignalingManager().getSignalingInfo(""), "msgID"],
    ["addInvitedSignaling", (m) => m.getSignalingManager().addInvitedSignaling(any("i")), "info"],
    ["addInvitedSignaling", (m) => m.getSignalingManager().addInvitedSignaling(any({ inviteID: "i" })), "info.inviter"],
    ["addSignalingListener", (m) => m.getSignalingManager().addSignalingListener(any(() => {})), "listener"],
    [
      "addSignalingListener",
      (m) => m.getSignalingManager().addSignalingListener({ onInviteeAccepted: any(1) }),
      "listener.onInviteeAccepted",
    ],
    ["addAdvancedMsgListener", (m) => m.getMessageManager().addAdvancedMsgListener(any(null)), "listener"],
    ["createTextMessage", (m) => m.getMessageManager().createTextMessage(any(1)), "text"],
    ["createCustomMessage", (m) => m.getMessageManager().createCustomMessage(any(undefined)), "message"],
    ["createCustomMessage", (m) => m.getMessageManager().createCustomMessage({ data: any(1) }), "data"],
    ["createCustomMessage", (m) => m.getMessageManager().createCustomMessage({ data: "", desc: any(1) }), "desc"],
    ["sendMessage", (m) => m.getMessageManager().sendMessage(any("id")), "message"],
    ["sendMessage", (m) => m.getMessageManager().sendMessage({ id: "never made", receiver: "bob" }), "id"],
    ["sendMessage", (m) => sendNew(m, { receiver: "bob", groupID: "g" }), "receiver"],
    ["sendMessage", (m) => sendNew(m, {}), "receiver"],
    ["sendMessage", (m) => sendNew(m, { receiver: "not a userID" }), "receiver"],
    ["sendMessage", (m) => sendNew(m, { receiver: "bob", onlineUserOnly: 1 }), "onlineUserOnly"],
    ["sendMessage", (m) => sendNew(m, { receiver: "bob", cloudCustomData: 1 }), "cloudCustomData"],
    ["getC2CHistoryMessageList", (m) => m.getMessageManager().getC2CHistoryMessageList("bob", 0), "count"],
    ["getC2CHistoryMessageList", (m) => m.getMessageManager().getC2CHistoryMessageList(any(0), 1), "userID"],
    ["getGroupHistoryMessageList", (m) => m.getMessageManager().getGroupHistoryMessageList("", 1), "groupID"],
    ["findMessages", (m) => m.getMessageManager().findMessages(any("id")), "messageIDList"],
    ["sendC2CTextMessage", (m) => m.sendC2CTextMessage("bob", any(undefined)), "text"],
    ["sendC2CTextMessage", (m) => m.sendC2CTextMessage(any(5), "hi"), "userID"],
    ["sendGroupCustomMessage", (m) => m.sendGroupCustomMessage("g", any(5)), "customData"],
    ["createGroup", (m) => m.createGroup(any(5), "Work"), "groupName"],
    ["createGroup", (m) => m.createGroup("Name", any(undefined)), "groupType"],
    ["createGroup", (m) => m.createGroup("Name", "Work", "not a groupID"), "groupID"],
    ["createGroup", (m) => createWith(m, { addOpt: 9 }), "addOpt"],
    ["createGroup", (m) => createWith(m, { memberList: ["bob"] }), "memberList"],
    ["joinGroup", (m) => m.joinGroup(any(undefined), ""), "groupID"],
    ["quitGroup", (m) => m.quitGroup(""), "groupID"],
    ["inviteUserToGroup", (m) => m.getGroupManager().inviteUserToGroup("g", any("bob")), "userList"],
    ["getGroupsInfo", (m) => m.getGroupManager().getGroupsInfo([]), "groupIDList.length"],
    ["getGroupMemberList", (m) => m.getGroupManager().getGroupMemberList("g", any(8), "0"), "filter"],
    ["setGroupMemberRole", (m) => m.getGroupManager().setGroupMemberRole("g", "bob", any(1)), "role"],
    ["login", (m) => m.login(any(5), "sig"), "userID"],
    ["login", (m) => m.login("bob", any(undefined)), "userSig"],
    ["initSDK", (m) => m.initSDK(any("1400000000"), 0, undefined, "ws://127.0.0.1"), "sdkAppID"],
    ["initSDK", (m) => m.initSDK(1, any("debug"), undefined, "ws://127.0.0.1"), "logLevel"],
    ["initSDK", (m) => m.initSDK(1, 0, undefined, any(undefined)), "server"],
    ["initSDK", (m) => m.initSDK(1, 0, undefined, { url: any(7) }), "server.url"],
    ["initSDK", (m) => m.initSDK(1, 0, { onConnecting: any(7) }, "ws://127.0.0.1"), "listener.onConnecting"],
  ];
  let phone: Phone;
  beforeAll(async () => {
    await street.world.knows("bob");
    phone = await street.phone("karl");
  });

  test.each(calls)("%s (%#)", async (_, call, field) => {
    expect(await call(phone.manager)).toMatchObject({ code: 6017, field, desc: expect.stringMatching(/./) });
  });

  test("too much is refused with the field's number", async () => {
    expect(await signaling(phone).invite("bob", "x".repeat(17_000))).toMatchObject({ code: 8001, field: "data", data: "" });
    expect(await signaling(phone).invite("bob", "x".repeat(70_000))).toMatchObject({ code: 8001, data: "" });
  });

  test("after all that it works", async () => {
    expect(given(await signaling(phone).invite("bob", ""))).toMatch(/./);
  });
});

test("there is one manager for the user of a device", () => {
  expect(TencentImSDKPlugin.v2TIMManager.getSignalingManager()).toBe(TencentImSDKPlugin.v2TIMManager.getSignalingManager());
});

async function sendNew(manager: V2TIMManager, options: object): Promise<V2TimCallback> {
  const { id } = given(await manager.getMessageManager().createTextMessage("hi"));
  return manager.getMessageManager().sendMessage({ id, ...options });
}

function createWith(manager: V2TIMManager, options: object): Promise<V2TimCallback> {
  return manager.getGroupManager().createGroup({ groupType: "Work", groupName: "", ...options });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
