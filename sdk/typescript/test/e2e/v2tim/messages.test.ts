import { afterAll, beforeAll, expect, test } from "vitest";
import { MessageElemType, MessagePriorityEnum } from "../../../src/v2tim/index.js";
import { done, given, type Phone } from "./phone.js";
import { Street } from "./street.js";

let street: Street;
beforeAll(async () => {
  street = await Street.start();
});
afterAll(() => street.end());

function messages({ manager }: Phone) {
  return manager.getMessageManager();
}

test("a text message is made, then sent; the native client reads it", async () => {
  const [alice, bob] = [await street.phone("alice"), await street.world.connected("bob")];
  const made = given(await messages(alice).createTextMessage("Hello Bob"));
  expect(made.messageInfo).toMatchObject({ elemType: MessageElemType.V2TIM_ELEM_TYPE_TEXT, textElem: { text: "Hello Bob" } });
  const options = { isExcludedFromUnreadCount: true, needReadReceipt: true, cloudCustomData: "v1" };
  const sending = { id: made.id, receiver: "bob", groupID: "", priority: MessagePriorityEnum.V2TIM_PRIORITY_HIGH, ...options };
  const sent = given(await messages(alice).sendMessage(sending));
  expect(sent).toMatchObject({ id: made.id, userID: "bob", sender: "alice", isSelf: true, seq: "1", priority: 1, ...options });
  await bob.hears("message.received", {
    message: {
      messageID: sent.msgID,
      clientMsgID: made.id,
      type: "text",
      content: { text: "Hello Bob" },
      priority: "high",
      excludedFromUnread: true,
      needReadReceipt: true,
      cloudCustomData: "v1",
    },
  });
  expect(await messages(alice).sendMessage(sending)).toMatchObject({ code: 6017, field: "id" });
});

test("a custom message of the native client's comes to both kinds of listeners", async () => {
  const [carol, dave] = [await street.phone("carol"), await street.world.connected("dave")];
  const { messageID } = await dave.client.messages.sendCustom({
    userID: "carol",
    data: "{}",
    description: "wave",
    extension: "x",
  });
  expect(await carol.messages.hearsMessage()).toMatchObject({
    msgID: messageID,
    userID: "dave",
    isSelf: false,
    elemType: MessageElemType.V2TIM_ELEM_TYPE_CUSTOM,
    customElem: { data: "{}", desc: "wave", extension: "x" },
  });
  await carol.simple.hears("onRecvC2CCustomMessage", messageID, { userID: "dave" }, "{}");
  const text = await dave.client.messages.sendText({ userID: "carol", text: "hi" });
  await carol.simple.hears("onRecvC2CTextMessage", text.messageID, { userID: "dave" }, "hi");
  await dave.client.messages.send({ userID: "carol", type: "image", content: { url: "https://example.org/1.png" } });
  await carol.messages.hearsMessage();
  expect(await carol.messages.hearsMessage()).toMatchObject({ elemType: MessageElemType.V2TIM_ELEM_TYPE_NONE });
  expect(carol.simple.unread, "has no callback of its own").toEqual([]);
});

test("messages in a group, and the short ways to send", async () => {
  const [erin, frank] = [await street.phone("erin"), await street.phone("frank")];
  given(await erin.manager.createGroup("Choir", "Meeting", "choir"));
  done(await frank.manager.joinGroup("choir", ""));
  const text = given(await erin.manager.sendGroupTextMessage("choir", "la", MessagePriorityEnum.V2TIM_PRIORITY_LOW));
  await frank.simple.hears("onRecvGroupTextMessage", text.msgID, "choir", { userID: "erin" }, "la");
  const custom = given(await frank.manager.sendGroupCustomMessage("choir", "lalala"));
  await erin.simple.hears("onRecvGroupCustomMessage", custom.msgID, "choir", { userID: "frank" }, "lalala");
  const toFrank = given(await erin.manager.sendC2CCustomMessage("frank", "psst"));
  await frank.simple.hears("onRecvC2CCustomMessage", toFrank.msgID, { userID: "erin" }, "psst");
  const history = given(await messages(frank).getGroupHistoryMessageList("choir", 20));
  expect(history.map(({ customElem, textElem }) => customElem?.data ?? textElem?.text)).toEqual(["lalala", "la"]);
  expect(history[1]).toMatchObject({ groupID: "choir", priority: 3 });
  expect(history[1]?.userID).toBeUndefined();
});

test("history in pages, finding, taking back and reading", async () => {
  const [gus, hal] = [await street.phone("gus"), await street.phone("hal")];
  for (const text of ["1", "2", "3"]) {
    given(await gus.manager.sendC2CTextMessage("hal", text));
  }
  const first = given(await messages(hal).getC2CHistoryMessageList("gus", 2));
  expect(first.map(({ textElem }) => textElem?.text)).toEqual(["3", "2"]);
  const last = first.at(-1)?.msgID ?? "";
  const second = given(await messages(hal).getC2CHistoryMessageList("gus", 2, last));
  expect(second.map(({ textElem }) => textElem?.text)).toEqual(["1"]);
  expect(given(await messages(hal).getC2CHistoryMessageList("gus", 2, second[0]?.msgID))).toEqual([]);
  expect(given(await messages(hal).findMessages([last, "never-seen"]))).toMatchObject([{ msgID: last }]);

  expect(await messages(hal).revokeMessage(last)).toMatchObject({ code: 20022, reason: "notSender" });
  done(await messages(gus).revokeMessage(last));
  for (let told = 0; told < 3; told += 1) {
    await hal.messages.hearsMessage();
  }
  await hal.messages.hears("onRecvMessageRevoked", last);
  const [, revoked] = given(await messages(hal).getC2CHistoryMessageList("gus", 2));
  expect(revoked).toMatchObject({ msgID: last, status: 6, textElem: { text: "" } });

  done(await messages(hal).markC2CMessageAsRead("gus"));
  const [receipts] = await gus.messages.hears("onRecvC2CReadReceipt");
  expect(receipts).toEqual([{ userID: "hal", timestamp: expect.any(Number) }]);
});

test("a message for those online only has no place in history", async () => {
  const [ida, jon] = [await street.phone("ida"), await street.phone("jon")];
  const { id } = given(await messages(ida).createCustomMessage({ data: "typing" }));
  const sent = given(await messages(ida).sendMessage({ id, receiver: "jon", onlineUserOnly: true }));
  expect(sent.seq).toBeUndefined();
  expect(await jon.messages.hearsMessage()).toMatchObject({ msgID: sent.msgID, customElem: { data: "typing" } });
  expect(await messages(ida).revokeMessage(sent.msgID ?? "")).toMatchObject({ code: 20022, field: "msgID" });
  expect(given(await messages(jon).getC2CHistoryMessageList("ida", 1))).toEqual([]);
});

test("what one user has seen is not another's", async () => {
  const [kim, leo] = [await street.phone("kim"), await street.phone("leo")];
  const { msgID = "" } = given(await kim.manager.sendC2CTextMessage("leo", "between us"));
  done(await kim.manager.login("mia", street.world.server.token("mia")));
  expect(given(await kim.manager.getLoginUser())).toBe("mia");
  expect(given(await messages(kim).findMessages([msgID]))).toEqual([]);
  expect(await leo.messages.hearsMessage()).toMatchObject({ msgID });
});
