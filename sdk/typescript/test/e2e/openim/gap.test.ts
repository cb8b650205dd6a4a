import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Line } from "../line.js";
import { Server } from "../server.js";
import { type Any, type App, OpenImPeople, PATIENCE_MS } from "./people.js";

let server: Server;
let lines: Line[];
let people: OpenImPeople[];
/** Rejections that the packages leave unhandled when they sign in by themselves and cannot. */
const unhandled = vi.fn();

beforeEach(async () => {
  server = await Server.start();
  lines = [];
  people = [];
  process.on("unhandledRejection", unhandled);
});

afterEach(async () => {
  await Promise.all(people.map((one) => one.end()));
  for (const line of lines) {
    line.end();
  }
  await server.end();
  process.off("unhandledRejection", unhandled);
});

/** Somebody with a line of their own. */
async function person(version: 2 | 3, userID: string, platformID = 5): Promise<{ app: App; line: Line }> {
  const line = await Line.to(server);
  lines.push(line);
  const one = new OpenImPeople({ url: line.url, token: (user: string) => server.token(user) });
  people.push(one);
  return { app: await one.ready(version, userID, platformID), line };
}

/** The packages find out each in their own time that the connection is gone. */
async function losesConnection({ app, line }: { app: App; line: Line }): Promise<void> {
  line.cut();
  const { sdk } = app as unknown as { sdk: { ws: { readyState: number } | undefined } };
  await vi.waitFor(() => expect(sdk.ws?.readyState ?? 3).toBe(3), PATIENCE_MS);
}

describe.each([2, 3] as const)("open-im-sdk %i loses its connection", (version) => {
  test("and hears once, when it is back, what happened in the gap", async () => {
    const alice = await person(3, "alice", 2);
    const bob = await person(version, "bob");
    const { app } = bob;
    await alice.app.invites(alice.app.rtc({ roomID: "before" }));
    const before = await app.hears("OnReceiveNewInvitation");

    await losesConnection(bob);
    await alice.app.asks("signalingCancel", { opUserID: "alice", invitation: before.invitation });
    await alice.app.invites(alice.app.rtc({ roomID: "gone" }));
    await alice.app.asks("signalingCancel", { opUserID: "alice", invitation: alice.app.rtc({ roomID: "gone" }) });
    await alice.app.invites(alice.app.rtc({ roomID: "now" }));
    bob.line.mend();
    await app.comesBack();

    expect((await app.hears("OnInvitationCancelled")).invitation.roomID).toBe("before");
    expect((await app.hears("OnInvitationCancelled")).invitation.roomID).toBe("gone");
    const { invitation } = await app.hears("OnReceiveNewInvitation");
    expect(invitation.roomID).toBe("now");
    expect(await app.hasHeard("OnReceiveNewInvitation")).toBe(2);
    await app.asks("signalingAccept", { opUserID: "bob", invitation });
    expect((await alice.app.hears("OnInviteeAccepted")).invitation.roomID).toBe("now");
  });

  test("and cannot call in the gap, but again afterwards", async () => {
    const alice = await person(version, "alice");
    const bob = await person(3, "bob");
    await losesConnection(alice);
    const refused = vi.fn();
    void alice.app.invites(alice.app.rtc()).catch(refused);
    alice.line.mend();
    await alice.app.comesBack();
    // The older package says so at once; the newer one leaves the app waiting for ever.
    expect(refused.mock.calls.map(([frame]) => frame.errCode)).toEqual(version === 2 ? [112] : []);
    const { roomID } = await alice.app.invites(alice.app.rtc());
    expect((await bob.app.hears("OnReceiveNewInvitation")).invitation.roomID).toBe(roomID);
    expect(await bob.app.hasHeard("OnReceiveNewInvitation")).toBe(1);
  });

  test("as the other side does: both hear once of a call that rang out meanwhile", async () => {
    const [alice, bob] = [await person(version, "alice"), await person(version, "bob")];
    await alice.app.invites(alice.app.rtc({ timeout: 2 }));
    await bob.app.hears("OnReceiveNewInvitation");
    const phone = await person(3, "alice", 2);
    await Promise.all([losesConnection(alice), losesConnection(bob)]);
    await phone.app.hears("OnInvitationTimeout");
    for (const { app, line } of [alice, bob]) {
      line.mend();
      await app.comesBack();
      expect((await app.hears("OnInvitationTimeout")).invitation.inviterUserID).toBe("alice");
      expect(await app.hasHeard("OnInvitationTimeout")).toBe(1);
      expect(await app.hasHeard("OnInvitationCancelled")).toBe(0);
    }
    expect(await bob.app.hasHeard("OnReceiveNewInvitation")).toBe(1);
  });

  test("as the other side does: both hear once of an answer that another device gave meanwhile", async () => {
    const [alice, bob] = [await person(version, "alice"), await person(version, "bob")];
    const phone = await person(3, "bob", 2);
    const { roomID } = await alice.app.invites(alice.app.rtc());
    await bob.app.hears("OnReceiveNewInvitation");
    const { invitation } = await phone.app.hears("OnReceiveNewInvitation");
    await Promise.all([losesConnection(alice), losesConnection(bob)]);
    await phone.app.asks("signalingAccept", { opUserID: "bob", invitation });
    for (const [{ app, line }, name] of [
      [alice, "OnInviteeAccepted"],
      [bob, "OnInviteeAcceptedByOtherDevice"],
    ] as const) {
      line.mend();
      await app.comesBack();
      expect(await app.hears(name)).toMatchObject({ opUserPlatformID: 2, invitation: { roomID } });
      expect(await app.hasHeard(name)).toBe(1);
    }
  });

  test("as the other side does, in a running call: it goes on, and one hangs up", async () => {
    const [alice, bob] = [await person(version, "alice"), await person(version, "bob")];
    await alice.app.invites(alice.app.rtc());
    const { invitation } = await bob.app.hears("OnReceiveNewInvitation");
    await bob.app.asks("signalingAccept", { opUserID: "bob", invitation });
    await alice.app.hears("OnInviteeAccepted");
    await Promise.all([losesConnection(alice), losesConnection(bob)]);
    for (const { app, line } of [alice, bob]) {
      line.mend();
      await app.comesBack();
      expect(await app.hasHeard("OnHangUp")).toBe(0);
    }
    await alice.app.asks("signalingHungUp", { opUserID: "alice", invitation });
    expect((await bob.app.hears("OnHangUp")).invitation.roomID).toBe(invitation.roomID);
    expect(await bob.app.hasHeard("OnReceiveNewInvitation")).toBe(1);
  });
});

