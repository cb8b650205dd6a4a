import { describe, expect, it } from "vitest";
import { type Call, type Effect, type Input, next } from "../../src/calls/machine.js";

/** A page that gets one input after the other. */
class Page {
  call: Call = { at: "idle" };
  readonly sent: Effect[] = [];

  told(...inputs: Input[]): this {
    for (const input of inputs) {
      const { call, effects } = next(this.call, input);
      this.call = call;
      this.sent.push(...effects);
    }
    return this;
  }

  get deeds(): string[] {
    return this.sent.map((effect) => `${effect.do} ${effect.inviteID}`);
  }
}

const from = (peer: string, inviteID = "1") => ({ inviteID, peer, media: "video" }) as const;
const invited = (peer: string, inviteID = "1"): Input => ({ kind: "invited", ...from(peer, inviteID) });
const called = (peer: string, inviteID = "1"): Input => ({ kind: "call", ...from(peer, inviteID) });
const accepted = (inviteID = "1", self = false): Input => ({ kind: "accepted", inviteID, self, now: 1_000 });

describe("a ring without a sound", () => {
  it("is silenced once, here or elsewhere, and can be answered", () => {
    const bob = new Page().told(invited("ann"), { kind: "silence" }, { kind: "silence" });
    expect(bob.call).toMatchObject({ at: "ringing", quiet: true });
    expect(bob.deeds).toEqual(["silence 1"]);
    expect(bob.told({ kind: "answer" }).deeds).toEqual(["silence 1", "accept 1"]);
    const elsewhere = new Page().told(invited("ann"), { kind: "silenced", inviteID: "1" });
    expect(elsewhere.call).toMatchObject({ at: "ringing", quiet: true });
    expect(elsewhere.told({ kind: "silence" }).deeds).toEqual([]);
    expect(new Page().told({ ...invited("ann"), quiet: true } as Input).call).toMatchObject({ at: "ringing", quiet: true });
  });
});

describe("a caller", () => {
  it("rings, is answered, offers, and hangs up with a duration", () => {
    const ann = new Page().told(called("bob"), accepted());
    expect(ann.call).toMatchObject({ at: "talking", role: "offers", since: 1_000 });
    ann.told({ kind: "hangUp", now: 134_000 });
    expect(ann.call).toMatchObject({ at: "over", why: "hungUp", seconds: 133 });
    expect(ann.sent.at(-1)).toEqual({ do: "hangUp", inviteID: "1", seconds: 133 });
  });

  it.each([
    [{ kind: "rejected", inviteID: "1", self: false, busy: false }, "declined"],
    [{ kind: "rejected", inviteID: "1", self: false, busy: true }, "busy"],
    [{ kind: "timedOut", inviteID: "1" }, "noAnswer"],
    [{ kind: "gone", inviteID: "1" }, "noAnswer"],
    [{ kind: "cancelled", inviteID: "1" }, "cancelled"],
    [{ kind: "failed", inviteID: "1", why: "refused", refusal: "unknownUser" }, "refused"],
  ] satisfies [Input, string][])("is told %j as %s", (input, why) => {
    expect(new Page().told(called("bob"), input).call).toMatchObject({ at: "over", why });
  });

  it("learns how far it is, and a device that rings goes on ringing", () => {
    const way = (way: "rings" | "unreachable"): Input => ({ kind: "underWay", inviteID: "1", way });
    const ann = new Page().told(called("bob"));
    expect(ann.call).not.toHaveProperty("way");
    expect(ann.told(way("unreachable")).call).toMatchObject({ at: "calling", way: "unreachable" });
    expect(ann.told(way("rings")).call).toMatchObject({ at: "calling", way: "rings" });
    expect(ann.told(way("unreachable")).call).toMatchObject({ way: "rings" });
    expect(ann.told(accepted(), way("rings")).call).not.toHaveProperty("way");
  });

  it("takes the call back", () => {
    const ann = new Page().told(called("bob"), { kind: "hangUp", now: 0 });
    expect(ann.deeds).toEqual(["invite 1", "cancel 1"]);
    expect(ann.call).toMatchObject({ at: "over", why: "cancelled" });
  });

  it("may call again while a card tells how the last call ended", () => {
    const ann = new Page().told(called("bob"), { kind: "timedOut", inviteID: "1" }, called("bob", "2"));
    expect(ann.call).toMatchObject({ at: "calling", inviteID: "2" });
  });

  it("goes on calling when the page was loaded again", () => {
    const ann = new Page().told({ kind: "restored", ...from("bob") }, accepted());
    expect(ann.call).toMatchObject({ at: "talking", role: "offers" });
    expect(ann.deeds).toEqual([]);
  });
});

