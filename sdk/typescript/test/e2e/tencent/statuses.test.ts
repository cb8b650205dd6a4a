import { afterAll, beforeAll, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, type Person } from "./people.js";

const { EVENT, TYPES } = TencentCloudChat;

let server: Server;
let people: People;
beforeAll(async () => {
  // Whoever goes is gone at once, and is noticed when the server looks, every 10 s.
  server = await Server.start("[sessions]\noffline_grace_s = 0\n");
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

function status(userID: string, statusType: number) {
  return { userID, statusType, customStatus: "" };
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