describe.each([2, 3] as const)("a caller with open-im-sdk %i is gone for good while it rings", (version) => {
  test("and whom they called hears that it is over, long before the deadline", async () => {
    await server.end();
    server = await Server.start("[sessions]\noffline_grace_s = 0\n[calls]\nlease_s = 1\n");
    const [alice, bob] = [await person(version, "alice"), await person(version, "bob")];
    await alice.app.invites(alice.app.rtc());
    await bob.app.hears("OnReceiveNewInvitation");
    await losesConnection(alice);
    expect((await bob.app.hears("OnInvitationCancelled")).invitation.inviterUserID).toBe("alice");
    expect(await bob.app.hasHeard("OnInvitationTimeout")).toBe(0);
    // The newer package would wait for ever for a connection on which to sign out.
    alice.line.mend();
    await alice.app.comesBack();
  });
});

describe("the heartbeat of open-im-sdk 2.3.0", () => {
  test("asks whether it is signed in when nothing was said for nine seconds, and stays", async () => {
    const { app } = await person(2, "alice");
    const { sdk } = app as unknown as { sdk: Any };
    const { ws } = sdk;
    const asked = vi.spyOn(sdk, "getLoginStatus");
    app.ticks();
    expect(asked).not.toHaveBeenCalled();
    sdk.lastTime = 0;
    app.ticks();
    expect(await asked.mock.results[0]?.value).toMatchObject({ errCode: 0, data: "101" });
    expect(sdk.ws).toBe(ws);
    expect(await app.hasHeard("OnSyncServerFinish")).toBe(1);
  });

  test("comes back to a server that was killed, at the next tick after it is there again", async () => {
    const { app } = await person(2, "alice");
    const bob = await person(3, "bob");
    await app.invites(app.rtc());
    await bob.app.hears("OnReceiveNewInvitation");
    await server.kill();
    await vi.waitFor(() => expect((app.sdk as Any).ws?.readyState ?? 3).toBe(3), PATIENCE_MS);
    await server.startAgain();
    await app.comesBack();
    // A server that was killed may tell the last second again, so the ring is not counted here.
    await bob.app.hears("OnSyncServerFinish");
    await app.asks("signalingCancel", { opUserID: "alice", invitation: app.rtc() });
    await bob.app.hears("OnInvitationCancelled");
  });
});
