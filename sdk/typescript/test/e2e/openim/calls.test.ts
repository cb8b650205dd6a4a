import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Server } from "../server.js";
import { type App, OpenImPeople, PAIRS } from "./people.js";

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

/** Who acts, as each version calls it. */
function actor(app: App, told: { opUserID?: string; userID?: string }): string | undefined {
  return app.version === 2 ? told.opUserID : told.userID;
}

describe.each(PAIRS)("a call of open-im-sdk %s to %s", (one, other) => {
  let alice: App;
  let bob: App;

  beforeEach(async () => {
    bob = await people.ready(other, "bob");
    alice = await people.ready(one, "alice");
  });

  test("rings, is accepted and ends when one hangs up", async () => {
    const invited = await alice.invites(alice.rtc({ customData: "hello" }));
    expect(invited).toMatchObject({ token: "", liveURL: "" });
    const ring = await bob.hears("OnReceiveNewInvitation");
    expect(actor(bob, ring)).toBe("alice");
    expect(ring.invitation).toMatchObject({
      inviterUserID: "alice",
      inviteeUserIDList: ["bob"],
      roomID: invited.roomID,
      customData: "hello",
      timeout: 30,
      mediaType: "video",
      platformID: 5,
      sessionType: 1,
    });
    expect(ring.invitation).not.toHaveProperty("groupID");
    expect(String(ring.invitation.initiateTime)).toHaveLength(other === 2 ? 10 : 13);
    expect(ring.participant.userInfo.userID).toBe("alice");
    expect(ring.offlinePushInfo).toEqual({});

    const accepted = await bob.asks("signalingAccept", { opUserID: "bob", invitation: ring.invitation });
    expect(accepted.roomID).toBe(invited.roomID);
    const answer = await alice.hears("OnInviteeAccepted");
    expect(actor(alice, answer)).toBe("bob");
    expect(answer).toMatchObject({
      opUserPlatformID: 5,
      invitation: { roomID: invited.roomID },
      participant: { userInfo: { userID: "bob" } },
    });

    // The inviter's own object has no room.
    expect(await alice.asks("signalingHungUp", { opUserID: "alice", invitation: alice.rtc() })).toEqual({});
    const hungUp = await bob.hears("OnHangUp");
    expect(actor(bob, hungUp)).toBe("alice");
    expect(hungUp).not.toHaveProperty("participant");
    expect(await bob.asks("signalingHungUp", { opUserID: "bob", invitation: ring.invitation })).toEqual({});
    expect(await alice.hasHeard("OnHangUp")).toBe(0);
    expect(await alice.hasHeard("OnReceiveNewInvitation")).toBe(0);
  });

  test("is rejected, and what is over can be refused, cancelled and left without effect", async () => {
    await alice.invites(alice.rtc({ roomID: "r1" }));
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    expect(await bob.asks("signalingReject", { opUserID: "bob", invitation })).toEqual({});
    const { participant } = await alice.hears("OnInviteeRejected");
    expect(participant.userInfo.userID).toBe("bob");
    for (const app of [alice, bob]) {
      for (const method of ["signalingReject", "signalingCancel", "signalingHungUp"]) {
        expect(await app.asks(method, { opUserID: app.userID, invitation })).toEqual({});
      }
    }
    const late = await bob.isRefused("signalingAccept", { opUserID: "bob", invitation });
    expect(late.errCode).not.toBe(0);
    expect(late.errMsg).toBeTruthy();
    expect(await alice.hasHeard("OnInviteeRejected")).toBe(1);
    expect(await bob.hasHeard("OnInvitationCancelled")).toBe(0);
  });

  test("is taken back", async () => {
    await alice.invites(alice.rtc());
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    expect((await bob.isRefused("signalingCancel", { opUserID: "bob", invitation })).errMsg).toContain("inviter");
    expect(await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc() })).toEqual({});
    const cancelled = await bob.hears("OnInvitationCancelled");
    expect(actor(bob, cancelled)).toBe("alice");
    expect(cancelled.invitation.roomID).toBe(invitation.roomID);
    await bob.isRefused("signalingAccept", { opUserID: "bob", invitation });
  });

  test("times out on both sides, once", async () => {
    await alice.invites(alice.rtc({ timeout: 1 }));
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    for (const app of [alice, bob]) {
      const told = await app.hears("OnInvitationTimeout");
      expect(actor(app, told)).toBe("alice");
      expect(told.invitation.inviteeUserIDList).toEqual(["bob"]);
      expect(await app.asks("signalingCancel", { opUserID: app.userID, invitation: told.invitation })).toEqual({});
      expect(await app.hasHeard("OnInvitationTimeout")).toBe(1);
    }
    await bob.isRefused("signalingAccept", { opUserID: "bob", invitation });
  });

  test("is answered on one device and told to the others", async () => {
    const phone = await people.ready(other, "bob", 1);
    await alice.invites(alice.rtc());
    await phone.hears("OnReceiveNewInvitation");
    const first = await bob.hears("OnReceiveNewInvitation");
    await bob.asks("signalingAccept", { opUserID: "bob", invitation: first.invitation });
    const told = await phone.hears("OnInviteeAcceptedByOtherDevice");
    expect(actor(phone, told)).toBe("bob");
    expect(told.opUserPlatformID).toBe(5);
    expect(await bob.hasHeard("OnInviteeAcceptedByOtherDevice")).toBe(0);
    await bob.asks("signalingHungUp", { opUserID: "bob", invitation: first.invitation });
    await alice.hears("OnHangUp");

    await alice.invites(alice.rtc());
    const second = await phone.hears("OnReceiveNewInvitation");
    await phone.asks("signalingReject", { opUserID: "bob", invitation: second.invitation });
    expect(actor(bob, await bob.hears("OnInviteeRejectedByOtherDevice"))).toBe("bob");
  });

  test("finds the other busy", async () => {
    const carol = await people.ready(one, "carol");
    await alice.invites(alice.rtc());
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    const refused = await carol.invites(carol.rtc()).catch((frame) => frame);
    expect(refused.errCode).toBe(35_001);
    expect(await bob.hasHeard("OnReceiveNewInvitation")).toBe(1);
  });

  test("becomes one call when both call each other", async () => {
    const mine = await alice.invites(alice.rtc());
    await bob.hears("OnReceiveNewInvitation");
    const theirs = await bob.invites(bob.rtc({ inviteeUserIDList: ["alice"] }));
    expect(theirs.roomID).toBe(mine.roomID);
    await alice.hears("OnInviteeAccepted");
    expect(await alice.hasHeard("OnReceiveNewInvitation")).toBe(0);
  });

  test("is not changed by an altered invitation", async () => {
    const carol = await people.ready(other, "carol");
    await alice.invites(alice.rtc({ roomID: "r1" }));
    const { invitation } = await bob.hears("OnReceiveNewInvitation");
    const altered = [
      { ...invitation, roomID: "r2" },
      { ...invitation, inviterUserID: "carol" },
      { ...invitation, inviterUserID: "" },
      { ...invitation, roomID: "" },
      { ...invitation, roomID: 7 },
      "nonsense",
      {},
    ];
    for (const changed of altered) {
      for (const method of ["signalingAccept", "signalingReject", "signalingCancel", "signalingHungUp"]) {
        const refused = await bob.isRefused(method, { opUserID: "bob", invitation: changed });
        expect(refused.errMsg).toBeTruthy();
      }
    }
    for (const method of ["signalingAccept", "signalingReject", "signalingCancel", "signalingHungUp"]) {
      await carol.isRefused(method, { opUserID: "carol", invitation });
      await carol.isRefused(method, { opUserID: "bob", invitation });
    }
    await carol.isRefused("signalingGetTokenByRoomID", "r1");
    await alice.invites(alice.rtc({ inviterUserID: "bob" })).then(
      () => expect.fail("alice called as bob"),
      (frame) => expect(frame.errMsg).toBeTruthy(),
    );
    await alice.invites(alice.rtc({ platformID: 99 })).then(
      () => expect.fail("there is no platform 99"),
      (frame) => expect(frame.errMsg).toContain("platform"),
    );
    await bob.asks("signalingAccept", { opUserID: "bob", invitation });
    await alice.hears("OnInviteeAccepted");
  });
});

