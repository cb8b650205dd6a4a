import { afterEach, beforeEach, expect, test } from "vitest";
import type { AnyEvent, Wigwag } from "../../src/index.js";
import { type Device, World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.end());

/** What a device did itself. */
function ownActs(client: Wigwag): AnyEvent[] {
  const acts: AnyEvent[] = [];
  client.on("event", (event) => event.own && acts.push(event), { ownActs: true });
  return acts;
}

/** The event of the act that a device has just done is the one that another device of the user hears. */
async function toldAlike(acts: AnyEvent[], other: Device, type: string): Promise<void> {
  const { own, remainingMs: mine = 0, ...act } = acts.at(-1) as AnyEvent;
  const { remainingMs: theirs = 0, ...heard } = await other.hears(type, { self: true });
  expect(act).toEqual(heard);
  expect(own).toBe(true);
  expect(mine - theirs).toBeGreaterThanOrEqual(0);
  expect(mine > 0).toBe(theirs > 0);
}

/** A text that speaks as signaling. */
function speaks(text: object): string {
  return JSON.stringify({ businessID: 1, inviter: "alice", groupID: "", timeout: 0, data: "d", ...text });
}

test("an own act is told as the event that another device of the user hears, before its promise resolves", async () => {
  const [phone, laptop] = [await world.connected("alice"), await world.connected("alice")];
  const bob = await world.connected("bob");
  await world.knows("carol");
  const { client } = phone;
  const acts = ownActs(client);
  await client.groups.create({ groupID: "g", members: ["bob"] });
  await laptop.hears("group.membersAdded");
  await bob.hears("group.membersAdded");

  const { inviteID } = await client.signaling.invite({ invitee: "bob", data: "video" });
  expect(client.invitations.get(inviteID)).toMatchObject({ status: "open", invitees: [{ userID: "bob", state: "pending" }] });
  await toldAlike(acts, laptop, "invitation.received");
  await client.signaling.modify({ inviteID, data: "audio" });
  await toldAlike(acts, laptop, "invitation.modified");
  await client.signaling.cancel({ inviteID, data: "too late" });
  await toldAlike(acts, laptop, "invitation.cancelled");
  expect(client.invitations.get(inviteID)).toEqual((await client.signaling.get({ inviteID })).invitation);

  const inviteeList = ["bob", "carol", "alice", "bob"];
  await client.signaling.inviteInGroup({ groupID: "g", inviteeList, timeout: 0, onlineUserOnly: true });
  await toldAlike(acts, laptop, "invitation.received");
  const fromBob = await bob.client.signaling.invite({ invitee: "alice", timeout: 0 });
  await laptop.hears("invitation.received");
  await client.signaling.reject({ inviteID: fromBob.inviteID, data: "busy" });
  await toldAlike(acts, laptop, "invitation.rejected");
  expect(client.invitations.get(fromBob.inviteID)).toEqual(
    (await client.signaling.get({ inviteID: fromBob.inviteID })).invitation,
  );
  expect(acts).toHaveLength(5);
});

test("so is one that was sent as a message", async () => {
  const [phone, laptop] = [await world.connected("alice"), await world.connected("alice")];
  const bob = await world.connected("bob");
  const [acts, bobs] = [ownActs(phone.client), ownActs(bob.client)];
  const says = (from: Device, userID: string, text: object) => from.client.messages.sendCustom({ userID, data: speaks(text) });

  await says(phone, "bob", { inviteID: "i", inviteeList: ["bob"], actionType: 1, timeout: 30 });
  await toldAlike(acts, laptop, "invitation.received");
  await bob.hears("invitation.received", { inviteID: "i" });
  await says(bob, "alice", { inviteID: "i", actionType: 3 });
  const { own, self, ...accepted } = bobs.at(-1) as AnyEvent;
  expect(await laptop.hears("invitation.accepted")).toMatchObject({ ...accepted, cursor: 2 });
  expect([own, self]).toEqual([true, true]);
  expect(bob.client.invitations.get("i")).toEqual((await bob.client.signaling.get({ inviteID: "i" })).invitation);
});

test("the server is killed: an own act is told once, and the book holds", async () => {
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob")];
  const acts = ownActs(alice.client);
  const { inviteID: before } = await alice.client.signaling.invite({ invitee: "bob", timeout: 60 });
  await world.server.kill();
  const inviting = alice.client.signaling.invite({ invitee: "bob", timeout: 60 });
  await world.server.startAgain();
  await inviting;
  await bob.hears("invitation.received", { inviteID: before });
  await bob.hears("invitation.received", { inviteID: inviting.inviteID });
  expect(acts.map((act) => act.inviteID)).toEqual([before, inviting.inviteID]);
  for (const { client } of [alice, bob]) {
    expect(client.invitations.open().map((invitation) => invitation.inviteID)).toEqual([before, inviting.inviteID]);
  }
  const [one] = bob.client.invitations.open();
  expect(one?.remainingMs).toBeGreaterThan(0);
  expect(one?.remainingMs).toBeLessThanOrEqual(60_000);
});
