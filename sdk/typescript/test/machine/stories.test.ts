import { describe, expect, test } from "vitest";
import { WigwagError } from "../../src/errors.js";
import { isRead, mayRepeat } from "../../src/machine/pending.js";
import { type Method, PARAM_KINDS } from "../../src/wire/index.js";
import { caughtUp, done, event, hangsUp, idOf, opened, refusal, sentIDs, settled, toldCursors, World } from "./world.js";

/** An open session at `cursor`. */
function open(cursor: number): World {
  const world = World.at(cursor);
  world.dials();
  world.opens(cursor);
  return world;
}

describe("signing in", () => {
  test("the first session gives the open invitations", () => {
    const world = new World();
    world.dials();
    const [sent] = world.gets({ kind: "connected" });
    expect(sent).toMatchObject({ kind: "send", secret: "t" });
    expect(JSON.parse((sent as { text: string }).text).params).toEqual({ token: "t", deviceID: "d", platform: 7 });
    const outputs = world.hears(opened(1, 40, 40, { openInvitations: [] }));
    expect(outputs).toContainEqual({ kind: "resync", resync: { openInvitations: [], why: "noCursor" } });
    expect(toldCursors(world.hears(event(41)))).toEqual([41]);
    expect(world.machine.place).toEqual({ userID: "alice", cursor: 41 });
  });

  test("a cursor too old is told", () => {
    const world = World.at(3);
    world.dials();
    const outputs = world.opens(40, 40, { resync: true, openInvitations: [] });
    expect(outputs).toContainEqual({ kind: "resync", resync: { openInvitations: [], why: "cursorTooOld" } });
  });

  test("a cursor of another user's stream is not used", () => {
    const world = World.at(3, { place: { userID: "bob", cursor: 3 } });
    world.dials();
    const outputs = world.opens(3, 40);
    expect(outputs).toEqual([{ kind: "disconnect" }, { kind: "connect" }]);
    const [sent] = world.gets({ kind: "connected" });
    expect((sent as { text: string }).text).not.toContain("cursor");
    world.hears(opened(idOf(sent), 40, 40, { openInvitations: [] }));
    expect(world.machine.place).toEqual({ userID: "alice", cursor: 40 });
  });

  test("an expired token is renewed if there is a way to", () => {
    const world = open(5);
    world.isCut(4502);
    expect(world.wakes()).toContainEqual({ kind: "fetchToken" });
    world.gets({ kind: "token", token: "fresh" });
    expect(world.gets({ kind: "connected" })[0]).toMatchObject({ text: expect.stringContaining("fresh") });

    const fixed = World.at(5, { renewsToken: () => false });
    fixed.dials();
    fixed.opens(5);
    fixed.isCut(4502);
    expect(fixed.machine.stopped).toMatchObject({ reason: "tokenExpired", code: 70001, closeCode: 4502 });
  });

  test("who only has expired tokens is not asked for ever", () => {
    const world = new World();
    world.gets({ kind: "start" });
    for (let round = 0; round < 3; round++) {
      world.gets({ kind: "token", token: "old" });
      const [sent] = world.gets({ kind: "connected" });
      world.hears(refusal(idOf(sent), "tokenExpired"));
      world.wakes();
    }
    expect(world.machine.stopped?.reason).toBe("tokenExpired");
  });

  test.each([
    ["tokenWrongKey", false, true],
    ["storeUnavailable", true, false],
    ["newReasonOfANewerServer", true, false],
  ])("refused with %s", (reason, retryable, stops) => {
    const world = new World();
    world.dials();
    const [sent] = world.gets({ kind: "connected" });
    expect(hangsUp(world.hears(refusal(idOf(sent), reason, retryable)))).toBe(true);
    expect(world.machine.stopped !== undefined).toBe(stops);
  });

  test("the server's patience is kept, also when the network comes back", () => {
    const world = new World();
    world.dials();
    const [sent] = world.gets({ kind: "connected" });
    world.hears(refusal(idOf(sent), "rateLimited", true, { retryAfterMs: 7_000 }));
    expect(world.gets({ kind: "nudge" })).toEqual([]);
    expect((world.machine.nextWake() ?? 0) - world.now).toBeGreaterThanOrEqual(7_000);
  });

  test("no token, no connection and no answer are given up and tried again", () => {
    const world = World.at(5);
    world.gets({ kind: "start" });
    world.passes(30_000);
    expect(world.state).toMatchObject({ status: "reconnecting", why: "no token in time" });
    expect(world.wakes()).toContainEqual({ kind: "fetchToken" });
    world.gets({ kind: "noToken", why: "back end away" });
    expect(world.state).toMatchObject({ status: "reconnecting", why: "no token: back end away" });
    world.wakes();
    world.gets({ kind: "token", token: "t" });
    expect(hangsUp(world.passes(10_000))).toBe(true);
    world.wakes();
    world.gets({ kind: "connected" });
    expect(hangsUp(world.passes(10_000))).toBe(true);
  });
});

