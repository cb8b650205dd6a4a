import { afterEach, beforeEach, expect, test } from "vitest";
import TencentCloudChat from "../../src/tencent/index.js";
import { Line } from "./line.js";
import { People } from "./tencent/people.js";
import { Signaler, TSignaling } from "./tencent/tsignaling.js";
import { done, given } from "./v2tim/phone.js";
import { Street } from "./v2tim/street.js";

const { EVENT, TSignaling: OURS, TYPES } = TencentCloudChat;

// The server has carried something out, and the connection breaks before the reply: the device that did it must not take it for
// what another device of the same user did.

let street: Street;
let people: People;
let line: Line;
beforeEach(async () => {
  street = await Street.start();
  people = new People(street.world.server);
  line = await Line.to(street.world.server);
});
afterEach(async () => {
  await people.end();
  await street.end();
  line.end();
});

/**
 * What `act` gives once its reply was lost; `isDone` settles when somebody else has heard of it. Who acts has a session on the line,
 * and nobody else.
 */
async function withLostReply<T>(act: () => Promise<T>, isDone: () => Promise<unknown>): Promise<T> {
  line.deaf = true;
  const acting = act();
  await isDone();
  line.breaks();
  return await acting;
}

test("native: what one did oneself is told by the promise alone", async () => {
  const { world } = street;
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob", { url: line.url })];
  const { inviteID } = await alice.client.signaling.invite({ invitee: "bob", data: "video" });
  await bob.hears("invitation.received");
  const accepted = await withLostReply(
    () => bob.client.signaling.accept({ inviteID, data: "coming" }),
    () => alice.hears("invitation.accepted", { data: "coming" }),
  );
  expect(accepted).toMatchObject({ inviteID, version: 2, cursor: 2, message: { seq: 2 } });
  await bob.hearsNothingElse();
  const sent = await withLostReply(
    () => bob.client.messages.sendText({ userID: "alice", text: "once" }),
    () => alice.hears("message.received"),
  );
  expect(sent).toMatchObject({ messageID: expect.any(String), conversation: "c2c:alice bob", seq: 3, cursor: 3 });
  await bob.hearsNothingElse();
  expect(bob.client.invitations.get(inviteID)).toMatchObject({ status: "ended", invitees: [{ state: "accepted" }] });
  expect((await alice.client.messages.history({ userID: "bob" })).messages).toHaveLength(3);
});

test("native: whoever joins a call learns how to reach its media, also when the first reply was lost", async () => {
  const { world } = street;
  const [alice, bob] = [await world.connected("alice"), await world.connected("bob", { url: line.url })];
  const { inviteID } = await alice.client.signaling.invite({ invitee: "bob", call: { mediaType: "video" } });
  await bob.hears("invitation.received");
  const accepted = await withLostReply(
    () => bob.client.signaling.accept({ inviteID }),
    () => alice.hears("invitation.accepted"),
  );
  expect(accepted).toMatchObject({ inviteID, version: 2, call: { callID: inviteID, media: { provider: expect.any(String) } } });
  await bob.hearsNothingElse();
  await bob.client.calls.hangUp({ callID: inviteID });

  const theirs = await alice.client.signaling.invite({ invitee: "bob", call: { mediaType: "audio" } });
  await bob.hears("invitation.received");
  const met = await withLostReply(
    () => bob.client.signaling.invite({ invitee: "alice", call: { mediaType: "audio" } }),
    () => alice.hears("call.hungUp").then(() => alice.hears("invitation.accepted")),
  );
  expect(met.call).toMatchObject({ callID: theirs.inviteID, accepted: theirs.inviteID, media: { provider: expect.any(String) } });
  await bob.hearsNothingElse();
  expect(bob.client.invitations.get(theirs.inviteID)).toMatchObject({ status: "ended", invitees: [{ state: "accepted" }] });
});

