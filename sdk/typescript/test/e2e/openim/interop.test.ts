import { afterEach, beforeEach, describe, expect, test } from "vitest";
import TencentCloudChat from "../../../src/tencent/index.js";
import { People, refused } from "../tencent/people.js";
import { Signaler } from "../tencent/tsignaling.js";
import { Terminals } from "../terminal.js";
import { World } from "../world.js";
import { type Any, OpenImPeople } from "./people.js";

const { TSignaling } = TencentCloudChat;
/** What an app on Tencent's packages says of a video call. */
const VIDEO_CALL = JSON.stringify({ businessID: "av_call", data: { cmd: "videoCall", room_id: 7 } });

let world: World;
let people: OpenImPeople;
let tencents: People;
let terminals: Terminals;

beforeEach(async () => {
  world = await World.start();
  people = new OpenImPeople(world.server);
  tencents = new People(world.server);
  terminals = new Terminals(world.server);
});

afterEach(async () => {
  await people.end();
  await tencents.end();
  await terminals.end();
  await world.end();
});

describe.each(["sdk", 2, 3] as const)("open-im-sdk %s", (version) => {
  test("calls a native client, and hangs up", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await world.connected("bob");
    const { roomID } = await alice.invites(alice.rtc({ customData: "hello" }));
    const ring: Any = await bob.hears("invitation.received", { inviter: "alice", data: "hello" });
    expect(ring.call).toMatchObject({ roomID, mediaType: "video" });
    await bob.client.signaling.accept({ inviteID: ring.inviteID });
    await alice.hears("OnInviteeAccepted");
    await bob.client.calls.hangUp({ roomID });
    expect((await alice.hears("OnHangUp")).invitation.roomID).toBe(roomID);
  });

  test("is called by a native client, and rejects", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await world.connected("bob");
    await bob.client.signaling.invite({ invitee: "alice", call: { mediaType: "audio" }, timeout: 20 });
    const { invitation } = await alice.hears("OnReceiveNewInvitation");
    expect(invitation).toMatchObject({ inviterUserID: "bob", mediaType: "audio", timeout: 20, platformID: 7 });
    await alice.asks("signalingReject", { opUserID: "alice", invitation });
    await bob.hears("invitation.rejected");
  });

  test("calls Tencent's surface: it rings, is accepted, and either hangs up", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await tencents.ready("bob");
    for (const whoLeaves of ["alice", "bob"]) {
      const { roomID } = await alice.invites(alice.rtc({ customData: VIDEO_CALL }));
      const { inviteID, ...ring } = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
      expect(ring).toMatchObject({ inviter: "alice", inviteeList: ["bob"], groupID: "", data: VIDEO_CALL });
      expect(ring.remainingMs).toBeGreaterThan(0);
      await bob.chat.accept({ inviteID });
      expect((await alice.hears("OnInviteeAccepted")).participant.userInfo.userID).toBe("bob");
      if (whoLeaves === "alice") {
        await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc({ roomID }) });
        const told = await bob.hears(TSignaling.CALL_HUNG_UP);
        expect(told).toMatchObject({ inviteID, roomID, userID: "alice", endReason: "hungUp" });
      } else {
        await bob.chat.hangUp({ inviteID });
        expect((await alice.hears("OnHangUp")).invitation.roomID).toBe(roomID);
      }
    }
  });

  test("calls Tencent's surface: it is rejected, taken back, or nobody answers", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await tencents.ready("bob");
    await alice.invites(alice.rtc());
    const first = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
    await bob.chat.reject({ inviteID: first.inviteID });
    expect((await alice.hears("OnInviteeRejected")).participant.userInfo.userID).toBe("bob");
    await alice.invites(alice.rtc());
    const second = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
    await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc() });
    expect(await bob.hears(TSignaling.INVITATION_CANCELLED)).toMatchObject({ inviteID: second.inviteID, inviter: "alice" });
    await alice.invites(alice.rtc({ timeout: 1 }));
    const third = await bob.hears(TSignaling.NEW_INVITATION_RECEIVED);
    const timedOut = { inviteID: third.inviteID, inviteeList: ["bob"], isSelfTimeout: true };
    expect(await bob.hears(TSignaling.INVITATION_TIMEOUT)).toMatchObject(timedOut);
    await alice.hears("OnInvitationTimeout");
  });

  test("cannot ring a user who lets nobody ring, any more than Tencent's surface can", async () => {
    const alice = await people.ready(version, "alice");
    const carol = await tencents.ready("carol");
    const bob = await world.connected("bob");
    await bob.client.users.setReach({ ring: "nobody" });
    const ring = version === 2 ? alice.rtc() : { invitation: alice.rtc() };
    const { errCode, errMsg } = await alice.isRefused("signalingInvite", ring);
    expect(errCode).toBe(version === 2 ? 600 : 1302);
    const { code, message } = await refused(carol.chat.invite({ userID: "bob", data: "ring", timeout: 30 }));
    expect(code).toBe(20007);
    await bob.client.users.block({ userID: "alice" });
    expect(await alice.isRefused("signalingInvite", ring)).toMatchObject({ errCode, errMsg });
    await bob.client.users.block({ userID: "carol" });
    expect(await refused(carol.chat.invite({ userID: "bob", data: "ring", timeout: 30 }))).toMatchObject({ code, message });
  });

  test("is not rung for a user who is quiet, and rings no more when another device silences it; nor is Tencent's surface", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await tencents.ready("bob");
    const carol = await world.connected("carol");
    const phones = [await world.connected("alice"), await world.connected("bob")];
    for (const { userID, client } of phones) {
      const loud = await carol.client.signaling.invite({ invitee: userID, call: { mediaType: "audio" } });
      await (userID === "alice" ? alice.hears("OnReceiveNewInvitation") : bob.hears(TSignaling.NEW_INVITATION_RECEIVED));
      await client.signaling.silence({ inviteID: loud.inviteID });
      await (userID === "alice" ? alice.hears("OnInviteeRejectedByOtherDevice") : bob.hears(TSignaling.INVITEE_REJECTED));
      await carol.client.signaling.cancel({ inviteID: loud.inviteID });
      await (userID === "alice" ? alice.hears("OnInvitationCancelled") : bob.hears(TSignaling.INVITATION_CANCELLED));
      await client.users.setQuiet({ until: Date.now() + 3_600_000, again: false });
      const quiet = await carol.client.signaling.invite({ invitee: userID, call: { mediaType: "audio" } });
      await carol.client.signaling.cancel({ inviteID: quiet.inviteID });
      // The first that is heard of it is its end.
      await (userID === "alice" ? alice.hears("OnInvitationCancelled") : bob.hears(TSignaling.INVITATION_CANCELLED));
    }
    expect(await alice.hasHeard("OnReceiveNewInvitation")).toBe(1);
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
    await bob.hears(TSignaling.INVITEE_ACCEPTED);
    expect(await alice.asks("signalingHungUp", { opUserID: "alice", invitation })).toEqual({});
  });

  test("calls tsignaling: it rings, is accepted, and either hangs up", async () => {
    const alice = await people.ready(version, "alice");
    const bob = tencents.person("bob");
    const phone = await new Signaler(bob).ready();
    for (const whoLeaves of ["alice", "bob"]) {
      const { roomID } = await alice.invites(alice.rtc({ customData: VIDEO_CALL }));
      const { inviteID, ...ring } = await phone.hears("ts_new_invitation_received");
      expect(ring).toEqual({ inviter: "alice", groupID: "", inviteeList: ["bob"], data: VIDEO_CALL });
      await phone.app.accept({ inviteID, data: "coming" });
      expect((await alice.hears("OnInviteeAccepted")).participant.userInfo.userID).toBe("bob");
      if (whoLeaves === "alice") {
        await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc({ roomID }) });
        // The package knows no calls; the chat that it was given does.
        expect(await bob.hears(TSignaling.CALL_HUNG_UP)).toMatchObject({ inviteID, roomID, userID: "alice" });
      } else {
        await bob.chat.hangUp({ inviteID });
        expect((await alice.hears("OnHangUp")).invitation.roomID).toBe(roomID);
      }
    }
  });

  test("calls tsignaling: it is rejected, taken back, or nobody answers", async () => {
    const alice = await people.ready(version, "alice");
    const phone = await new Signaler(tencents.person("bob")).ready();
    const customData = VIDEO_CALL;
    await alice.invites(alice.rtc({ customData }));
    const first = await phone.hears("ts_new_invitation_received");
    await phone.app.reject({ inviteID: first.inviteID });
    expect((await alice.hears("OnInviteeRejected")).participant.userInfo.userID).toBe("bob");
    await alice.invites(alice.rtc({ customData }));
    const second = await phone.hears("ts_new_invitation_received");
    await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc() });
    expect(await phone.hears("ts_invitation_cancelled")).toMatchObject({ inviteID: second.inviteID, inviter: "alice" });
    await alice.invites(alice.rtc({ customData, timeout: 1 }));
    const third = await phone.hears("ts_new_invitation_received");
    const timedOut = { inviteID: third.inviteID, inviteeList: ["bob"] };
    expect(await phone.hears("ts_invitation_timeout")).toMatchObject(timedOut);
    await alice.hears("OnInvitationTimeout");
  });

  test("is called by tsignaling: it accepts, rejects, is called off, or does not answer", async () => {
    const alice = await people.ready(version, "alice");
    const phone = await new Signaler(tencents.person("bob")).ready();
    const rings = async (timeout = 30) => {
      const { inviteID } = await phone.app.invite({ userID: "alice", data: VIDEO_CALL, timeout });
      const { invitation, participant } = await alice.hears("OnReceiveNewInvitation");
      expect(invitation).toMatchObject({ inviterUserID: "bob", roomID: inviteID, mediaType: "video", customData: VIDEO_CALL });
      expect(participant.userInfo.userID).toBe("bob");
      return { inviteID, given: { opUserID: "alice", invitation } };
    };
    const first = await rings();
    expect((await alice.asks("signalingAccept", first.given)).roomID).toBe(first.inviteID);
    expect(await phone.hears("ts_invitee_accepted")).toMatchObject({ inviteID: first.inviteID, invitee: "alice" });

    const second = await rings();
    expect(await alice.asks("signalingReject", second.given)).toEqual({});
    expect(await phone.hears("ts_invitee_rejected")).toMatchObject({ inviteID: second.inviteID, invitee: "alice" });

    const third = await rings();
    await phone.app.cancel({ inviteID: third.inviteID });
    expect((await alice.hears("OnInvitationCancelled")).invitation.roomID).toBe(third.inviteID);
    expect((await alice.isRefused("signalingAccept", third.given)).errMsg).toBeTruthy();

    const fourth = await rings(1);
    expect((await alice.hears("OnInvitationTimeout")).invitation.roomID).toBe(fourth.inviteID);
    expect(await phone.hears("ts_invitation_timeout")).toMatchObject({ inviteID: fourth.inviteID, inviteeList: ["alice"] });
  });

  test("calls the terminal: it accepts, and either hangs up", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await terminals.ready("bob");
    for (const whoLeaves of ["alice", "bob"]) {
      const { roomID } = await alice.invites(alice.rtc({ customData: "hello" }));
      const ring = await bob.reads("alice calls you");
      expect(ring).toContain(`video call in ${roomID}`);
      expect(ring).toMatch(/\d+ s left\): hello — type `accept` or `reject`$/);
      bob.types("accept");
      await bob.reads(`you are in the call in ${roomID} (video)`);
      expect((await alice.hears("OnInviteeAccepted")).participant.userInfo.userID).toBe("bob");
      if (whoLeaves === "alice") {
        await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc({ roomID }) });
        expect(await bob.reads(`alice left the call in ${roomID}`)).toContain("which is over");
      } else {
        bob.types("hangup");
        await bob.reads("hung up");
        expect((await alice.hears("OnHangUp")).invitation.roomID).toBe(roomID);
      }
    }
  });

  test("calls the terminal: it rejects, the call is taken back, or nobody answers", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await terminals.ready("bob");
    await alice.invites(alice.rtc());
    await bob.reads("alice calls you");
    bob.types("reject");
    expect((await alice.hears("OnInviteeRejected")).participant.userInfo.userID).toBe("bob");
    await alice.invites(alice.rtc());
    await bob.reads("alice calls you");
    await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc() });
    await bob.reads("alice took the invitation back");
    await alice.invites(alice.rtc({ timeout: 1 }));
    await bob.reads("alice calls you");
    await bob.reads("you missed the invitation of alice");
    await alice.hears("OnInvitationTimeout");
  });

  test("is called by the terminal: it accepts, rejects, or is called off", async () => {
    const alice = await people.ready(version, "alice");
    const bob = await terminals.ready("bob");
    const rings = async (line: string, mediaType: string) => {
      bob.types(line);
      await bob.reads("ringing alice into room");
      const { invitation } = await alice.hears("OnReceiveNewInvitation");
      expect(invitation).toMatchObject({ inviterUserID: "bob", inviteeUserIDList: ["alice"], mediaType, platformID: 7 });
      return { opUserID: "alice", invitation };
    };
    const first = await rings("call alice --timeout 20 --data hello", "video");
    expect(first.invitation).toMatchObject({ timeout: 20, customData: "hello" });
    expect((await alice.asks("signalingAccept", first)).roomID).toBe(first.invitation.roomID);
    await bob.reads("alice accepted");
    await alice.asks("signalingHungUp", first);
    expect(await bob.reads(`alice left the call in ${first.invitation.roomID}`)).toContain("which is over");

    const second = await rings("call alice --audio", "audio");
    await alice.asks("signalingReject", second);
    await bob.reads("alice rejected");

    const third = await rings("call alice", "video");
    bob.types("cancel");
    await bob.reads("cancelled");
    expect((await alice.hears("OnInvitationCancelled")).invitation.roomID).toBe(third.invitation.roomID);

    const fourth = await rings("call alice", "video");
    bob.types("hangup");
    await bob.reads("hung up");
    expect((await alice.hears("OnInvitationCancelled")).invitation.roomID).toBe(fourth.invitation.roomID);
  });
});
