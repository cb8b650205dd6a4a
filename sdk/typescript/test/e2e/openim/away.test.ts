import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Server } from "../server.js";
import { type App, OpenImPeople } from "./people.js";

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

describe.each([2, 3] as const)("open-im-sdk %i", (version) => {
  let alice: App;

  beforeEach(async () => {
    alice = await people.ready(3, "alice", 2);
  });

  /** Signs in as a page does that was loaded anew. */
  async function back(): Promise<App> {
    return people.ready(version, "bob");
  }

  async function leaves(app: App): Promise<void> {
    await app.sdk.logout?.();
  }

  test("on a platform that was never seen rings what is pending", async () => {
    await leaves(await back());
    const phone = people.app(version, "bob", 1);
    await alice.invites(alice.rtc());
    await phone.login();
    const { invitation } = await phone.hears("OnReceiveNewInvitation");
    expect(invitation.inviterUserID).toBe("alice");
    expect(invitation.timeout).toBeLessThanOrEqual(30);
    if (version === 3) {
      expect((await phone.asks("getSignalingInvitationInfoStartApp")).invitation.roomID).toBe(invitation.roomID);
    }
    await phone.asks("signalingAccept", { opUserID: "bob", invitation });
    await alice.hears("OnInviteeAccepted");
  });

  test("hears once what happened while it was away, and nothing of what it knows", async () => {
    const before = await back();
    await alice.invites(alice.rtc({ roomID: "first" }));
    const { invitation } = await before.hears("OnReceiveNewInvitation");
    await leaves(before);
    await alice.asks("signalingCancel", { opUserID: "alice", invitation });
    await alice.invites(alice.rtc({ roomID: "gone" }));
    await alice.asks("signalingCancel", { opUserID: "alice", invitation: alice.rtc({ roomID: "gone" }) });
    await alice.invites(alice.rtc({ roomID: "second" }));

    const after = await back();
    expect((await after.hears("OnInvitationCancelled")).invitation.roomID).toBe("first");
    expect((await after.hears("OnInvitationCancelled")).invitation.roomID).toBe("gone");
    expect((await after.hears("OnReceiveNewInvitation")).invitation.roomID).toBe("second");
    expect(await after.hasHeard("OnReceiveNewInvitation")).toBe(1);
    await leaves(after);

    const again = await back();
    expect(await again.hasHeard("OnReceiveNewInvitation")).toBe(0);
    if (version === 3) {
      expect((await again.asks("getSignalingInvitationInfoStartApp")).invitation.roomID).toBe("second");
    }
  });

  test("goes on where it was after the server was killed", async () => {
    const before = await back();
    await leaves(before);
    const { roomID } = await alice.invites(alice.rtc());
    await server.kill();
    await server.startAgain();
    const after = await back();
    expect((await after.hears("OnReceiveNewInvitation")).invitation.roomID).toBe(roomID);
    expect(await after.hasHeard("OnReceiveNewInvitation")).toBe(1);
    // The caller's client comes back by itself.
    await alice.hears("OnSyncServerFinish");
  });

  test("is called by one who signs out, and hears that it rang out", async () => {
    const bob = await back();
    await alice.invites(alice.rtc({ timeout: 1 }));
    await alice.sdk.logout?.();
    await bob.hears("OnReceiveNewInvitation");
    expect((await bob.hears("OnInvitationTimeout")).invitation.inviterUserID).toBe("alice");
  });
});
