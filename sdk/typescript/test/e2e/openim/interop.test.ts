import { afterEach, beforeEach, describe, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { People } from "../tencent/people.js";
import { World } from "../world.js";
import { type Any, OpenImPeople } from "./people.js";

let world: World;
let people: OpenImPeople;
let tencents: People;

beforeEach(async () => {
  world = await World.start();
  people = new OpenImPeople(world.server);
  tencents = new People(world.server);
});

afterEach(async () => {
  await people.end();
  await tencents.end();
  await world.end();
});

describe.each([2, 3] as const)("open-im-sdk %i", (version) => {
  test("calls, and is called by, a native client", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await world.connected("bob");
    const { roomID } = await alice.invites(alice.rtc({ customData: "hello" }));
    const call = { roomID, mediaType: "video" };
    const ring: Any = await bob.hears("invitation.received", { inviter: "alice", data: "hello" });
    expect(ring.call).toMatchObject(call);
    await bob.client.signaling.accept({ inviteID: ring.inviteID });
    await alice.hears("OnInviteeAccepted");
    await bob.client.calls.hangUp({ roomID });
    expect((await alice.hears("OnHangUp")).invitation.roomID).toBe(roomID);

    await bob.client.signaling.invite({ invitee: "alice", call: { mediaType: "audio" }, timeout: 20 });
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    expect(invitation).toMatchObject({ inviterUserID: "bob", mediaType: "audio", timeout: 20, platformID: 7 });
    await alice.asks("signalingReject", { opUserID: "alice", invitation });
    await bob.hears("invitation.rejected");
  });

  test("is called by Tencent's surface when the payload says that it is a call, and by nothing else", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await tencents.ready("bob");
    await bob.chat.invite({ userID: "alice", data: JSON.stringify({ businessID: "raise_hand" }), timeout: 30 });
    const data = JSON.stringify({ businessID: "av_call", data: { cmd: "audioCall", room_id: 7 } });
    const { inviteID } = await bob.chat.invite({ userID: "alice", data, timeout: 30 });
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    expect(invitation).toMatchObject({ inviterUserID: "bob", roomID: inviteID, mediaType: "audio", customData: data });
    expect(await alice.hasHeard("OnReceiveNewInvitation")).toBe(1);
    expect((await alice.asks("signalingAccept", { opUserID: "alice", invitation })).roomID).toBe(inviteID);
    await bob.hears(TencentCloudChat.TSignaling.INVITEE_ACCEPTED);
    expect(await alice.asks("signalingHungUp", { opUserID: "alice", invitation })).toEqual({});
  });
});
