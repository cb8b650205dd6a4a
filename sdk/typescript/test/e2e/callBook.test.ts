import { afterEach, beforeEach, expect, test } from "vitest";
import { type Device, World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.end());

/** Each of them knows of the call what the server shows them. */
async function know(callID: string, ...devices: Device[]): Promise<void> {
  for (const { client, userID } of devices) {
    const known = client.calls.known(callID);
    const { call } = await client.calls.get({ callID });
    expect({ ...known, durationMs: 0 }, userID).toEqual({ ...call, durationMs: 0 });
    expect(
      client.calls.running().some((running) => running.callID === callID),
      userID,
    ).toBe(call.endedAt === undefined);
  }
}

test("a call between two: answered, moved to another device, and hung up", async () => {
  const [alice, bob, tablet] = [await world.connected("alice"), await world.connected("bob"), await world.connected("bob")];
  const { inviteID: callID } = await alice.client.signaling.invite({ invitee: "bob", call: { mediaType: "video" } });
  await bob.hears("invitation.received");
  await tablet.hears("invitation.received");
  await know(callID, alice, bob, tablet);
  await bob.client.signaling.accept({ inviteID: callID });
  await alice.hears("invitation.accepted");
  await tablet.hears("invitation.accepted");
  await know(callID, alice, bob, tablet);
  await tablet.client.calls.join({ callID });
  await alice.hears("call.joined");
  await bob.hears("call.joined");
  await know(callID, alice, bob, tablet);
  await alice.client.calls.hangUp({ callID });
  await bob.hears("call.hungUp", { endReason: "hungUp" });
  await tablet.hears("call.hungUp");
  await know(callID, alice, bob, tablet);
});

test("a call that rings is hung up by either side, or finds its invitee busy", async () => {
  const [alice, bob, carol] = [await world.connected("alice"), await world.connected("bob"), await world.connected("carol")];
  const rings = async () => {
    const { inviteID } = await alice.client.signaling.invite({ invitee: "bob", call: { mediaType: "video" } });
    await bob.hears("invitation.received");
    return inviteID;
  };
  const declined = await rings();
  await bob.client.calls.hangUp({ callID: declined });
  await alice.hears("invitation.rejected");
  await know(declined, alice, bob);
  const cancelled = await rings();
  await alice.client.calls.hangUp({ callID: cancelled });
  await bob.hears("invitation.cancelled");
  await know(cancelled, alice, bob);
  expect(bob.client.invitations.open(), "nothing goes on ringing").toEqual([]);
  expect(alice.client.invitations.open()).toEqual([]);
  await rings();
  const { inviteID: busy, call } = await carol.client.signaling.invite({ invitee: "alice", call: { mediaType: "audio" } });
  expect(call?.busyLineUserIDList).toEqual(["alice"]);
  await alice.hears("invitation.received", { busyLineUserIDList: ["alice"] });
  await know(busy, alice, carol);
});

test("a call of a group: more are invited, members come by themselves and go, and the last one is alone", async () => {
  const [alice, bob, carol] = [await world.connected("alice"), await world.connected("bob"), await world.connected("carol")];
  const { groupID } = await alice.client.groups.create({ name: "Team", members: ["bob", "carol"] });
  const wish = { groupID, call: { mediaType: "audio", roomID: "room" } };
  const all = [alice, bob, carol];
  const toldTo = (devices: Device[], type: string) => Promise.all(devices.map((device) => device.hears(type)));
  await toldTo([bob, carol], "group.membersAdded");
  const { inviteID: callID } = await alice.client.signaling.inviteInGroup({ ...wish, inviteeList: ["bob"] });
  await toldTo([bob, carol], "invitation.received");
  await know(callID, ...all);
  await bob.client.signaling.accept({ inviteID: callID });
  await toldTo([alice, carol], "invitation.accepted");
  await toldTo(all, "call.joined");
  await know(callID, ...all);
  await alice.client.signaling.inviteInGroup({ ...wish, inviteeList: ["carol"] });
  await toldTo([bob, carol], "invitation.received");
  await toldTo(all, "call.invited");
  await know(callID, ...all);
  await carol.client.calls.hangUp({ callID });
  await toldTo([alice, bob], "invitation.rejected");
  await toldTo(all, "call.declined");
  await know(callID, ...all);
  await carol.client.calls.join({ callID });
  await toldTo([alice, bob], "call.joined");
  await bob.client.calls.hangUp({ callID });
  await toldTo([alice, carol], "call.hungUp");
  await know(callID, ...all);
  await alice.client.calls.hangUp({ callID });
  await toldTo([bob, carol], "call.hungUp");
  await know(callID, ...all);
});

test("a call between two that grows: each who was called follows it to its end, whatever they answered", async () => {
  const [alice, bob, carol] = [await world.connected("alice"), await world.connected("bob"), await world.connected("carol")];
  const { client } = alice;
  const { inviteID: callID, call } = await client.signaling.invite({ invitee: "bob", call: { mediaType: "video" } });
  await bob.hears("invitation.received");
  const { inviteID } = await client.signaling.invite({
    invitee: "carol",
    call: { mediaType: "video", roomID: call?.roomID ?? "" },
  });
  await carol.hears("invitation.received");
  await bob.hears("call.invited");
  await alice.hears("call.invited");
  expect(carol.client.calls.known(callID), "her invitation says too little").toBeUndefined();
  await carol.client.calls.get({ callID });
  await know(callID, alice, bob, carol);
  await bob.client.calls.hangUp({ callID });
  await alice.hears("invitation.rejected");
  await Promise.all([alice, bob, carol].map((device) => device.hears("call.declined")));
  await know(callID, alice, bob, carol);
  await carol.client.signaling.accept({ inviteID });
  await alice.hears("invitation.accepted");
  await Promise.all([alice, bob, carol].map((device) => device.hears("call.joined")));
  await know(callID, alice, bob, carol);
  await carol.client.calls.hangUp({ callID });
  await Promise.all([alice, bob].map((device) => device.hears("call.hungUp", { endReason: "hungUp" })));
  await know(callID, alice, bob, carol);
});
