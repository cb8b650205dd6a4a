import { afterEach, beforeEach, expect, test } from "vitest";
import type { CursorStore, StreamPlace } from "../../src/index.js";
import { inOrder, refused, World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.end());

/** A store that an app could write. */
function keptPlace(): CursorStore & { place: StreamPlace | undefined } {
  return {
    place: undefined,
    load() {
      return this.place;
    },
    async save(place) {
      this.place = place;
    },
  };
}

test("the server is killed while it rings: nothing is lost and nothing told twice", async () => {
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob")];
  const { inviteID } = await alice.client.signaling.invite({ invitee: "bob", timeout: 60 });
  await bob.hears("invitation.received", { inviteID });
  await world.server.kill();
  await Promise.all([alice.comesTo("reconnecting"), bob.comesTo("reconnecting")]);

  // Given while the server is away, and sent when it is back.
  const accepting = bob.client.signaling.accept({ inviteID });
  const saying = alice.client.messages.sendText({ userID: "bob", text: "are you there?" });
  await world.server.startAgain();
  await Promise.all([accepting, saying]);
  await alice.hears("invitation.accepted", { inviteID, invitee: "bob" });
  await bob.hears("message.received", { message: { content: { text: "are you there?" } } });
  await alice.hearsNothingElse();
  await bob.hearsNothingElse();
  expect([alice, bob].map((device) => inOrder(device.heard))).toEqual([true, true]);
  expect(alice.states.map((state) => state.status).filter((status) => status === "open")).toHaveLength(2);
});

test("an invite whose reply was lost is the same invitation when it is sent again", async () => {
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob")];
  await world.server.kill();
  const inviting = alice.client.signaling.invite({ invitee: "bob", timeout: 60 });
  const again = alice.client.signaling.invite({ invitee: "bob", timeout: 60, inviteID: inviting.inviteID });
  await world.server.startAgain();
  expect(await again).toEqual(await inviting);
  await bob.hears("invitation.received", { inviteID: inviting.inviteID });
  await bob.hearsNothingElse();
  expect((await alice.client.signaling.listOpen()).invitations).toHaveLength(1);
});

test("a device that was away hears what was settled, and not what came and went", async () => {
  const store = keptPlace();
  const alice = await world.connected("alice");
  const bob = await world.connected("bob", { deviceID: "bob-phone", cursorStore: store });
  await alice.client.messages.sendText({ userID: "bob", text: "before" });
  await bob.hears("message.received");
  await bob.client.close();
  expect(store.place).toEqual({ userID: "bob", cursor: 1 });

  const { inviteID: over } = await alice.client.signaling.invite({ invitee: "bob" });
  await alice.client.signaling.cancel({ inviteID: over });
  const { inviteID: open } = await alice.client.signaling.invite({ invitee: "bob" });
  const back = world.device("bob", { deviceID: "bob-phone", cursorStore: store });
  const { openInvitations } = await back.client.connect();
  expect(openInvitations.map((invitation) => invitation.inviteID)).toEqual([open]);
  await back.hears("invitation.cancelled", { inviteID: over });
  await back.hears("invitation.received", { inviteID: open });
  await back.hearsNothingElse();
});

test("the same client connects again where it was", async () => {
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob")];
  await bob.client.close();
  expect(bob.client.state).toMatchObject({ status: "closed", why: { reason: "closed" } });
  await alice.client.messages.sendText({ userID: "bob", text: "while you were away" });
  await bob.client.connect();
  await bob.hears("message.received", { message: { content: { text: "while you were away" } } });
});

test.each([
  ["awaited", true],
  ["not awaited", false],
])("a listener may close the client and connect it again, %s", async (_, awaited) => {
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob")];
  const states: string[] = [];
  bob.client.on("state", ({ status }) => states.push(status));
  const again = new Promise((resolve, reject) => {
    bob.client.on("invitation.received", async () => {
      const closing = bob.client.close();
      if (awaited) {
        await closing;
      }
      bob.client.connect().then(resolve, reject);
    });
  });
  await alice.client.signaling.invite({ invitee: "bob" });
  await bob.hears("invitation.received");
  expect(await again).toMatchObject({ userID: "bob", openInvitations: [{ inviter: "alice" }] });
  expect(states).toEqual(["closed", "connecting", "open"]);
  await alice.client.messages.sendText({ userID: "bob", text: "still there?" });
  await bob.hears("message.received");
  await bob.hearsNothingElse();
});

test("what is asked for while a client closes and connects again waits for the new session", async () => {
  const { client } = await world.connected("alice");
  const closing = client.close();
  const connecting = client.connect();
  const listing = client.signaling.listOpen();
  expect(client.connect(), "the same again").toBe(connecting);
  await closing;
  expect(await listing).toEqual({ invitations: [] });
  const closed = refused(client.close().then(() => client.signaling.listOpen()));
  expect(await closed).toMatchObject({ reason: "closed" });
});

test("somebody else's cursor is not used", async () => {
  const store = keptPlace();
  const alice = await world.connected("alice", { cursorStore: store });
  await world.knows("bob");
  await alice.client.messages.sendText({ userID: "bob", text: "1" });
  await alice.client.close();
  expect(store.place).toEqual({ userID: "alice", cursor: 1 });
  const bob = await world.connected("bob", { cursorStore: store });
  await bob.hearsNothingElse();
  expect(bob.heard).toEqual([]);
});

test("the same device twice: the first is told, and does not come back by itself", async () => {
  const first = await world.connected("alice", { deviceID: "one" });
  const second = await world.connected("alice", { deviceID: "one" });
  expect(await first.comesTo("closed")).toMatchObject({ why: { reason: "kicked", code: 6208, closeCode: 4500 } });
  expect(await refused(first.client.signaling.listOpen())).toMatchObject({ reason: "kicked" });
  expect(second.client.state.status).toBe("open");
  await first.client.connect();
  await second.comesTo("closed");
});

test("clients without a deviceID are devices of their own, each the same when it comes back", async () => {
  const first = await world.connected("dora", { deviceID: undefined });
  const second = await world.connected("dora", { deviceID: undefined });
  await first.client.close();
  await first.client.connect();
  await second.client.users.setProfile({ nickname: "Dora" });
  await first.hears("user.profileChanged", { nickname: "Dora" });
  expect(second.client.state.status).toBe("open");
});
