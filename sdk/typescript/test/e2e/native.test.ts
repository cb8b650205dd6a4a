import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import TencentCloudChat from "../../src/tencent/index.js";
import { CALLINGS, NATIVES, Natives, PATIENCE_MS } from "./native.js";
import { type Any, OpenImPeople } from "./openim/people.js";
import { People } from "./tencent/people.js";
import { World } from "./world.js";

const { TSignaling } = TencentCloudChat;

// Two programs in some of them, each of which has its patience.
vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

let world: World;
let natives: Natives;
let tencents: People;
let openIms: OpenImPeople;

beforeEach(async () => {
  world = await World.start();
  natives = new Natives(world.server);
  tencents = new People(world.server);
  openIms = new OpenImPeople(world.server);
});

afterEach(async () => {
  await natives.end();
  await tencents.end();
  await openIms.end();
  await world.end();
});

describe.each(NATIVES)("$name", (native) => {
  test("is called by the page's client: it accepts, and rejects", async () => {
    const bob = await natives.callee(native, "bob");
    const alice = await world.connected("alice");
    const { inviteID } = await alice.client.signaling.invite({ invitee: "bob", data: "dinner?" });
    expect(await bob.says("rings: ")).toBe(`${inviteID} from alice: dinner?`);
    await alice.hears("invitation.accepted", { inviteID, invitee: "bob" });
    await alice.client.signaling.invite({ invitee: "bob", data: "no" });
    await alice.hears("invitation.rejected", { invitee: "bob" });
  });

  test("calls the page's client: it accepts, and rejects", async () => {
    const bob = await world.connected("bob");
    const hopeful = natives.caller(native, "alice", "bob", "dinner?");
    const inviteID = await hopeful.says("inviting: ");
    const ring: Any = await bob.hears("invitation.received", { inviter: "alice", data: "dinner?" });
    expect(ring.inviteID).toBe(inviteID);
    await bob.client.signaling.accept({ inviteID: ring.inviteID });
    expect(await hopeful.says("accepted by ")).toMatch(/^bob/);
    expect(await hopeful.ends()).toBe(0);
    const refused = natives.caller(native, "alice", "bob", "again?");
    await refused.says("inviting: ");
    const again: Any = await bob.hears("invitation.received", { data: "again?" });
    await bob.client.signaling.reject({ inviteID: again.inviteID });
    expect(await refused.says("rejected by ")).toMatch(/^bob/);
    expect(await refused.ends()).toBe(3);
  });

  test("is called by Tencent's surface: it accepts, and rejects", async () => {
    const bob = await natives.callee(native, "bob");
    const alice = await tencents.ready("alice");
    const { inviteID } = await alice.chat.invite({ userID: "bob", data: "dinner?", timeout: 30 });
    expect(await bob.says("rings: ")).toBe(`${inviteID} from alice: dinner?`);
    expect(await alice.hears(TSignaling.INVITEE_ACCEPTED)).toMatchObject({ inviteID, invitee: "bob" });
    await alice.chat.invite({ userID: "bob", data: "no", timeout: 30 });
    expect(await alice.hears(TSignaling.INVITEE_REJECTED)).toMatchObject({ invitee: "bob" });
  });

  test("calls Tencent's surface: it accepts, and rejects", async () => {
    const bob = await tencents.ready("bob");
    const hopeful = natives.caller(native, "alice", "bob", "dinner?");
    await hopeful.says("inviting: ");
    const { inviteID, ...ring } = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
    expect(ring).toMatchObject({ inviter: "alice", inviteeList: ["bob"], data: "dinner?" });
    await bob.chat.accept({ inviteID });
    expect(await hopeful.says("accepted by ")).toMatch(/^bob/);
    const refused = natives.caller(native, "alice", "bob", "again?");
    await refused.says("inviting: ");
    await bob.chat.reject({ inviteID: (await bob.hears(TSignaling.NEW_INVITATION_RECEIVED)).inviteID });
    expect(await refused.says("rejected by ")).toMatch(/^bob/);
  });

  test.each([2, 3] as const)("is called by open-im-sdk %s: it accepts, and rejects", async (version) => {
    const bob = await natives.callee(native, "bob");
    const alice = await openIms.ready(version, "alice");
    await alice.invites(alice.rtc({ customData: "dinner?" }));
    expect(await bob.says("rings: ")).toMatch(/ from alice: dinner\?$/);
    expect((await alice.hears("OnInviteeAccepted")).participant.userInfo.userID).toBe("bob");
    await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc() });
    await alice.invites(alice.rtc({ customData: "no" }));
    expect((await alice.hears("OnInviteeRejected")).participant.userInfo.userID).toBe("bob");
  });
});

describe.each(CALLINGS)("calls in $name", (calling) => {
  test.each([2, 3] as const)("open-im-sdk %s calls, and hangs up", async (version) => {
    const bob = await natives.callee(calling, "bob");
    const alice = await openIms.ready(version, "alice");
    const { roomID } = await alice.invites(alice.rtc({ customData: "bye" }));
    const callID = (await bob.says("rings: ")).split(" ")[0];
    await alice.hears("OnInviteeAccepted");
    await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc({ roomID }) });
    expect(await bob.says("left: ")).toBe("alice");
    expect(await bob.says("ended: ")).toBe(`${callID} 2`);
    expect(await bob.ends()).toBe(0);
  });

  test.each([2, 3] as const)("open-im-sdk %s is called, and hangs up or rejects", async (version) => {
    const bob = await openIms.ready(version, "bob");
    const caller = natives.caller(calling, "alice", "bob", "hello");
    await caller.says("calling: ");
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    expect(invitation).toMatchObject({ inviterUserID: "alice", mediaType: "audio", customData: "hello" });
    await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    expect(await caller.says("joined: ")).toBe("bob");
    await bob.asks("signalingHungUp", { opUserID: "bob", invitation });
    expect(await caller.ends()).toBe(0);
    const refused = natives.caller(calling, "alice", "bob", "again");
    await refused.says("calling: ");
    await bob.asks("signalingReject", { opUserID: "bob", invitation: (await bob.hears("OnReceiveNewInvitation")).invitation });
    expect(await refused.ends()).toBe(3);
  });

  test("the page's client calls, is answered a signal, and hangs up", async () => {
    const bob = await natives.callee(calling, "bob");
    const alice = await world.connected("alice");
    const invited = await alice.client.signaling.invite({ invitee: "bob", data: "bye", call: { mediaType: "video" } });
    await alice.hears("invitation.accepted", { invitee: "bob" });
    await alice.client.calls.signal({ callID: invited.inviteID, data: "offer" });
    expect(await bob.says("signal from ")).toBe("alice: offer");
    await alice.hears("call.signal", { sender: "bob", data: "you too" });
    await alice.client.calls.hangUp({ callID: invited.inviteID });
    expect(await bob.says("ended: ")).toBe(`${invited.inviteID} 2`);
    expect(await bob.ends()).toBe(0);
  });
});