describe("the stream", () => {
  test("events are told once and a gap resumes", () => {
    const world = open(5);
    expect(toldCursors(world.hears(event(6)))).toEqual([6]);
    expect(world.hears(event(6))).toEqual([]);
    const outputs = world.hears(event(8));
    expect(hangsUp(outputs)).toBe(true);
    expect(toldCursors(outputs)).toEqual([]);
    world.waitsAndOpens(6, 8);
    expect(toldCursors(world.hears(event(8, { after: 6 })))).toEqual([8]);
  });

  test("commands wait until the backlog is read", () => {
    const world = World.at(5);
    world.dials();
    const { request, outputs } = world.asks("signaling.modify");
    expect(outputs).toEqual([]);
    expect(sentIDs(world.opens(5, 7))).toEqual([]);
    expect(toldCursors(world.hears(event(6)))).toEqual([6]);
    expect(sentIDs(world.hears(caughtUp(7)))).toEqual([request]);
    expect(world.machine.place?.cursor).toBe(7);
  });

  test("a reply takes its place in the stream", () => {
    const world = open(5);
    const first = world.asks("signaling.accept").request;
    const second = world.asks("signaling.accept").request;
    expect(settled(world.hears(done(first, 6)))).toEqual([{ request: first }]);
    expect(toldCursors(world.hears(event(7)))).toEqual([7]);
    expect(settled(world.hears(done(second, 6)))).toEqual([{ request: second }]);
    expect(world.machine.place?.cursor).toBe(7);
    const third = world.asks("signaling.accept").request;
    const outputs = world.hears(done(third, 9));
    expect(hangsUp(outputs), "cursor 8 is missing").toBe(true);
    expect(settled(outputs)).toEqual([{ request: third }]);
  });

  test("acks are rare but not forgotten", () => {
    const world = open(5);
    world.hears(event(6));
    expect(world.passes(4_999)).toEqual([]);
    expect(world.passes(1)).toMatchObject([
      { kind: "send", text: expect.stringContaining('"session.ack","params":{"cursor":6}') },
    ]);
    for (let cursor = 7; cursor < 106; cursor++) {
      expect(sentIDs(world.hears(event(cursor)))).toEqual([]);
    }
    expect(sentIDs(world.hears(event(106))), "the hundredth").toHaveLength(1);
  });

  test("what may hide an event is a lost connection; what is new is borne", () => {
    for (const text of [
      "",
      "7",
      "[]",
      '{"method":"event"}',
      '{"method":"event","params":{"time":1}}',
      '{"method":"session.caughtUp"}',
    ]) {
      expect(hangsUp(open(5).hears(text)), text).toBe(true);
    }
    const orphan = { id: null, error: { code: -32700, message: "m", data: {} } };
    for (const frame of [{ method: "news" }, orphan, refusal(99, "moonlight")]) {
      expect(open(5).hears(frame)).toEqual([]);
    }
    const world = open(5);
    expect(toldCursors(world.hears(event(6, { type: "weather.changed" })))).toEqual([6]);
  });
});