describe("somebody who is called", () => {
  it("answers, and waits for the offer once the server has confirmed it", () => {
    const bob = new Page().told(invited("ann"), { kind: "answer" });
    expect(bob.call.at).toBe("answering");
    bob.told({ kind: "picked", inviteID: "1", now: 5 });
    expect(bob.call).toMatchObject({ at: "talking", role: "answers", since: 5 });
    expect(bob.deeds).toEqual(["accept 1"]);
  });

  it("who was called into a call that ran before is in that call", () => {
    const cem = new Page().told(invited("ann", "2"), { kind: "answer" }, { kind: "picked", inviteID: "2", callID: "1", now: 5 });
    expect(cem.call).toMatchObject({ at: "talking", inviteID: "1" });
    cem.told({ kind: "hangUp", now: 9_000 });
    expect(cem.deeds).toEqual(["accept 2", "hangUp 1"]);
  });

  it("was slower than the caller's second thoughts", () => {
    const bob = new Page().told(invited("ann"), { kind: "answer" }, { kind: "failed", inviteID: "1", why: "missed" });
    expect(bob.call).toMatchObject({ at: "over", why: "missed" });
  });

  it("declines and has nothing more to see", () => {
    const bob = new Page().told(invited("ann"), { kind: "decline" });
    expect(bob.call).toEqual({ at: "idle" });
    expect(bob.deeds).toEqual(["reject 1"]);
  });

  it("stops ringing when another of their devices answers", () => {
    expect(new Page().told(invited("ann"), accepted("1", true)).call).toMatchObject({ why: "answeredElsewhere" });
  });

  it("says busy to a third, and is not disturbed", () => {
    const bob = new Page().told(invited("ann"), { kind: "answer" }, { kind: "picked", inviteID: "1", now: 0 });
    bob.told(invited("cem", "2"));
    expect(bob.call).toMatchObject({ at: "talking", peer: "ann" });
    expect(bob.sent.at(-1)).toEqual({ do: "reject", inviteID: "2", busy: true });
  });

  it("rings once for an invitation that is told twice", () => {
    const bob = new Page().told(invited("ann"), invited("ann"));
    expect(bob.call.at).toBe("ringing");
    expect(bob.deeds).toEqual([]);
  });

  it("is told the other one's duration", () => {
    const bob = new Page().told(invited("ann"), { kind: "answer" }, { kind: "picked", inviteID: "1", now: 0 });
    bob.told({ kind: "ended", inviteID: "1", why: "hungUp", seconds: 12 });
    expect(bob.call).toMatchObject({ at: "over", why: "hungUp", seconds: 12 });
    expect(bob.deeds).toEqual(["accept 1"]);
  });
});

it("two who call each other in the same moment are in one call, the one that the server took first", () => {
  const ann = new Page().told(called("bob", "a"));
  const bob = new Page().told(called("ann", "b"), invited("ann", "a"));
  expect(bob.call).toMatchObject({ at: "calling", inviteID: "b" });
  ann.told(accepted("a"));
  bob.told(accepted("a", true), { kind: "met", inviteID: "b", theirs: "a", now: 0 });
  expect(ann.call).toMatchObject({ at: "talking", inviteID: "a", role: "offers" });
  expect(bob.call).toMatchObject({ at: "talking", inviteID: "a", role: "answers" });
  expect([...ann.deeds, ...bob.deeds]).toEqual(["invite a", "invite b"]);
  bob.told({ kind: "hangUp", now: 5_000 });
  expect(bob.deeds.at(-1)).toBe("hangUp a");
});

describe("a call that goes on", () => {
  const talking = () => new Page().told(called("bob"), accepted());

  it("is lost when the other one is", () => {
    const ann = talking().told({ kind: "ended", inviteID: "1", why: "connectionLost", seconds: 50 });
    expect(ann.call).toMatchObject({ at: "over", why: "connectionLost", seconds: 50 });
    expect(ann.deeds).toEqual(["invite 1"]);
  });

  it("may move to another device of the user's", () => {
    const ann = talking().told({ kind: "moved", inviteID: "1" });
    expect(ann.call).toMatchObject({ at: "over", why: "answeredElsewhere" });
  });
});

it("what concerns another call changes nothing", () => {
  const ann = new Page().told(called("bob"));
  const before = ann.call;
  ann.told(accepted("9"), { kind: "ended", inviteID: "9", why: "hungUp", seconds: 1 }, { kind: "timedOut", inviteID: "9" });
  expect(ann.call).toBe(before);
});

describe("a page that was left", () => {
  const talks = () => new Page().told(called("bob"), accepted());

  it("is told from a connection that broke", () => {
    const lost = (left: boolean): Input => ({ kind: "lost", inviteID: "1", left, now: 21_000 });
    expect(talks().told(lost(true)).call).toMatchObject({ at: "over", why: "hungUp", seconds: 20 });
    expect(talks().told(lost(false)).call).toMatchObject({ at: "over", why: "connectionLost" });
    expect(talks().told(lost(true)).deeds.at(-1)).toBe("hangUp 1");
  });

  it("goes on with its call when it was loaded again, and asks the server for nothing", () => {
    const ann = new Page().told({ kind: "returned", ...from("bob"), since: -60_000 });
    expect(ann.call).toMatchObject({ at: "talking", peer: "bob", since: -60_000 });
    expect(ann.deeds).toEqual([]);
  });

  it("does not go on with it while another call rings", () => {
    const ann = new Page().told(invited("cem", "2"), { kind: "returned", ...from("bob"), since: 0 });
    expect(ann.call).toMatchObject({ at: "ringing", peer: "cem" });
  });
});
