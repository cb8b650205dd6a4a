import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { Wigwag } from "../../../src/index.js";
import { pageRooms } from "../../../src/pageRooms.js";
import { Rooms } from "../../../src/trtc/rooms.js";
import type { CallEntry } from "../../../src/wire/index.js";
import { Server } from "../server.js";
import { People } from "./people.js";
import { Signaler } from "./tsignaling.js";

let server: Server;
let people: People;
beforeAll(async () => {
  server = await Server.start();
  people = new People(server);
});
afterEach(() => {
  pageRooms.media = undefined;
});
afterAll(async () => {
  await people.end();
  await server.end();
});

/** The rooms of the page, which note what they are told. */
class NotingRooms extends Rooms {
  readonly entered: { room: string | undefined; reply: Promise<CallEntry | undefined> }[] = [];

  override enters(_client: unknown, room: string | undefined, reply: Promise<CallEntry | undefined>): void {
    this.entered.push({ room, reply });
  }
}

const videoCall = (room_id: number) =>
  JSON.stringify({ version: 4, businessID: "av_call", call_type: 2, room_id, data: { cmd: "videoCall", room_id } });

const signaler = (userID: string) => new Signaler(people.person(userID)).ready();

test("an engine's invitation by message begins a call while the page has our rooms, and none without them", async () => {
  const bob = new Wigwag({ url: server.url, token: server.token("bob"), webSocket: WebSocket });
  const [ann] = await Promise.all([signaler("ann"), bob.connect()]);
  await ann.app.invite({ userID: "bob", data: videoCall(6), timeout: 30 });
  await expect(bob.calls.get({ roomID: "6" })).rejects.toMatchObject({ reason: "unknownCall" });

  const rooms = new NotingRooms();
  pageRooms.media = rooms;
  const { inviteID, data } = await ann.app.invite({ userID: "bob", data: videoCall(7), timeout: 30 });
  expect(data.message).toMatchObject({ status: "success", to: "bob" });
  expect(data.message.sequence).toBeGreaterThan(0);
  expect(rooms.entered.map(({ room }) => room)).toEqual(["7"]);
  expect(await rooms.entered[0]?.reply).toMatchObject({ roomID: "7" });
  const { call } = await bob.calls.get({ roomID: "7" });
  expect(call).toMatchObject({ callID: inviteID, caller: "ann", mediaType: "video" });
  await bob.close();
});

test("who is in a call answers busy, in the engine's words", async () => {
  pageRooms.media = new NotingRooms();
  const [cora, dan, eve] = await Promise.all([signaler("cora"), signaler("dan"), signaler("eve")]);
  const { inviteID } = await cora.app.invite({ userID: "dan", data: videoCall(8), timeout: 30 });
  await dan.hears("ts_new_invitation_received");
  await dan.app.accept({ inviteID, data: videoCall(8) });
  await cora.hears("ts_invitee_accepted");

  const busy = await eve.app.invite({ userID: "dan", data: videoCall(9), timeout: 30 });
  const answer = await eve.hears("ts_invitee_rejected");
  expect(answer).toMatchObject({ inviteID: busy.inviteID, invitee: "dan" });
  expect(JSON.parse(answer.data)).toMatchObject({ businessID: "av_call", line_busy: "line_busy" });
});

test("in a group, the invitation by message leads its members into the call", async () => {
  const [fay, gus] = await Promise.all([signaler("fay"), signaler("gus")]);
  const { chat } = people.person("hal");
  await chat.login({ userID: "hal", userSig: server.userSig("hal") });
  await chat.createGroup({ type: "Public", groupID: "choir", name: "choir", memberList: [{ userID: "fay" }, { userID: "gus" }] });
  const rooms = new NotingRooms();
  pageRooms.media = rooms;
  const invited = await fay.app.inviteInGroup({ groupID: "choir", inviteeList: ["gus"], data: videoCall(10), timeout: 30 });
  expect(await gus.hears("ts_new_invitation_received")).toMatchObject({ inviteID: invited.inviteID, groupID: "choir" });
  expect(await rooms.entered[0]?.reply).toMatchObject({ roomID: "10" });
});
