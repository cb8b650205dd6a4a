import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { backEnd } from "../backEnd.js";
import { Server } from "../server.js";
import { People, type Person, refused } from "./people.js";

const { EVENT, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
beforeAll(async () => {
  // Whoever goes is gone at once, and is noticed when the server looks, every 10 s.
  // What they said of themselves is forgotten a second later.
  server = await Server.start("[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 1\n");
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

function status(userID: string, statusType: number, customStatus = "") {
  return { userID, statusType, customStatus };
}

async function writes(person: Person, to: string): Promise<void> {
  const message = person.chat.createTextMessage({ to, conversationType: TYPES.CONV_C2C, payload: { text: "hello" } });
  await person.chat.sendMessage(message);
}

test("a chat screen asks who is online, subscribes, and is told of those who know its user", async () => {
  const [alice, bob, carol] = [await people.ready("alice"), await people.ready("bob"), await people.ready("carol")];
  await writes(bob, "alice");
  const userIDList = ["bob", "carol", "nobody"];
  const asked = await alice.chat.getUserStatus({ userIDList });
  expect(asked.data.failureUserList).toEqual([]);
  expect(asked.data.successUserList).toHaveLength(3);
  expect(asked.data.successUserList).toEqual(
    expect.arrayContaining([
      status("bob", TYPES.USER_STATUS_ONLINE),
      status("carol", TYPES.USER_STATUS_UNKNOWN),
      status("nobody", TYPES.USER_STATUS_UNKNOWN),
    ]),
  );
  expect(await alice.chat.subscribeUserStatus({ userIDList })).toEqual({ code: 0, data: { failureUserList: [] } });
  await bob.chat.logout();
  expect(await alice.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("bob", TYPES.USER_STATUS_OFFLINE)]);
  await bob.login();
  expect(await alice.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("bob", TYPES.USER_STATUS_ONLINE)]);
  // Of carol alice hears nothing until carol has written to her.
  await writes(carol, "alice");
  await carol.chat.logout();
  expect(await alice.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("carol", TYPES.USER_STATUS_OFFLINE)]);
  await alice.chat.unsubscribeUserStatus({ userIDList: ["bob"] });
  await bob.chat.logout();
  await carol.login();
  expect(await alice.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("carol", TYPES.USER_STATUS_ONLINE)]);
  await alice.chat.unsubscribeUserStatus({});
});

test("more users than a device may watch are named, and wrong lists refused", async () => {
  const dave = await people.ready("dave");
  const userIDList = Array.from({ length: 101 }, (_, number) => `u${number}`);
  expect((await dave.chat.getUserStatus({ userIDList })).data.successUserList).toHaveLength(101);
  const { data } = await dave.chat.subscribeUserStatus({ userIDList });
  expect(data.failureUserList).toMatchObject([{ userID: "u100", code: 7014 }]);
  await expect(dave.chat.subscribeUserStatus({ userIDList: [] })).rejects.toMatchObject({ code: 6017 });
  await expect(dave.chat.getUserStatus({ userIDList: [7] as unknown as string[] })).rejects.toMatchObject({ code: 6017 });
});

test("what a user says of themselves on one device is told on the others and to those who know them", async () => {
  const [erin, tablet] = [await people.ready("erin"), await people.ready("erin")];
  const [frank, grace] = [await people.ready("frank"), await people.ready("grace")];
  await writes(erin, "frank");
  await frank.chat.subscribeUserStatus({ userIDList: ["erin"] });
  const calling = status("erin", TYPES.USER_STATUS_ONLINE, "在通话中");
  expect(await erin.chat.setSelfStatus({ customStatus: "在通话中" })).toEqual({ code: 0, data: calling });
  for (const person of [erin, tablet, frank]) {
    expect(await person.hears(EVENT.USER_STATUS_UPDATED), person.userID).toEqual([calling]);
  }
  const userIDList = ["erin"];
  for (const person of [erin, frank]) {
    expect((await person.chat.getUserStatus({ userIDList })).data.successUserList).toEqual([calling]);
  }
  const [hidden] = (await grace.chat.getUserStatus({ userIDList })).data.successUserList;
  expect(hidden).toEqual(status("erin", TYPES.USER_STATUS_UNKNOWN));

  await tablet.chat.setSelfStatus({ customStatus: "" });
  for (const person of [erin, tablet, frank]) {
    expect(await person.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("erin", TYPES.USER_STATUS_ONLINE)]);
  }
});

test("what a user says of themselves is hidden when they go, and forgotten when they stay away", async () => {
  const [heidi, ivan] = [await people.ready("heidi"), await people.ready("ivan")];
  const desk = await backEnd(server, "read");
  await writes(heidi, "ivan");
  await heidi.chat.setSelfStatus({ customStatus: "at lunch" });
  expect(await desk("GET /v1/users/heidi")).toMatchObject({ status: "at lunch" });
  await ivan.chat.subscribeUserStatus({ userIDList: ["heidi"] });
  await heidi.chat.logout();
  expect(await ivan.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("heidi", TYPES.USER_STATUS_OFFLINE)]);
  await expect.poll(() => desk("GET /v1/users/heidi")).not.toHaveProperty("status");
  await heidi.login();
  expect(await ivan.hears(EVENT.USER_STATUS_UPDATED)).toEqual([status("heidi", TYPES.USER_STATUS_ONLINE)]);
});

test("what is too long or no text is refused by its name, and nothing changes", async () => {
  const judy = await people.ready("judy");
  const longest = "说".repeat(33);
  await judy.chat.setSelfStatus({ customStatus: `${longest}.` });
  await judy.hears(EVENT.USER_STATUS_UPDATED);
  const refusal = await refused(judy.chat.setSelfStatus({ customStatus: `${longest}..` }));
  expect(refusal).toMatchObject({ code: 8001, data: { reason: "tooLarge", field: "customStatus" } });
  expect(refusal.message).toMatch(/customStatus.*100/);
  const options: unknown[] = [{}, { customStatus: 7 }, { customStatus: null }];
  for (const wrong of options) {
    const data = { field: "customStatus" };
    expect(await refused(judy.chat.setSelfStatus(wrong as never))).toMatchObject({ code: 6017, data });
  }
  const [mine] = (await judy.chat.getUserStatus({ userIDList: ["judy"] })).data.successUserList;
  expect(mine?.customStatus).toBe(`${longest}.`);
  await judy.hearsNo(EVENT.USER_STATUS_UPDATED);
});