test("native: the reply that was lost names those whom a group's invitation left out", async () => {
  const { world } = street;
  const [alice, bob] = [await world.connected("alice", { url: line.url }), await world.connected("bob")];
  await world.knows("carol");
  await alice.client.groups.create({ groupID: "g", members: ["bob"] });
  await bob.hears("group.membersAdded");
  const inviteeList = ["bob", "carol", "alice", "bob"];
  const invited = await withLostReply(
    () => alice.client.signaling.inviteInGroup({ groupID: "g", inviteeList }),
    () => bob.hears("invitation.received"),
  );
  expect(invited).toMatchObject({ ignoredInvitees: ["carol"], deadline: expect.any(Number) });
  await alice.hearsNothingElse();
});

test("web: one's own call does not ring, neither here nor in another tab", async () => {
  const [here, tab, bob] = [await people.ready("ada", { url: line.url }), await people.ready("ada"), await people.ready("bob")];
  const invited = await withLostReply(
    () => here.chat.invite({ userID: "bob", data: "{}", timeout: 30 }),
    () => bob.hears(OURS.NEW_INVITATION_RECEIVED),
  );
  expect(invited.code).toBe(0);
  await here.hearsNo(OURS.NEW_INVITATION_RECEIVED);
  await tab.hearsNo(OURS.NEW_INVITATION_RECEIVED);
});

test("tsignaling: likewise", async () => {
  const here = await new Signaler(people.person("ada", { url: line.url })).ready();
  const [tab, bob] = [await new Signaler(people.person("ada")).ready(), await people.ready("bob")];
  const invited = await withLostReply(
    () => here.app.invite({ userID: "bob", data: "{}", timeout: 30 }),
    () => bob.hears(OURS.NEW_INVITATION_RECEIVED),
  );
  expect(invited.code).toBe(0);
  const { NEW_INVITATION_RECEIVED = "" } = TSignaling.EVENT;
  for (const device of [here, tab]) {
    await device.hasHeardAll();
    expect(device.heard(NEW_INVITATION_RECEIVED)).toEqual([]);
  }
});

test("web: one's own answer and message are not told as another device's", async () => {
  const [ada, bob] = [await people.ready("ada"), await people.ready("bob", { url: line.url })];
  const { inviteID } = await ada.chat.invite({ userID: "bob", data: "call", timeout: 30 });
  await bob.hears(EVENT.MESSAGE_RECEIVED);
  const accepted = await withLostReply(
    () => bob.chat.accept({ inviteID }),
    () => ada.hears(OURS.INVITEE_ACCEPTED),
  );
  await bob.hearsNo(OURS.INVITEE_ACCEPTED);
  expect(bob.chat.getSignalingInfo(accepted.data.message)).toMatchObject({ inviteID, actionType: 3, inviteeList: ["bob"] });
  const payload = { text: "once" };
  const message = bob.chat.createTextMessage({ to: "ada", conversationType: TYPES.CONV_C2C, payload });
  await withLostReply(
    () => bob.chat.sendMessage(message),
    () => ada.hears(EVENT.MESSAGE_RECEIVED, ([{ type }]) => type === TYPES.MSG_TEXT),
  );
  expect(message).toMatchObject({ status: "success", sequence: 3 });
  await bob.hearsNo(OURS.INVITEE_ACCEPTED);
  await bob.hearsNo(EVENT.MESSAGE_RECEIVED);
});

test("V2TIM: one's own answer and message are not told as another device's", async () => {
  const [tom, uma] = [await street.world.connected("tom"), await street.phone("uma", { url: line.url })];
  const { inviteID } = await tom.client.signaling.invite({ invitee: "uma", data: "call" });
  await uma.signaling.hears("onReceiveNewInvitation", inviteID);
  await uma.messages.hearsMessage();
  const accepted = await withLostReply(
    () => uma.manager.getSignalingManager().accept(inviteID),
    () => tom.hears("invitation.accepted"),
  );
  done(accepted);
  // Every signaling action that leaves a message is told as one, one's own included.
  expect(await uma.messages.hearsMessage()).toMatchObject({ isSelf: true, seq: "2" });
  await uma.hearsNothingElse();
  const sent = await withLostReply(
    () => uma.manager.sendC2CTextMessage("tom", "once"),
    () => tom.hears("message.received"),
  );
  expect(given(sent)).toMatchObject({ isSelf: true, seq: "3", textElem: { text: "once" } });
  await uma.hearsNothingElse();
  expect([uma.messages.unread, uma.simple.unread]).toEqual([[], []]);
});