describe("lost connections", () => {
  test("what is safe is repeated and what is not settles", () => {
    const world = open(5);
    const invite = world.asks("signaling.invite").request;
    const create = world.asks("group.create").request;
    expect(settled(world.isCut(1006))).toMatchObject([{ request: create, error: { reason: "connectionLost", retryable: true } }]);
    const join = world.asks("group.join").request;
    expect(sentIDs(world.waitsAndOpens(5))).toEqual([invite, join]);
  });

  test("every method says whether it may be repeated", () => {
    const methods = Object.keys(PARAM_KINDS) as Method[];
    expect(methods.filter(isRead)).toEqual([
      "signaling.get",
      "signaling.listOpen",
      "call.get",
      "call.list",
      "message.history",
      "message.receipts",
      "conversation.list",
      "group.members",
      "group.info",
      "group.attributes",
      "group.onlineCount",
      "group.listNews",
      "group.list",
      "user.get",
      "user.listBlocked",
      "user.getReach",
      "user.getQuiet",
      "user.getStatus",
      "user.watch",
      "push.settings",
    ]);
    expect(methods.filter((method) => mayRepeat(method) && !isRead(method))).toEqual([
      "signaling.invite",
      "signaling.inviteInGroup",
      "signaling.cancel",
      "signaling.accept",
      "signaling.reject",
      "signaling.ringing",
      "signaling.silence",
      "call.join",
      "call.hangUp",
      "call.markSeen",
      "message.send",
      "message.markRead",
      "push.register",
      "push.unregister",
    ]);
  });

  test.each([
    [4000, false],
    [4004, false],
    [1001, false],
    [1006, false],
    [4500, true],
    [4505, true],
    [4999, true],
  ])("close code %i", (code, stops) => {
    const world = open(5);
    const { request } = world.asks("signaling.invite");
    const outputs = world.isCut(code);
    expect(world.machine.stopped?.closeCode === code).toBe(stops);
    expect(settled(outputs).some((one) => one.request === request)).toBe(stops);
    expect(settled(world.asks("signaling.invite").outputs)).toHaveLength(stops ? 1 : 0);
  });

  test("after a quiet time the server is asked, and silence is a lost connection", () => {
    const world = open(5);
    expect(world.passes(29_999)).toEqual([]);
    expect(sentIDs(world.passes(1))).toHaveLength(1);
    world.hears({ jsonrpc: "2.0", id: 2, result: { time: 1 } });
    expect(hangsUp(world.passes(29_999))).toBe(false);
    expect(sentIDs(world.passes(1))).toHaveLength(1);
    expect(hangsUp(world.passes(9_999))).toBe(false);
    expect(hangsUp(world.passes(1))).toBe(true);
  });

  test("a nudge does not wait: it asks an open session and redials a lost one", () => {
    const world = open(5);
    expect(sentIDs(world.gets({ kind: "nudge" }))).toHaveLength(1);
    expect(world.gets({ kind: "nudge" }), "asked already").toEqual([]);
    world.isCut();
    expect(world.gets({ kind: "nudge" })).toEqual([{ kind: "connect" }]);
  });

  test("delays grow, have chance in them, and are short again after a sound session", () => {
    const chance = [0, 0.999, 0.5, 0.999, 0.999, 0.999, 0.999, 0.999, 0.999];
    const world = World.at(5, { random: () => chance.shift() ?? 0.999 });
    world.dials();
    const delays = Array.from({ length: 9 }, () => {
      world.isCut();
      const delay = (world.machine.nextWake() ?? 0) - world.now;
      world.wakes();
      return delay;
    });
    expect(delays).toEqual([0, 999, 1_000, 3_996, 7_992, 15_984, 29_970, 29_970, 29_970]);
    world.opens(5);
    world.now += 5_000;
    world.isCut();
    expect((world.machine.nextWake() ?? 0) - world.now).toBeLessThanOrEqual(500);
  });
});

describe("commands", () => {
  test("one without reply times out, and its late reply is heard as an event", () => {
    const world = open(5);
    const { request } = world.asks("message.send");
    expect(settled(world.passes(9_999))).toEqual([]);
    expect(settled(world.passes(1))).toMatchObject([{ request, error: { reason: "requestTimeout" } }]);
    expect(settled(world.hears(done(request, 6)))).toEqual([]);
    expect(world.machine.place?.cursor, "the event is read when the session is resumed").toBe(5);
    expect(world.state.status).toBe("reconnecting");
  });

  test("one given while the server is away times out too", () => {
    const world = World.at(5);
    world.dials();
    world.isCut();
    const { request } = world.asks("signaling.invite");
    world.now += 10_000;
    expect(settled(world.gets({ kind: "timePassed" }))).toMatchObject([{ request, error: { reason: "requestTimeout" } }]);
  });

  test("a frame over the server's limit is refused here, counted in bytes", () => {
    const world = open(5);
    const { request, outputs } = world.asks("signaling.invite", `{"data":"${"€".repeat(21_900)}"}`);
    expect(settled(outputs)).toMatchObject([{ request, error: { reason: "frameTooLarge", code: -32004 } }]);
    expect(sentIDs(world.asks("signaling.invite", `{"data":"${"€".repeat(21_800)}"}`).outputs)).toHaveLength(1);
  });

  test("too many at once are refused, not kept", () => {
    const world = World.at(5);
    for (let count = 0; count < 1_024; count++) {
      expect(world.asks("signaling.get").outputs).toEqual([]);
    }
    expect(settled(world.asks("signaling.get").outputs)).toMatchObject([{ error: { reason: "overloaded", retryable: true } }]);
  });

  test("stopping says farewell and settles everything", () => {
    const world = open(5);
    const { request } = world.asks("signaling.invite");
    const why = new WigwagError("closed", "asked");
    const outputs = world.gets({ kind: "stop", why });
    expect(outputs).toMatchObject([
      { kind: "send", text: expect.stringContaining("session.close") },
      { kind: "disconnect" },
      { kind: "settle", request, outcome: { error: why } },
      { kind: "state", state: { status: "closed", why } },
    ]);
    expect(world.machine.nextWake()).toBeUndefined();
  });
});
