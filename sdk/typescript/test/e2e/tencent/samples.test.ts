import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import { Wigwag } from "../../../src/index.js";
import TencentCloudChat from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { People, type Person } from "./people.js";
import * as samples from "./samples.js";

const { TSignaling } = TencentCloudChat;
/** The inviteID that the page's samples have. */
const INVITE_ID = "38897dbf-ecd4-4b59-a132-bc31529a2b18";

let server: Server;
let people: People;
let native: Wigwag[];
// Each sample has a server of its own: an inviteID is used for good, and the samples all have the same.
beforeEach(async () => {
  server = await Server.start();
  people = new People(server);
  native = [];
});
afterEach(async () => {
  await people.end();
  await Promise.all(native.map((client) => client.close()));
  await server.end();
});

/** A user of the native client, which lets its app choose the inviteID. */
async function connected(userID: string): Promise<Wigwag> {
  const client = new Wigwag({ url: server.url, token: server.userSig(userID), webSocket: WebSocket });
  native.push(client);
  await client.connect();
  return client;
}

/** Runs a sample as it stands; resolves with the first line that it prints. */
function run({ code }: samples.Sample, { chat }: Person): Promise<unknown[]> {
  return new Promise((resolve) => {
    const print = (...words: unknown[]) => resolve(words);
    runInNewContext(code, { chat, console: { log: print, warn: print, error: print } });
  });
}

test(`invite (${samples.invite.place})`, async () => {
  const user1 = await people.ready("user1");
  const caller = await people.ready("caller");
  const [words, response] = await run(samples.invite, caller);
  expect(words).toBe("invite success:");
  expect(response).toMatchObject({
    code: 0,
    inviteID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    data: { message: { flow: "out" } },
  });
  const { inviteID } = response as { inviteID: string };
  expect(await user1.hears(TSignaling.NEW_INVITATION_RECEIVED)).toEqual({
    inviteID,
    inviter: "caller",
    groupID: "",
    inviteeList: ["user1"],
    data: "",
    remainingMs: expect.any(Number),
  });
});

test(`inviteInGroup (${samples.inviteInGroup.place})`, async () => {
  const user1 = await people.ready("user1");
  const user2 = await people.ready("user2");
  const caller = await people.ready("caller");
  const memberList = [{ userID: "user1" }, { userID: "user2" }];
  await caller.chat.createGroup({ name: "AV1", groupID: "AV1", type: TencentCloudChat.TYPES.GRP_MEETING, memberList });
  const [words, response] = await run(samples.inviteInGroup, caller);
  expect(words).toBe("inviteInGroup success:");
  const { inviteID } = response as { inviteID: string };
  for (const user of [user1, user2]) {
    expect(await user.hears(TSignaling.NEW_INVITATION_RECEIVED)).toEqual({
      inviteID,
      inviter: "caller",
      groupID: "AV1",
      inviteeList: ["user1", "user2"],
      data: "",
      remainingMs: expect.any(Number),
    });
  }
});

test(`cancel (${samples.cancel.place})`, async () => {
  const user1 = await people.ready("user1");
  const caller = await people.ready("caller");
  const [failed, error] = await run(samples.cancel, caller);
  expect([failed, error]).toMatchObject(["cancel failed:", { code: 8020, data: { reason: "unknown" } }]);

  await (await connected("caller")).signaling.invite({ invitee: "user1", inviteID: INVITE_ID });
  await user1.hears(TSignaling.NEW_INVITATION_RECEIVED);
  const [words, response] = await run(samples.cancel, caller);
  expect([words, response]).toMatchObject(["cancel OK", { code: 0, inviteID: INVITE_ID }]);
  expect(await user1.hears(TSignaling.INVITATION_CANCELLED)).toEqual({
    inviteID: INVITE_ID,
    inviter: "caller",
    groupID: "",
    data: "",
  });
});

test.each([
  ["accept", samples.accept.place, samples.accept, TSignaling.INVITEE_ACCEPTED],
  ["reject", samples.reject.place, samples.reject, TSignaling.INVITEE_REJECTED],
] as const)("%s (%s)", async (name, _place, sample, event) => {
  const caller = await people.ready("caller");
  const user1 = await people.ready("user1");
  const [failed, error] = await run(sample, user1);
  expect([failed, error]).toMatchObject([`${name} failed:`, { code: 8010, data: { reason: "unknown" } }]);

  await (await connected("caller")).signaling.invite({ invitee: "user1", inviteID: INVITE_ID });
  await user1.hears(TSignaling.NEW_INVITATION_RECEIVED);
  const [words, response] = await run(sample, user1);
  expect([words, response]).toMatchObject([`${name} OK`, { code: 0, inviteID: INVITE_ID }]);
  expect(await caller.hears(event)).toEqual({
    inviteID: INVITE_ID,
    inviter: "caller",
    groupID: "",
    invitee: "user1",
    data: "",
  });
});
