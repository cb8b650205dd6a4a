import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnyEvent } from "../../../src/index.js";
import TencentCloudChat from "../../../src/tencent/index.js";
import { People, type Person } from "../tencent/people.js";
import { type Terminal, Terminals } from "../terminal.js";
import { type Device, World } from "../world.js";
import { type Any, type App, OpenImPeople } from "./people.js";

const { TSignaling } = TencentCloudChat;

let world: World;
let people: OpenImPeople;
let tencents: People;
let terminals: Terminals;
/** The members of the group, each with another kind of client; the first owns it. */
let alice: App;
let bob: Device;
let carol: Person;
let dave: Terminal;
let erin: App;

describe.each([
  "sdk",
  2,
  3,
] as const)("a group call of open-im-sdk %s, a native client, Tencent's surface and the terminal", (version) => {
  beforeEach(async () => {
    world = await World.start();
    people = new OpenImPeople(world.server);
    tencents = new People(world.server);
    terminals = new Terminals(world.server);
    bob = await world.connected("bob");
    carol = await tencents.ready("carol");
    dave = await terminals.ready("dave");
    erin = await people.ready(3, "erin");
    alice = await people.ready(version, "alice");
    const members = ["alice", "carol", "dave", "erin"];
    await bob.client.groups.create({ groupID: "class", name: "Class", members });
  });

  afterEach(async () => {
    await people.end();
    await tencents.end();
    await terminals.end();
    await world.end();
  });

  test("all are in one room; one after the other leaves, and the rest see it", async () => {
    const given = alice.groupRtc("class", ["bob", "carol", "dave"], { customData: "hello" });
    const { roomID } = await alice.invites(given, "signalingInviteInGroup");
    const ring = await bobHears("invitation.received", { inviter: "alice", data: "hello" });
    await bob.client.signaling.accept({ inviteID: String(ring.inviteID) });
    const heard = await carol.hears(TSignaling.NEW_INVITATION_RECEIVED);
    expect(heard).toMatchObject({ inviter: "alice", groupID: "class", inviteeList: ["bob", "carol", "dave"], data: "hello" });
    await carol.chat.accept({ inviteID: heard.inviteID });
    await dave.reads("alice calls you in #class with bob, carol");
    dave.types("accept");
    await dave.reads(`you are in the call in ${roomID}`);
    const answers = [
      await alice.hears("OnInviteeAccepted"),
      await alice.hears("OnInviteeAccepted"),
      await alice.hears("OnInviteeAccepted"),
    ];
    expect(answers.map(({ participant }) => participant.userInfo.userID).sort()).toEqual(["bob", "carol", "dave"]);
    expect(await inRoom(roomID)).toEqual(["alice", "bob", "carol", "dave"]);
    // A member who was not invited can see the call and whoever is in it.
    const seen = await erin.asks("signalingGetRoomByGroupID", "class");
    expect(seen.participant.map((one: Any) => one.userInfo.userID).sort()).toEqual(["alice", "bob", "carol", "dave"]);

    dave.types("hangup");
    await dave.reads("hung up");
    expect(actor(await alice.hears("OnHangUp"))).toBe("dave");
    const left = await bobHears("call.hungUp", { userID: "dave" });
    expect(left.endReason).toBeUndefined();
    const told = await carol.hears(TSignaling.CALL_HUNG_UP);
    expect(told).toMatchObject({ inviteID: heard.inviteID, roomID, userID: "dave" });
    expect(told).not.toHaveProperty("endReason");
    expect(await inRoom(roomID)).toEqual(["alice", "bob", "carol"]);

    await carol.chat.hangUp({ inviteID: heard.inviteID });
    expect(actor(await alice.hears("OnHangUp"))).toBe("carol");
    await dave.reads(`carol left the call in ${roomID}`);

    await alice.asks("signalingHungUp", { opUserID: "alice", invitation: given });
    await bobHears("call.hungUp", { userID: "alice", endReason: "hungUp" });
    expect(await dave.reads(`alice left the call in ${roomID}`)).toContain("which is over");
    expect((await bob.client.calls.get({ roomID })).call).toMatchObject({ endReason: "hungUp" });
    expect(await erin.asks("signalingGetRoomByGroupID", "class")).toMatchObject({ roomID: "", participant: [] });
  });

  test("begun at the terminal, joined without an invitation, and left by the one who began it", async () => {
    dave.types("call-group class alice carol --audio");
    await dave.reads("ringing alice, carol into room");
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    const { roomID } = invitation;
    expect(invitation).toMatchObject({ inviterUserID: "dave", groupID: "class", mediaType: "audio", sessionType: alice.version });
    await alice.asks("signalingAccept", { opUserID: "alice", invitation });
    await dave.reads(`alice is in the call in ${roomID}`);
    const { inviteID } = await carol.hears(TSignaling.NEW_INVITATION_RECEIVED);
    await carol.chat.reject({ inviteID });
    await dave.reads("carol rejected");
    await bob.client.calls.join({ roomID });
    await dave.reads(`bob is in the call in ${roomID}`);
    expect((await erin.asks("signalingGetTokenByRoomID", roomID)).roomID).toBe(roomID);
    await bobHears("call.joined", { userID: "erin" });
    expect(await inRoom(roomID)).toEqual(["alice", "bob", "dave", "erin"]);

    dave.types("hangup");
    expect(actor(await alice.hears("OnHangUp"))).toBe("dave");
    expect(await inRoom(roomID)).toEqual(["alice", "bob", "erin"]);
    dave.types(`join ${roomID}`);
    await dave.reads(`you are in the call in ${roomID} (audio)`);
    for (const userID of ["alice", "erin"]) {
      const app = userID === "alice" ? alice : erin;
      await app.asks("signalingHungUp", { opUserID: userID, invitation });
      await dave.reads(`${userID} left the call in ${roomID}`);
    }
    await bob.client.calls.hangUp({ roomID });
    expect(await dave.reads(`bob left the call in ${roomID}`)).toContain("which is over");
  });
});

/** Who acts, as each version calls it. */
function actor(told: { opUserID?: string; userID?: string }): string | undefined {
  return alice.version === 2 ? told.opUserID : told.userID;
}

/** Bob's client is told everything that any member is; this is the event that is meant. */
async function bobHears(type: string, fields: object): Promise<AnyEvent> {
  return vi.waitFor(() => {
    const found = bob.heard.find((event) => event.type === type && matches(event, fields));
    expect(found, `bob waits for ${type} ${JSON.stringify(fields)}`).toBeDefined();
    return found as AnyEvent;
  }, 15_000);
}

function matches(event: AnyEvent, fields: object): boolean {
  return Object.entries(fields).every(([name, value]) => (event as Any)[name] === value);
}

/** The people in a room, as the server shows them. */
async function inRoom(roomID: string): Promise<string[]> {
  const { call } = await bob.client.calls.get({ roomID });
  return call.people
    .filter(({ state }) => state === "joined")
    .map(({ userID }) => userID)
    .sort();
}
