import { describe, expect, test } from "vitest";
import type { AnyEvent } from "../../src/events.js";
import type { Output } from "../../src/machine/border.js";
import type { MessageSent } from "../../src/wire/index.js";
import { done, event, hangsUp, refusal, sentIDs, settled, World } from "./world.js";

/** Alice's device, signed in, where somebody asks for own acts. */
function open(ownActs = true): World {
  const world = World.at(5, { ownActs: () => ownActs });
  world.dials();
  world.opens(5);
  return world;
}

function told(outputs: Output[]): { own: string | undefined; event: AnyEvent }[] {
  return outputs.flatMap((output) => (output.kind === "event" ? [{ own: output.own, event: output.event }] : []));
}

/** A message of Alice's that speaks as signaling. */
function speaks(text: object, more: object = {}): string {
  const data = JSON.stringify({ businessID: 1, inviteID: "i", inviter: "alice", inviteeList: ["bob"], groupID: "", ...text });
  return JSON.stringify({ userID: "bob", type: "custom", content: { data }, ...more });
}

function sent(id: number, cursor: number | undefined, seq?: number): object {
  const result: MessageSent = { messageID: "m", conversation: "c2c:alice bob", time: 9_000 };
  return { jsonrpc: "2.0", id, result: { ...result, ...(cursor && { cursor }), ...(seq && { seq }) } };
}

describe("acts that were sent as messages", () => {
  test("are told with what their replies say", () => {
    const world = open();
    const invite = world.asks("message.send", speaks({ actionType: 1, timeout: 30, data: "video" })).request;
    const message = { messageID: "m", conversation: "c2c:alice bob", seq: 3 };
    expect(told(world.hears(sent(invite, 6, 3)))).toEqual([
      {
        own: "replied",
        event: {
          cursor: 6,
          time: 9_000,
          self: true,
          type: "invitation.received",
          inviteID: "i",
          inviter: "alice",
          inviteeList: ["bob"],
          data: "video",
          timeout: 30,
          deadline: 39_000,
          remainingMs: 30_000,
          version: 1,
          device: { deviceID: "d", platform: 7 },
          message,
        },
      },
    ]);
    const cancel = world.asks("message.send", speaks({ actionType: 2 })).request;
    expect(told(world.hears(sent(cancel, 7)))).toMatchObject([
      { own: "replied", event: { type: "invitation.cancelled", inviteID: "i", inviteeList: ["bob"], version: 2 } },
    ]);
    expect(world.machine.book.get("i", 0)).toMatchObject({ status: "ended", endReason: "cancelled", version: 2 });
  });

  test("reach only those online when the message or its text says so", () => {
    const world = open();
    for (const [text, more] of [
      [{ inviteID: "a", onlineUserOnly: true }, {}],
      [{ inviteID: "b" }, { onlineUserOnly: true }],
    ]) {
      const { request } = world.asks("message.send", speaks({ actionType: 1, ...text }, more));
      const cursor = (world.machine.place?.cursor ?? 0) + 1;
      expect(told(world.hears(sent(request, cursor)))).toMatchObject([{ event: { onlineUserOnly: true, timeout: 0 } }]);
    }
  });

  test("other messages, and a timeout, are none", () => {
    const world = open();
    for (const [number, params] of [speaks({ actionType: 5 }), speaks({ actionType: 1 }, { type: "text" })].entries()) {
      const { request } = world.asks("message.send", params);
      expect(told(world.hears(sent(request, 6 + number, 9)))).toEqual([]);
    }
    expect(world.machine.book.all(0)).toEqual([]);
  });
});

