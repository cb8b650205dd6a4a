import { describe, expect, it } from "vitest";
import { absent, isFull, type LiveState, liveOf, placeToWrite, seatOf } from "../../src/live/rules.js";
import { Conversation } from "./conversation.js";

const HOST = "host";

/** A live room whose conversation grows as people act. */
class Studio extends Conversation {
  asks(who: string): this {
    return this.invites(who, [HOST], `ask-${who}`, { scene: "live", action: "ask" });
  }

  admits(who: string): this {
    return this.asks(who).accepts(`ask-${who}`, HOST);
  }

  offers(who: string): this {
    return this.invites(HOST, [who], `offer-${who}`, { scene: "live", action: "offer" });
  }

  writes(): this {
    return this.notes(HOST, { scene: "live", action: "seats", seats: this.state.seats, upTo: this.seq });
  }

  get state(): LiveState {
    return liveOf(this.items, HOST);
  }

  get seated(): (string | null)[] {
    return this.state.seats.filter((who) => who !== null);
  }
}

describe("a listener", () => {
  it("asks, is admitted, and sits on the lowest free seat", () => {
    const studio = new Studio().asks("a");
    expect(studio.state.asks).toEqual([{ userID: "a", inviteID: "ask-a" }]);
    studio.accepts("ask-a", HOST);
    expect(studio.state.asks).toEqual([]);
    expect(seatOf(studio.state, "a")).toBe(1);
    studio.admits("b").notes("a", { scene: "live", action: "leave", who: "a" }).admits("c");
    expect(seatOf(studio.state, "b")).toBe(2);
    expect(seatOf(studio.state, "c")).toBe(1);
  });

  it("is refused, thinks better of it, or waits in vain", () => {
    const studio = new Studio().asks("a").rejects("ask-a", HOST).asks("b").closes("ask-b", [HOST]);
    expect(studio.state).toMatchObject({ asks: [], offers: [] });
    expect(studio.seated).toEqual([]);
  });

  it("is invited, and takes the seat or not", () => {
    const studio = new Studio().offers("a").offers("b");
    expect(studio.state.offers.map(({ userID }) => userID)).toEqual(["a", "b"]);
    studio.accepts("offer-a", "a").rejects("offer-b", "b");
    expect(studio.seated).toEqual(["a"]);
    expect(studio.state.offers).toEqual([]);
  });

  it("who asks and is invited in the same moment sits once", () => {
    expect(new Studio().asks("a").offers("a").accepts("offer-a", "a").accepts("ask-a", HOST).seated).toEqual(["a"]);
  });
});

describe("a seat", () => {
  it("is taken away by the host, and by no listener", () => {
    const studio = new Studio().admits("a");
    expect(studio.notes("b", { scene: "live", action: "leave", who: "a" }).seated).toEqual(["a"]);
    expect(studio.notes(HOST, { scene: "live", action: "leave", who: "a" }).seated).toEqual([]);
  });

  it("is not given by anybody but the host", () => {
    const studio = new Studio().invites("b", ["a"], "fake", { scene: "live", action: "offer" }).accepts("fake", "a");
    studio.invites("a", ["b"], "fake-2", { scene: "live", action: "ask" }).accepts("fake-2", "b");
    studio.asks("c").accepts("ask-c", "b");
    studio.notes("b", { scene: "live", action: "seats", seats: Array(8).fill("b"), upTo: 0 });
    expect(studio.seated).toEqual([]);
  });

  it("is one of eight: the ninth stays in the audience until one is free", () => {
    const studio = new Studio();
    for (let number = 1; number <= 9; number += 1) {
      studio.admits(`guest-${number}`);
    }
    expect(isFull(studio.state)).toBe(true);
    expect(seatOf(studio.state, "guest-9")).toBeUndefined();
    studio
      .notes("guest-3", { scene: "live", action: "leave", who: "guest-3" })
      .offers("guest-9")
      .accepts("offer-guest-9", "guest-9");
    expect(seatOf(studio.state, "guest-9")).toBe(3);
  });

  it("of somebody who has left the room is found", () => {
    expect(absent(new Studio().admits("a").admits("b").state, [HOST, "b"])).toEqual(["a"]);
  });
});

describe("seats that were written down", () => {
  it("are the same for those who read no further back", () => {
    const studio = new Studio().admits("a").admits("b").says("a", "hello").asks("c").writes().accepts("ask-c", HOST);
    const whole = studio.state;
    const late = liveOf(studio.items.slice(4), HOST);
    expect(late).toEqual(whole);
    expect(whole.seats.slice(0, 3)).toEqual(["a", "b", "c"]);
  });

  it("do not undo what happened while the host was writing", () => {
    const studio = new Studio().admits("a");
    const upTo = studio.seq;
    const { seats } = studio.state;
    studio.notes("a", { scene: "live", action: "leave", who: "a" }).admits("b");
    studio.notes(HOST, { scene: "live", action: "seats", seats, upTo });
    expect(studio.seated).toEqual(["b"]);
    expect(liveOf(studio.items.slice(upTo), HOST).seats).toEqual(studio.state.seats);
  });

  it("are due once in a hundred messages", () => {
    const studio = new Studio();
    for (let number = 0; number < 99; number += 1) {
      studio.says("a", "hello");
    }
    expect(placeToWrite(studio.items, HOST)).toBeUndefined();
    studio.says("a", "hello");
    expect(placeToWrite(studio.items, HOST)).toBe(100);
    studio.writes();
    expect(placeToWrite(studio.items, HOST)).toBeUndefined();
  });
});
