import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type App, OpenImPeople } from "../../../sdk/typescript/test/e2e/openim/people.js";
import type { Person } from "./person.js";
import { World } from "./world.js";

let world: World;
let people: OpenImPeople;

beforeAll(async () => {
  world = await World.start();
});

afterEach(async () => {
  await people.end();
  await world.clear();
});

afterAll(() => world.end());

describe.each([2, 3] as const)("open-im-sdk %i", (version) => {
  /** Ann at the page, and Omar with OpenIM's package. */
  async function both(story: string): Promise<[Person, App]> {
    people = new OpenImPeople(world.server);
    return Promise.all([world.person(`Ann-${version}-${story}`), people.ready(version, `Omar-${version}-${story}`)]);
  }

  it("calls the page, which accepts; either hangs up", async () => {
    const [ann, omar] = await both("accepts");
    for (const whoLeaves of [ann, omar]) {
      const given = omar.rtc({ inviteeUserIDList: [ann.name] });
      const { roomID } = await omar.invites(given);
      await ann.hearsRing(omar.userID);
      await ann.presses("Accept");
      expect((await omar.hears("OnInviteeAccepted")).participant.userInfo.userID).toBe(ann.name);
      if (whoLeaves === ann) {
        await ann.presses("Hang up");
        expect((await omar.hears("OnHangUp")).invitation.roomID).toBe(roomID);
      } else {
        await omar.asks("signalingHungUp", { opUserID: omar.userID, invitation: { ...given, roomID } });
        await ann.reads("Call ended");
      }
      await ann.closes();
    }
    await ann.turnsTo(omar.userID);
    expect(await ann.lines(/^Duration 00:\d\d$/)).toBe(2);
  });

  it("calls the page, which declines, or is too late, or does not answer", async () => {
    const [ann, omar] = await both("declines");
    const given = omar.rtc({ inviteeUserIDList: [ann.name], mediaType: "audio" });
    await ann.turnsTo(omar.userID);
    await omar.invites(given);
    await ann.hearsRing(omar.userID);
    await ann.presses("Decline");
    expect((await omar.hears("OnInviteeRejected")).participant.userInfo.userID).toBe(ann.name);
    await ann.readsLine("You declined");

    await omar.invites(given);
    await ann.hearsRing(omar.userID);
    await omar.asks("signalingCancel", { opUserID: omar.userID, invitation: given });
    await ann.reads("You missed a call");
    await ann.closes();
    await ann.readsLine("Missed call");

    await omar.invites({ ...given, timeout: 1 });
    await omar.hears("OnInvitationTimeout");
    await ann.reads("You missed a call");
    await ann.closes();
    expect(await ann.lines("Missed call")).toBe(2);
  });

  it("is called by the page, and accepts; either hangs up", async () => {
    const [ann, omar] = await both("accepted");
    for (const whoLeaves of [ann, omar]) {
      await ann.calls(omar.userID);
      const { invitation, participant } = await omar.hears("OnReceiveNewInvitation");
      expect(invitation).toMatchObject({ inviterUserID: ann.name, mediaType: "video", timeout: 30, platformID: 5 });
      expect(participant.userInfo.userID).toBe(ann.name);
      await omar.asks("signalingAccept", { opUserID: omar.userID, invitation });
      await ann.sees(ann.page.getByRole("button", { name: "Hang up" }));
      if (whoLeaves === ann) {
        await ann.presses("Hang up");
        expect((await omar.hears("OnHangUp")).invitation.roomID).toBe(invitation.roomID);
      } else {
        await omar.asks("signalingHungUp", { opUserID: omar.userID, invitation });
        await ann.reads("Call ended");
      }
      await ann.closes();
    }
    expect(await ann.lines(/^Duration 00:\d\d$/)).toBe(2);
  });

  it("is called by the page, and rejects, is busy, or the call is taken back", async () => {
    const [ann, omar] = await both("rejects");
    const nora = await people.ready(version, `Nora-${version}`);
    await ann.calls(omar.userID, "audio");
    const { invitation } = await omar.hears("OnReceiveNewInvitation");
    expect(invitation.mediaType).toBe("audio");
    await omar.asks("signalingReject", { opUserID: omar.userID, invitation });
    await ann.reads(`${omar.userID} declined`);
    await ann.closes();
    await ann.readsLine("Declined");

    await ann.calls(omar.userID);
    await omar.hears("OnReceiveNewInvitation");
    await ann.presses("Cancel");
    expect((await omar.hears("OnInvitationCancelled")).invitation.inviterUserID).toBe(ann.name);
    await ann.closes();
    await ann.readsLine("Cancelled");

    await nora.invites(nora.rtc({ inviteeUserIDList: [omar.userID] }));
    const call = await omar.hears("OnReceiveNewInvitation");
    await omar.asks("signalingAccept", { opUserID: omar.userID, invitation: call.invitation });
    await ann.presses(`Video call to ${omar.userID}`);
    await ann.reads(`${omar.userID} is in another call`);
    await ann.closes();
    await ann.readsLine("Busy");
    expect(await omar.hasHeard("OnReceiveNewInvitation")).toBe(3);
  });
});
