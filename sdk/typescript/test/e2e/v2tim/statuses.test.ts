import { afterAll, beforeAll, expect, test } from "vitest";
import { done, given, type Phone } from "./phone.js";
import { Street } from "./street.js";

let street: Street;
beforeAll(async () => {
  // Whoever goes is gone at once.
  street = await Street.start("[sessions]\noffline_grace_s = 0\n");
});
afterAll(() => street.end());

const [UNKNOWN, ONLINE, OFFLINE] = [0, 1, 2];

function status(userID: string, statusType: number, customStatus = "") {
  return { userID, statusType, customStatus };
}

/** The app has heard that it is connected; what comes now is about users. */
async function ready(userID: string, deviceID = `${userID}-phone`): Promise<Phone> {
  const phone = await street.phone(userID, { deviceID });
  await phone.sdk.comesTo("onConnectSuccess");
  return phone;
}

test("a user's own status is told on their devices and to those who know them and subscribe", async () => {
  const [ann, tablet] = [await ready("ann"), await ready("ann", "ann-tablet")];
  const [ben, mallory] = [await ready("ben"), await ready("mallory")];
  given(await ann.manager.sendC2CTextMessage("ben", "hello"));
  done(await ben.manager.subscribeUserStatus(["ann"]));
  done(await ann.manager.setSelfStatus("in a call"));
  for (const phone of [ann, tablet, ben]) {
    await phone.sdk.hears("onUserStatusChanged", [status("ann", ONLINE, "in a call")]);
  }
  for (const phone of [ann, ben]) {
    expect(given(await phone.manager.getUserStatus(["ann"]))).toEqual([status("ann", ONLINE, "in a call")]);
  }
  expect(given(await mallory.manager.getUserStatus(["ann"]))).toEqual([status("ann", UNKNOWN)]);
  done(await tablet.manager.logout());
  done(await ann.manager.logout());
  await ben.sdk.hears("onUserStatusChanged", [status("ann", OFFLINE)]);
  done(await ben.manager.unsubscribeUserStatus([]));
});

test("the users who were named last are watched, and each until they are named no more", async () => {
  const [cat, dan, eve] = [await ready("cat"), await ready("dan"), await ready("eve")];
  for (const friend of [dan, eve]) {
    given(await friend.manager.sendC2CTextMessage("cat", "hello"));
  }
  const strangers = Array.from({ length: 99 }, (_, number) => `u${number}`);
  done(await cat.manager.subscribeUserStatus(["dan", ...strangers]));
  // One too many: dan makes room.
  done(await cat.manager.subscribeUserStatus(["eve"]));
  done(await dan.manager.setSelfStatus("unseen"));
  done(await eve.manager.setSelfStatus("seen"));
  await cat.sdk.hears("onUserStatusChanged", [status("eve", ONLINE, "seen")]);
  done(await cat.manager.subscribeUserStatus(["dan"]));
  done(await cat.manager.unsubscribeUserStatus(["eve"]));
  done(await eve.manager.setSelfStatus("unseen"));
  done(await dan.manager.setSelfStatus("seen"));
  await cat.sdk.hears("onUserStatusChanged", [status("dan", ONLINE, "seen")]);
  const many = given(await cat.manager.getUserStatus(["dan", ...strangers, "eve"]));
  expect(many).toHaveLength(101);
  expect(many).toEqual(expect.arrayContaining([status("dan", ONLINE, "seen"), status("eve", ONLINE, "unseen")]));
});

test("what is too long or of the wrong type is refused by its name", async () => {
  const fay = await ready("fay");
  done(await fay.manager.setSelfStatus("x".repeat(100)));
  await fay.sdk.hears("onUserStatusChanged", [status("fay", ONLINE, "x".repeat(100))]);
  expect(await fay.manager.setSelfStatus("x".repeat(101))).toMatchObject({ code: 8001, reason: "tooLarge", field: "status" });
  expect(await fay.manager.setSelfStatus(7 as never)).toMatchObject({ code: 6017, field: "status" });
  expect(await fay.manager.getUserStatus("ann" as never)).toMatchObject({ code: 6017, field: "userIDList" });
  expect(await fay.manager.subscribeUserStatus([7] as never)).toMatchObject({ code: 6017, field: "userIDList" });
  done(await fay.manager.setSelfStatus(""));
  await fay.sdk.hears("onUserStatusChanged", [status("fay", ONLINE)]);
  done(await fay.manager.logout());
  expect(await fay.manager.setSelfStatus("gone")).toMatchObject({ code: 6014 });
});
