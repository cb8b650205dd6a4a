import { expect, test, vi } from "vitest";
import { encode } from "../../src/check.js";
import { Emitter } from "../../src/emitter.js";
import { Held } from "../../src/held.js";
import { LOCAL_REASONS, REASONS, signalingOf, uuidv7, WigwagError } from "../../src/index.js";
import { Acks } from "../../src/machine/stream.js";
import { bytesOf } from "../../src/machine/text.js";
import type { Message } from "../../src/wire/index.js";

test("UUIDv7s are well formed and in the order of time", () => {
  const made = [1_763_712_000_000, 1_763_712_000_001, 1_763_799_999_999].map((now) => uuidv7(now, Math.random));
  for (const id of made) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect([...made].sort()).toEqual(made);
  expect(
    uuidv7(0x017f22e279b0, () => 0),
    "the time of RFC 9562, appendix A.6",
  ).toBe("017f22e2-79b0-7000-8000-000000000000");
});

test("bytes are counted as UTF-8 has them", () => {
  for (const text of ["", "abc", "é", "€", "😀", "a😀é€\n"]) {
    expect(bytesOf(text), text).toBe(new TextEncoder().encode(text).length);
  }
});

test("what may be left out is left out", () => {
  expect(encode("signaling.invite", { invitee: "bob", data: undefined, timeout: 0 })).toBe('{"invitee":"bob","timeout":0}');
  expect(encode("signaling.listOpen", {})).toBe("{}");
  expect(encode("signaling.accept", { inviteID: "a\\ud83d \u{1f600}", newField: 1 })).toContain('"newField":1');
});

test("listeners are called in order, and those that were removed are not", () => {
  const emitter = new Emitter();
  const heard: string[] = [];
  const forget = emitter.on("state", () => heard.push("first"));
  const second = () => {
    heard.push("second");
    forget();
  };
  const forgetSecond = emitter.on("state", second);
  emitter.on("state", second);
  emitter.emit("state", { status: "connecting" });
  forgetSecond();
  emitter.emit("state", { status: "connecting" });
  expect(heard).toEqual(["first", "second", "second", "second"]);
});

test("a listener that throws, now or later, disturbs nobody, ends no process, and is shown", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const emitter = new Emitter();
  const heard: string[] = [];
  emitter.on("state", () => {
    throw new Error("at once");
  });
  emitter.on("state", () => Promise.reject(new Error("later")));
  emitter.on("state", ({ status }) => heard.push(status));
  emitter.emit("state", { status: "connecting" });
  expect(heard).toEqual(["connecting"]);
  await turn();
  expect(shown.mock.calls).toEqual([[new Error("at once")], [new Error("later")]]);
  shown.mockRestore();

  // A browser has a place of its own for uncaught errors.
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  emitter.emit("state", { status: "connecting" });
  await turn();
  vi.unstubAllGlobals();
  expect(reported.mock.calls).toEqual([[new Error("at once")], [new Error("later")]]);
});

test("errors carry their policy, whatever the server's version", () => {
  const error = new WigwagError("overloaded", "no", { field: "invitee" });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "WigwagError", code: -32003, reason: "overloaded", retryable: true, field: "invitee" });
  const newer = { code: 9, message: "m", data: { reason: "moonlight", retryable: true, retryAfterMs: 5 } };
  expect(WigwagError.fromReply(newer as never)).toMatchObject({ code: 9, reason: "moonlight", retryable: true, retryAfterMs: 5 });
  expect(WigwagError.fromReply({ code: 9, message: "m" } as never)).toMatchObject({ code: 9, retryable: false });
  const both = Object.keys(LOCAL_REASONS).filter((reason) => reason in REASONS);
  expect(both, "a reason has one meaning").toEqual([]);
});

test("signaling is told from other messages", () => {
  const text = {
    businessID: 1,
    inviteID: "a",
    inviter: "b",
    inviteeList: ["c"],
    groupID: "",
    actionType: 5,
    timeout: 0,
    data: "",
    onlineUserOnly: false,
  };
  const message = (type: string, data: unknown) => ({ type, content: { data } }) as unknown as Message;
  expect(signalingOf(message("custom", JSON.stringify(text)))).toEqual(text);
  for (const [type, data] of [
    ["text", JSON.stringify(text)],
    ["custom", "no JSON"],
    ["custom", "7"],
    ["custom", JSON.stringify({ ...text, businessID: "1" })],
    ["custom", JSON.stringify({ ...text, actionType: 6 })],
    ["custom", undefined],
  ] as const) {
    expect(signalingOf(message(type, data))).toBeUndefined();
  }
});

test("own acts are told to those who ask, and marked for them alone", () => {
  const emitter = new Emitter();
  const heard: unknown[] = [];
  emitter.on("event", ({ cursor, own }) => heard.push(["all", cursor, own]));
  expect(emitter.wantsOwnActs).toBe(false);
  const forget = emitter.on("invitation.accepted", ({ cursor, own }) => heard.push(["asks", cursor, own]), { ownActs: true });
  expect(emitter.wantsOwnActs).toBe(true);
  const event = (cursor: number) => ({ cursor, time: 1, type: "invitation.accepted" });
  emitter.tell(event(1), "replied");
  emitter.tell(event(2), "resumed");
  emitter.tell(event(3), undefined);
  expect(heard).toEqual([
    ["asks", 1, true],
    ["all", 2, undefined],
    ["asks", 2, true],
    ["all", 3, undefined],
    ["asks", 3, undefined],
  ]);
  forget();
  forget();
  expect(emitter.wantsOwnActs).toBe(false);
});

test("an event is held until the promises of its listeners are settled, also of one that rejects", async () => {
  const emitter = new Emitter();
  const settle: (() => void)[] = [];
  emitter.on("event", () => new Promise<void>((resolve) => settle.push(resolve)));
  emitter.on("event", () => "no promise");
  let freed = 0;
  const held = new Held(() => {
    freed += 1;
  });
  for (let cursor = 1; cursor <= 1_024; cursor++) {
    for (const busy of emitter.tell({ cursor, time: 1, type: "user.blocked" }, undefined)) {
      held.add(cursor, busy);
    }
  }
  expect([held.part, held.oldest]).toEqual([1, 1]);
  settle[0]?.();
  settle[2]?.();
  await turn();
  expect([held.oldest, freed]).toEqual([2, 2]);
  held.clear();
  settle[1]?.();
  await turn();
  expect([held.part, held.oldest, freed], "nobody asks any more").toEqual([0, undefined, 2]);

  const complaints = vi.spyOn(console, "error").mockImplementation(() => {});
  emitter.on("user.unblocked", () => Promise.reject(new Error("the app's own mistake")));
  const [, busy] = emitter.tell({ cursor: 2_000, time: 1, type: "user.unblocked" }, undefined);
  held.add(2_000, busy as PromiseLike<unknown>);
  await turn();
  expect([held.part, freed]).toEqual([0, 3]);
  expect(complaints.mock.calls).toEqual([[new Error("the app's own mistake")]]);
  complaints.mockRestore();
});

/** Everything that waited for a settled promise has gone on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a ring is acknowledged at once, and all else now and then", () => {
  const acks = new Acks();
  acks.done(10, 1_000);
  expect(acks.dueAt(10)).toBeUndefined();
  expect(acks.dueAt(11)).toBe(6_000);
  acks.rings(12);
  expect(acks.dueAt(11), "the device has not come so far").toBe(6_000);
  expect(acks.dueAt(12)).toBe(1_000);
  acks.done(12, 1_200);
  expect(acks.dueAt(13)).toBe(6_200);
});
