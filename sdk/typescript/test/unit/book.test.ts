import { describe, expect, test } from "vitest";
import { Book } from "../../src/book/book.js";
import type { InvitationEvent } from "../../src/book/change.js";
import { isInvitationEvent, viewsIn } from "../../src/book/reading.js";
import type { AnyEvent, EventOf } from "../../src/index.js";
import type { InvitationView } from "../../src/wire/index.js";

const device = { deviceID: "d", platform: 5 };
const about = { cursor: 1, time: 10, inviteID: "i", inviter: "ann", data: "" };
const received: EventOf<"invitation.received"> = {
  ...about,
  type: "invitation.received",
  inviteeList: ["bob", "cem"],
  data: "hello",
  timeout: 30,
  version: 1,
  device,
  remainingMs: 5_000,
};
const accepted: InvitationEvent = { ...about, type: "invitation.accepted", invitee: "bob", version: 2, device };
const rejected: InvitationEvent = { ...about, type: "invitation.rejected", invitee: "cem", version: 3, device };
const timedOut: InvitationEvent = { ...about, type: "invitation.timedOut", inviteeList: ["bob", "cem"], version: 2 };

function view(inviteID: string, more: Partial<InvitationView> = {}): InvitationView {
  const invitees = [{ userID: "bob", state: "pending" as const }];
  const fixed = { inviter: "ann", inviterDevice: device, data: "", timeout: 0, createdAt: 0 };
  return { inviteID, ...fixed, invitees, status: "open", version: 1, ...more };
}

function bookOf(...events: InvitationEvent[]): Book {
  const book = new Book();
  for (const event of events) {
    book.hear(event, 1_000);
  }
  return book;
}

function states(book: Book): string[] {
  return book.get("i", 0)?.invitees.map(({ userID, state }) => `${userID} ${state}`) ?? [];
}

describe("one invitation", () => {
  test("is followed to its end", () => {
    expect(bookOf(received).get("i", 1_000)).toMatchObject({ status: "open", version: 1, data: "hello", createdAt: 10 });
    expect(states(bookOf(received, accepted))).toEqual(["bob accepted", "cem pending"]);
    const last = bookOf(received, accepted, rejected).get("i", 0);
    expect(last).toMatchObject({ status: "ended", endReason: "completed", version: 3 });
    expect(last?.invitees[0]).toMatchObject({ at: 10, device });
  });

  test("never goes back, whatever comes late", () => {
    const book = bookOf(received, accepted, rejected);
    const { edition } = book;
    for (const event of [received, accepted, rejected]) {
      book.hear(event, 2_000);
    }
    book.show([view("i")], 2_000);
    expect(book.edition).toBe(edition);
    // The first of two events that a listing knew before: what it does not name stays ended.
    const closed = bookOf(received);
    closed.list([], closed.edition, 0);
    closed.hear(accepted, 0);
    expect(closed.get("i", 0)).toMatchObject({ status: "ended", version: 2 });
    expect(closed.get("i", 0)).not.toHaveProperty("endReason");
  });

  test("has the time that is left by this clock, never less than none", () => {
    const book = bookOf(received);
    expect([1_000, 3_500, 9_000].map((now) => book.get("i", now)?.remainingMs)).toEqual([5_000, 2_500, 0]);
    book.hear(timedOut, 9_000);
    expect(book.get("i", 9_000)).not.toHaveProperty("remainingMs");
  });

  test.each<[InvitationEvent, string, string[]]>([
    [timedOut, "timedOut", ["bob timedOut", "cem timedOut"]],
    [
      { ...about, type: "invitation.cancelled", inviteeList: ["bob", "cem"], version: 2 },
      "cancelled",
      ["bob cancelled", "cem cancelled"],
    ],
    [
      { ...about, type: "invitation.cancelled", inviteeList: ["cem"], version: 2, reason: "groupDismissed" },
      "groupDismissed",
      ["bob pending", "cem cancelled"],
    ],
  ])("says why it ended: %o", (event, endReason, expected) => {
    const book = bookOf(received, event);
    expect(book.get("i", 0)).toMatchObject({ status: "ended", endReason });
    expect(states(book)).toEqual(expected);
  });

  test("a timeout settles those who were pending, and who leaves the group is removed, not unwilling", () => {
    const late: InvitationEvent = { ...timedOut, version: 3 };
    expect(states(bookOf(received, accepted, late))).toEqual(["bob accepted", "cem timedOut"]);
    expect(bookOf(received, accepted, late).get("i", 0)?.endReason).toBe("completed");
    const left: InvitationEvent = { ...about, type: "invitation.rejected", invitee: "cem", version: 2, reason: "leftGroup" };
    expect(states(bookOf(received, left))).toEqual(["bob pending", "cem removed"]);
  });
});

describe("listings", () => {
  test("a complete one ends what it does not name, unless that changed since it was asked for", () => {
    const book = new Book();
    expect(book.complete).toBe(false);
    book.list([view("a"), view("b")], book.edition, 0);
    expect(book.complete).toBe(true);
    const asked = book.edition;
    book.show([view("c")], 0);
    book.list([view("b")], asked, 0);
    expect(book.all(0).map(({ inviteID, status }) => `${inviteID} ${status}`)).toEqual(["b open", "c open", "a ended"]);
  });

  test("of an unknown invitation an event leaves the version; only that one or a higher is shown", () => {
    const book = bookOf(accepted);
    expect([book.get("i", 0), book.all(0)]).toEqual([undefined, []]);
    book.list([view("i")], book.edition, 0);
    expect(book.get("i", 0)).toBeUndefined();
    book.show([view("i", { version: 2 })], 0);
    expect(book.get("i", 0)).toMatchObject({ version: 2 });
  });

  test("the oldest are first, also when a listing told of them last", () => {
    const book = new Book();
    book.show([view("new", { createdAt: 9 })], 0);
    book.list([view("old", { createdAt: 1 }), view("new", { createdAt: 9 })], book.edition, 0);
    expect(book.all(0).map(({ inviteID }) => inviteID)).toEqual(["old", "new"]);
  });
});

test("1,000 open ones are kept and the newest 200 that ended", () => {
  const book = new Book();
  for (let number = 0; number < 1_100; number++) {
    book.show([view(`open ${number}`)], 0);
    book.show([view(`ended ${number}`, { status: "ended" })], 0);
  }
  const kept = (status: string) => book.all(0).filter((one) => one.status === status);
  expect([kept("open").length, kept("ended").length]).toEqual([1_000, 200]);
  expect([book.get("open 99", 0), book.get("ended 899", 0)]).toEqual([undefined, undefined]);
  expect([book.get("open 100", 0), book.get("ended 900", 0)]).not.toContain(undefined);
});

test("what cannot be read changes nothing, and an event of a newer server raises the version", () => {
  expect(viewsIn([{}, 7, null, view("i"), { ...view("j"), invitees: "all" }])).toEqual([view("i")]);
  expect(viewsIn("all")).toEqual([]);
  const event = (fields: object) => ({ cursor: 1, time: 1, ...fields }) as AnyEvent;
  expect(isInvitationEvent(event({ type: "invitation.received", inviteID: "i" }))).toBe(false);
  expect(isInvitationEvent(event({ type: "user.blocked", inviteID: "i", version: 1 }))).toBe(false);
  const snoozed = event({ type: "invitation.snoozed", inviteID: "i", version: 2 });
  expect(isInvitationEvent(snoozed)).toBe(true);
  expect(bookOf(received, snoozed as never).get("i", 0)).toMatchObject({ status: "open", version: 2 });
});
