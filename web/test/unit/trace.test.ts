import { describe, expect, it } from "vitest";
import { type Arrow, isQuiet, moved, NO_TRACE, seen, type Trace } from "../../src/timeline/trace.js";

/** A page whose frames are recorded. */
class Watched {
  trace: Trace = NO_TRACE;

  sent(frame: object): this {
    this.trace = seen(this.trace, { direction: "sent", text: JSON.stringify({ jsonrpc: "2.0", ...frame }) }, 1);
    return this;
  }

  received(frame: object): this {
    this.trace = seen(this.trace, { direction: "received", text: JSON.stringify({ jsonrpc: "2.0", ...frame }) }, 2);
    return this;
  }

  get last(): Arrow {
    return this.trace.arrows.at(-1) as Arrow;
  }
}

const INVITE = {
  id: 1,
  method: "signaling.invite",
  params: { inviteID: "i", invitee: "bob", data: '{"scene":"call","media":"video"}' },
};

describe("a frame becomes an arrow", () => {
  it("of a request to the server, which says what it is about", () => {
    const { last } = new Watched().sent(INVITE);
    expect(last).toMatchObject({
      kind: "request",
      from: "me",
      to: "server",
      name: "signaling.invite",
      inviteID: "i",
      hint: "video",
    });
  });

  it("of its reply, under the same name", () => {
    const { last, trace } = new Watched().sent(INVITE).received({ id: 1, result: { version: 1, cursor: 7 } });
    expect(last).toMatchObject({ kind: "reply", from: "server", to: "me", name: "signaling.invite", inviteID: "i", version: 1 });
    expect(trace.waiting.size).toBe(0);
  });

  it("of a refusal, with its number and reason", () => {
    const error = { code: 20_003, message: "no", data: { reason: "unknownUser", retryable: false } };
    const { last } = new Watched().sent(INVITE).received({ id: 1, error });
    expect(last).toMatchObject({ kind: "refusal", hint: "20003 unknownUser" });
  });

  it("of an event, from whoever did it", () => {
    const params = { type: "invitation.accepted", cursor: 8, inviteID: "i", inviter: "ann", invitee: "bob", data: "" };
    const { last } = new Watched().received({ method: "event", params });
    expect(last).toMatchObject({ kind: "event", from: "others", to: "me", name: "invitation.accepted", actor: "bob" });
  });

  it("of a deadline, which is the server's own", () => {
    const params = { type: "invitation.timedOut", cursor: 8, inviteID: "i", inviter: "ann", inviteeList: ["bob"], data: "" };
    const { last } = new Watched().received({ method: "event", params });
    expect(last.from).toBe("server");
    expect(last.actor).toBeUndefined();
  });

  it("of media signals, which can be told from the rest", () => {
    const { last } = new Watched().sent({
      id: 2,
      method: "call.signal",
      params: { callID: "i", to: "bob", data: '{"signals":[]}' },
    });
    expect(last).toMatchObject({ topic: "media", inviteID: "i" });
  });
});

it("a lost connection stands between the arrows, and nothing waits for a reply any more", () => {
  const { trace } = new Watched().sent(INVITE);
  const after = moved(trace, "reconnecting", "the connection was lost", 3);
  expect(after.arrows.at(-1)).toMatchObject({ kind: "connection", name: "reconnecting", hint: "the connection was lost" });
  expect(after.waiting.size).toBe(0);
});

it("acks are quiet, and refusals never are", () => {
  const page = new Watched().sent({ id: 3, method: "session.ack", params: { cursor: 3 } });
  expect(isQuiet(page.last)).toBe(true);
  page.received({ id: 3, error: { code: -32_602, message: "no", data: { reason: "invalidParams" } } });
  expect(isQuiet(page.last)).toBe(false);
});

it("who is online is quiet", () => {
  const page = new Watched().sent({ id: 4, method: "user.watch", params: { userIDs: ["bob"] } });
  expect(isQuiet(page.last)).toBe(true);
  page.received({ method: "user.status", params: { userID: "bob", presence: "offline" } });
  expect(page.last.name).toBe("user.status");
  expect(isQuiet(page.last)).toBe(true);
});

it("the oldest rows make room", () => {
  const page = new Watched();
  for (let id = 0; id < 1_000; id += 1) {
    page.sent({ id, method: "session.ack", params: { cursor: id } }).received({ id, result: {} });
  }
  expect(page.trace.arrows.length).toBe(400);
  expect(new Set(page.trace.arrows.map(({ id }) => id)).size).toBe(400);
});

it("what is no JSON is shown, not thrown", () => {
  expect(() => seen(NO_TRACE, { direction: "received", text: "?" }, 0)).not.toThrow();
});
