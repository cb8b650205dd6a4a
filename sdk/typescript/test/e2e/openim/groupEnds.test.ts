import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Server } from "../server.js";
import { type Any, type App, OpenImPeople } from "./people.js";

let server: Server;
let people: OpenImPeople;

beforeEach(async () => {
  server = await Server.start();
  people = new OpenImPeople(server);
});

afterEach(async () => {
  await people.end();
  await server.end();
});

/** Who is in the room, as an event tells it. */
function inside({ participant }: Any): string[] {
  return participant.map((one: Any) => one.userInfo.userID);
}

/** The ways in which a group's call ends before anybody has answered. Each is told the ring as bob heard it, where it needs that. */
const ENDS: Record<string, (alice: App, bob: App, call: Any) => Promise<unknown>> = {
  "is taken back": (alice, _, call) => alice.asks("signalingCancel", { opUserID: "alice", invitation: call }),
  "everybody rejects": async (_, bob) => {
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    await bob.asks("signalingReject", { opUserID: "bob", invitation });
  },
  "rings out": (alice) => alice.hears("OnInvitationTimeout"),
  "loses its caller": (alice, _, call) => alice.asks("signalingHungUp", { opUserID: "alice", invitation: call }),
  "loses the one who rang to another group": (_, bob, { groupID }) => bob.asks("quitGroup", groupID),
  "loses its group": (alice, _, { groupID }) => alice.asks("dismissGroup", groupID),
};

// Only the newer package and the object know rooms.
describe.each([3, "sdk"] as const)("a member with open-im-sdk %s who was not invited", (kind) => {
  test.each(Object.entries(ENDS))("hears that nobody is in a group's call that %s", async (end, ends) => {
    const [alice, bob, carol] = [
      await people.ready(kind, "alice"),
      await people.ready(3, "bob"),
      await people.ready(kind, "carol"),
    ];
    const groupID = await group(alice);
    const call = alice.groupRtc(groupID, ["bob"], { roomID: groupID, timeout: end === "rings out" ? 1 : 30 });
    await alice.invites(call, "signalingInviteInGroup");
    expect(inside(await carol.hears("OnRoomParticipantConnected"))).toEqual(["alice"]);
    await ends(alice, bob, call);
    const told = await carol.hears("OnRoomParticipantDisconnected");
    expect(told.groupID).toBe(groupID);
    expect(inside(told)).toEqual([]);
    expect(await carol.hasHeard("OnRoomParticipantDisconnected")).toBe(1);
    expect(await carol.hasHeard("OnRoomParticipantConnected")).toBe(1);
  });

  test("hears nothing of a call to members who are all busy", async () => {
    const [alice, bob, carol] = [
      await people.ready(kind, "alice"),
      await people.ready(3, "bob"),
      await people.ready(kind, "carol"),
    ];
    const groupID = await group(alice);
    await people.ready(3, "dave");
    await bob.invites(bob.rtc({ inviteeUserIDList: ["dave"] }));
    const refused = await alice.isRefused("signalingInviteInGroup", {
      invitation: alice.groupRtc(groupID, ["bob"], { roomID: groupID }),
    });
    expect(refused.errCode).toBe(35_001);
    expect(await carol.hasHeard("OnRoomParticipantConnected")).toBe(0);
    expect(await carol.hasHeard("OnRoomParticipantDisconnected")).toBe(0);
  });
});

describe("a group's call to several", () => {
  test("tells its caller who of them is busy, and rings the others", async () => {
    const [alice, bob] = [await people.ready(3, "alice"), await people.ready(3, "bob")];
    const [carol, dave] = [await people.ready(3, "carol"), await people.ready(3, "dave")];
    const groupID = await group(alice);
    await bob.invites(bob.rtc({ inviteeUserIDList: ["dave"] }));
    await dave.hears("OnReceiveNewInvitation");
    const call = alice.groupRtc(groupID, ["bob", "carol"], { roomID: groupID });
    const invited = await alice.asks("signalingInviteInGroup", { invitation: call });
    expect(invited.busyLineUserIDList).toEqual(["bob"]);
    await carol.hears("OnReceiveNewInvitation");
    expect(await bob.hasHeard("OnReceiveNewInvitation")).toBe(0);
  });

  test("may not be made into a room of strangers", async () => {
    const [alice, bob, mallory] = [
      await people.ready(3, "alice"),
      await people.ready(3, "bob"),
      await people.ready(2, "mallory"),
    ];
    await alice.invites(alice.rtc({ roomID: "theirs" }));
    await bob.hears("OnReceiveNewInvitation");
    await people.ready(3, "carol");
    const refused = await mallory.isRefused("signalingInvite", mallory.rtc({ inviteeUserIDList: ["carol"], roomID: "theirs" }));
    expect(refused.errCode).toBe(8012);
    expect(refused.errMsg).toBeTruthy();
  });
});

/** A group of the caller's, bob and carol. */
async function group(app: App): Promise<string> {
  const groupInfo = { groupType: 2, groupName: "Class" };
  return (await app.asks("createGroup", { memberUserIDs: ["bob", "carol"], groupInfo })).groupID;
}
