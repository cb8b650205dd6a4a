import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { CallEntry } from "../../../src/index.js";
import { written } from "../../../src/trtc/signals.js";
import { refused, World } from "../world.js";
import { FakePeerConnection } from "./browser.js";
import { Visitor } from "./visitor.js";

const STUN = "stun:stun.example.org:3478";

let world: World;
const visitors: Visitor[] = [];
beforeAll(async () => {
  world = await World.start(`[calls]\nice_servers = ["${STUN}"]\n`);
});
beforeEach(() => {
  FakePeerConnection.made.length = 0;
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
});
afterEach(() => {
  for (const visitor of visitors.splice(0)) {
    visitor.room.close();
  }
  vi.unstubAllGlobals();
});
afterAll(() => world.end());

async function visitor(userID: string, name: string): Promise<Visitor> {
  const { client } = await world.connected(userID);
  const entered = new Visitor(client, userID, name);
  visitors.push(entered);
  return entered;
}

/** Two in a call, with media. */
async function two(one: string, other: string, name: string): Promise<[Visitor, Visitor, CallEntry]> {
  await world.knows(other);
  const [caller, callee] = [await visitor(one, name), await visitor(other, name)];
  const call = await caller.invites(other);
  await callee.accepts(call);
  await Promise.all([caller.hears("linked"), callee.hears("linked")]);
  return [caller, callee, call];
}

test("who calls and who accepts are connected by one offer, over the servers that the replies named", async () => {
  const [ann, bob] = await two("ann", "bob", "1");
  expect(await ann.hears("came")).toBe("bob");
  expect(await bob.hears("came")).toBe("ann");
  expect(await ann.hears("received")).toBe("audio of bob");
  expect(FakePeerConnection.made.map(({ localDescription }) => localDescription?.type).sort()).toEqual(["answer", "offer"]);
  for (const { configuration } of FakePeerConnection.made) {
    expect(configuration.iceServers).toEqual([{ urls: [STUN] }]);
  }
  const camera = { kind: "video", enabled: true } as MediaStreamTrack;
  ann.room.send({ audio: null, video: camera });
  expect(await bob.hears("switched", ({ camera }) => camera)).toEqual({ whose: "ann", microphone: false, camera: true });
});

test("who leaves hangs up, and the other is told", async () => {
  const [cy, dee, { callID }] = await two("cy", "dee", "2");
  cy.room.leave();
  expect(await dee.hears("left")).toBe("cy");
  const { call } = await dee.client.calls.get({ callID });
  expect(call.endReason).toBe("hungUp");
  expect(FakePeerConnection.made.map(({ connectionState }) => connectionState)).toEqual(["closed", "closed"]);
});

test("who leaves before the server has answered is not kept in the call", async () => {
  const ros = await world.connected("ros");
  const sid = await visitor("sid", "8");
  const inviting = sid.invites("ros");
  sid.room.leave();
  const { callID } = await inviting;
  await ros.hears("invitation.received", { inviteID: callID });
  await ros.hears("invitation.cancelled", { inviteID: callID });

  const tom = await visitor("tom", "9");
  const call = await tom.invites("sid");
  const answering = await visitor("sid", "9");
  const accepting = answering.accepts(call);
  answering.room.leave();
  await accepting;
  await tom.hears("left", (whose) => whose === "sid");
});

test("who is not in the call learns nothing of the room and sends nothing into it", async () => {
  const [eve, , { callID }] = await two("eve", "fay", "3");
  const mallory = await visitor("mallory", "3");
  expect((await refused(mallory.client.calls.get({ roomID: "3" }))).reason).toBe("unknownCall");
  expect((await refused(mallory.client.calls.signal({ callID, data: written([]) }))).reason).toBe("unknownCall");
  await mallory.client.users.get({ userIDs: ["eve"] });
  expect(mallory.heard("came")).toEqual([]);
  expect(eve.heard("came")).toEqual(["fay"]);
  expect(FakePeerConnection.made).toHaveLength(2);
});

test("what another device of somebody in the call sends is not for the connection", async () => {
  const [gus, hal, { callID }] = await two("gus", "hal", "4");
  const tablet = await world.connected("hal");
  const on = { microphone: true, camera: true };
  await tablet.client.calls.signal({ callID, data: written([{ devices: on }]) });
  await hal.client.calls.signal({ callID, data: written([{ devices: { ...on, camera: false } }]) });
  expect(await gus.hears("switched", ({ microphone }) => microphone)).toMatchObject({ camera: false });
});

test("what is no signal harms nobody", async () => {
  const [ian, joe, { callID }] = await two("ian", "joe", "5");
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const offer = written([{ description: { type: "answer", sdp: "" } }]);
  for (const data of ["", "{", '{"signals":[{"candidate":1}]}', offer]) {
    await joe.client.calls.signal({ callID, data });
  }
  await joe.client.calls.signal({ callID, data: written([{ devices: { microphone: true, camera: true } }]) });
  expect(await ian.hears("switched", ({ camera }) => camera)).toMatchObject({ whose: "joe" });
});

test("a call that goes on with another device takes the connection there", async () => {
  const [kim, leo, { callID }] = await two("kim", "leo", "6");
  const { client } = await world.connected("leo");
  await client.calls.join({ callID });
  const elsewhere = new Visitor(client, "leo", "6");
  visitors.push(elsewhere);
  await leo.hears("moved");
  expect(await elsewhere.hears("came")).toBe("kim");
  await kim.hears("linked", (told) => told === "connected with leo");
  expect(kim.heard("left")).toEqual([]);
});

test("members of a group come into its call without an invitation; the fifth is there without media", async () => {
  const names = ["mia", "ned", "oda", "pat", "quin"];
  await world.knows(...names);
  const first = await visitor("mia", "7");
  await first.client.groups.create({ groupID: "choir", name: "choir", members: names.slice(1) });
  const wish = { groupID: "choir", inviteeList: ["ned"], timeout: 30, call: { mediaType: "video", roomID: "7" } };
  const { call } = await first.client.signaling.inviteInGroup(wish);
  const second = await visitor("ned", "7");
  await second.accepts(call as CallEntry);
  const others: Visitor[] = [];
  for (const userID of names.slice(2)) {
    const other = await visitor(userID, "7");
    await other.hears("came", (whose) => whose === "mia");
    others.push(other);
  }
  expect(await first.hears("failed")).toMatch(/more than 4/);
  const [third, fourth, fifth] = others as [Visitor, Visitor, Visitor];
  for (const [one, rest] of [
    [fourth, ["mia", "ned", "oda"]],
    [third, ["mia", "ned", "pat"]],
  ] as const) {
    const linked: string[] = [];
    while (linked.length < rest.length) {
      linked.push(await one.hears("linked"));
    }
    expect(linked.sort()).toEqual(rest.map((whose) => `connected with ${whose}`));
  }
  expect(await fifth.hears("failed")).toMatch(/more than 4/);
  expect(fifth.heard("linked")).toEqual([]);
  expect([...fifth.heard("came")].sort()).toEqual(["mia", "ned", "oda", "pat"]);
});