describe.each(["sdk", 2, 3] as const)("a group call of open-im-sdk %s", (version) => {
  test("rings those who are invited, and any member may come in", async () => {
    const alice = await people.ready(version, "alice");
    const others = [await people.ready(2, "bob"), await people.ready(3, "carol"), await people.ready(3, "dave")] as const;
    const [bob, carol, dave] = others;
    const groupID = await group(alice, ["bob", "carol", "dave"]);
    const invited = await alice.invites(alice.groupRtc(groupID, ["bob", "carol"], { roomID: groupID }), "signalingInviteInGroup");
    expect(invited.roomID).toBe(groupID);
    for (const app of [bob, carol]) {
      const { invitation, participant } = await app.hears("OnReceiveNewInvitation");
      expect(invitation).toMatchObject({ groupID, sessionType: app.version, inviteeUserIDList: ["bob", "carol"] });
      expect(participant.groupInfo.groupID).toBe(groupID);
      expect(participant.groupMemberInfo.userID).toBe("alice");
      await app.asks("signalingAccept", { opUserID: app.userID, invitation });
      await alice.hears("OnInviteeAccepted");
    }
    expect(await dave.hasHeard("OnReceiveNewInvitation")).toBe(0);
    for (const inside of [["alice"], ["alice", "bob"], ["alice", "bob", "carol"]]) {
      const { participant } = await dave.hears("OnRoomParticipantConnected");
      // biome-ignore lint/suspicious/noExplicitAny: see Any.
      expect(participant.map((one: any) => one.userInfo.userID)).toEqual(inside);
    }
    const running = await dave.asks("signalingGetRoomByGroupID", groupID);
    expect(running).toMatchObject({ roomID: groupID, invitation: { inviterUserID: "alice" } });
    expect((await dave.asks("signalingGetTokenByRoomID", groupID)).roomID).toBe(groupID);
    expect((await carol.hears("OnRoomParticipantConnected")).participant.length).toBeGreaterThan(0);

    await carol.asks("signalingSendCustomSignal", { roomID: groupID, customInfo: "mute" });
    expect(await dave.hears("OnReceiveCustomSignal")).toEqual({ roomID: groupID, customInfo: "mute" });

    await dave.asks("signalingHungUp", { opUserID: "dave", invitation: running.invitation });
    expect(actor(bob, await bob.hears("OnHangUp"))).toBe("dave");
    for (const app of [carol, bob, alice]) {
      await app.asks("signalingHungUp", { opUserID: app.userID, invitation: running.invitation });
    }
    expect(await dave.asks("signalingGetRoomByGroupID", groupID)).toMatchObject({ roomID: "", participant: [] });
  });
});