describe("acts that are not told from their reply", () => {
  test("nobody asks: the book learns, and the app hears nothing", () => {
    const world = open(false);
    const { request } = world.asks("signaling.invite", '{"inviteID":"i","invitee":"bob"}');
    const outputs = world.hears({ id: request, result: { inviteID: "i", cursor: 6, time: 9, version: 1 } });
    expect([told(outputs), settled(outputs)]).toEqual([[], [{ request }]]);
    expect(world.machine.book.get("i", 0)).toMatchObject({ status: "open", timeout: 30 });
    // Of an invitation that is not known the version is kept.
    const accept = world.asks("signaling.accept", '{"inviteID":"j"}').request;
    world.hears({ id: accept, result: { inviteID: "j", cursor: 7, time: 9, version: 2 } });
    const { request: listing } = world.asks("signaling.listOpen");
    const view = { inviteID: "j", version: 1, status: "open", invitees: [] };
    world.hears({ id: listing, result: { invitations: [view] } });
    expect(world.machine.book.get("j", 0)).toBeUndefined();
  });

  test("the invitation stays unknown: the server's event tells of it", () => {
    const world = open();
    const { request, outputs } = world.asks("signaling.accept", '{"inviteID":"i"}');
    const [getting] = sentIDs(outputs);
    world.hears(refusal(getting ?? 0, "rateLimited", true));
    const replied = world.hears({ id: request, result: { inviteID: "i", cursor: 6, time: 9, version: 2 } });
    expect([told(replied), settled(replied), hangsUp(replied)]).toEqual([[], [{ request }], true]);
    world.waitsAndOpens(5, 6);
    const device = { deviceID: "d", platform: 7 };
    const own = { type: "invitation.accepted", inviteID: "i", inviter: "bob", invitee: "alice", version: 2, device, self: true };
    expect(told(world.hears(event(6, own)))).toMatchObject([{ own: "resumed", event: { inviteID: "i" } }]);
  });

  test("an act of another device, or of another user's device of the same name, is not own", () => {
    const world = open();
    const accepted = { type: "invitation.accepted", inviteID: "i", inviter: "alice", invitee: "bob", version: 2 };
    expect(told(world.hears(event(6, { ...accepted, device: { deviceID: "d", platform: 7 } })))[0]?.own).toBeUndefined();
    const elsewhere = { ...accepted, self: true, device: { deviceID: "d2", platform: 7 } };
    expect(told(world.hears(event(7, elsewhere)))[0]?.own).toBeUndefined();
  });

  test("a listing that the server refuses is a lost connection: the next session asks again", () => {
    const world = new World({ place: { userID: "alice", cursor: 5 } });
    world.dials();
    const [, listing] = world.opens(5);
    expect(listing).toMatchObject({ kind: "send", text: expect.stringContaining("signaling.listOpen") });
    expect(world.machine.ready).toBeUndefined();
    expect(hangsUp(world.hears(refusal(2, "storeUnavailable", true)))).toBe(true);
    const [again] = sentIDs(world.waitsAndOpens(5));
    world.hears({ id: again, result: { invitations: [] } });
    expect(world.machine.ready).toBe("alice");
  });
});

describe("an app that does not keep up", () => {
  test("is told everything, once, when there is room", () => {
    const world = open();
    world.gets({ kind: "full" });
    expect(world.hears(event(6))).toEqual([]);
    expect(world.hears(event(9))).toEqual([]);
    const { request } = world.asks("group.join");
    expect(settled(world.hears(done(request, 10))), "commands go on").toEqual([{ request }]);
    expect(world.machine.place?.cursor).toBe(5);
    expect(hangsUp(world.gets({ kind: "room" }))).toBe(true);
    world.waitsAndOpens(5, 10);
    const cursors = [6, 7, 8, 9, 10].flatMap((cursor) => told(world.hears(event(cursor))).map((one) => one.event.cursor));
    expect(cursors).toEqual([6, 7, 8, 9, 10]);
  });

  test("was never told too little: nothing came meanwhile", () => {
    const world = open();
    world.gets({ kind: "full" });
    expect(world.gets({ kind: "room" })).toEqual([]);
    expect(told(world.hears(event(6)))).toHaveLength(1);
  });
});