describe.each(["sdk", 2, 3] as const)("a group call of open-im-sdk %s that is taken back", (version) => {
  test("from some ends for them alone, and again it does nothing", async () => {
    const alice = await people.ready(version, "alice");
    const [bob, carol, dave] = [await people.ready(2, "bob"), await people.ready(3, "carol"), await people.ready(3, "dave")];
    const groupID = await group(alice, ["bob", "carol", "dave"]);
    const everybody = alice.groupRtc(groupID, ["bob", "carol", "dave"], { roomID: groupID });
    await alice.invites(everybody, "signalingInviteInGroup");
    const { invitation } = await carol.hears("OnReceiveNewInvitation");
    const some = alice.groupRtc(groupID, ["bob"], { roomID: groupID });
    for (let times = 0; times < 2; times++) {
      expect(await alice.asks("signalingCancel", { opUserID: "alice", invitation: some })).toEqual({});
    }
    expect(actor(bob, await bob.hears("OnInvitationCancelled"))).toBe("alice");
    await carol.asks("signalingAccept", { opUserID: "carol", invitation });
    await alice.hears("OnInviteeAccepted");
    expect(await alice.asks("signalingCancel", { opUserID: "alice", invitation: everybody })).toEqual({});
    await dave.hears("OnInvitationCancelled");
    expect(await carol.hasHeard("OnInvitationCancelled")).toBe(0);
    expect(await bob.hasHeard("OnInvitationCancelled")).toBe(1);
  });
});

/** A group of the caller's and these. */
async function group(app: App, users: string[]): Promise<string> {
  const given =
    app.version === 2
      ? { groupBaseInfo: { groupType: 0, groupName: "Class" }, memberList: users.map((userID) => ({ userID, roleLevel: 1 })) }
      : { memberUserIDs: users, groupInfo: { groupType: 2, groupName: "Class" } };
  return (await app.asks("createGroup", given)).groupID;
}
