import type { CallView, KnownEvent, Message } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { type KnownCalls, knownBy, knownOf } from "../../src/chat/knownCalls.js";
import { type Item, itemOfEvent, itemOfMessage, linesOf } from "../../src/chat/lines.js";
import { wordsOf } from "../../src/chat/words.js";
import { sayIn } from "../../src/strings/say.js";

const CALL = '{"scene":"call","media":"video"}';

function signaling(seq: number, actionType: 1 | 2 | 3 | 4 | 5, data = CALL, inviteID = "call-1"): Item {
  return { kind: "signaling", seq, time: seq, actionType, inviteID, inviter: "ann", data };
}

/** What a reader sees, in English. */
function seen(items: readonly Item[], me: string, known?: KnownCalls): string[] {
  const say = sayIn("en");
  return linesOf(new Map(items.map((item) => [item.seq, item])), me, known).map((line) =>
    line.kind === "text" ? line.text : say(...wordsOf(line)),
  );
}

it.each([
  ["in progress", [signaling(1, 1)], "Ringing…", "Ringing…"],
  ["taken back", [signaling(1, 1), signaling(2, 2, "")], "Cancelled", "Missed call"],
  ["without an answer", [signaling(1, 1), signaling(2, 5)], "No answer", "Missed call"],
  ["declined", [signaling(1, 1), signaling(2, 4, "")], "Declined", "You declined"],
  ["busy", [signaling(1, 1), signaling(2, 4, '{"scene":"call","busy":true}')], "Busy", "Missed call (you were in a call)"],
  ["answered", [signaling(1, 1), signaling(2, 3, "")], "Answered", "Answered"],
])("a call %s is one line", (_, items, caller, called) => {
  expect(seen(items, "ann")).toEqual([caller]);
  expect(seen(items, "bob")).toEqual([called]);
});

it("lines stand where they began, in the order of the conversation", () => {
  const text = (seq: number, words: string): Item => ({ kind: "text", seq, time: seq, sender: "bob", text: words });
  expect(seen([signaling(4, 5), text(3, "later"), signaling(2, 1), text(1, "hello")], "bob")).toEqual([
    "hello",
    "Missed call",
    "later",
  ]);
});

it("invitations of other apps make no line", () => {
  expect(seen([signaling(1, 1, "whiteboard")], "ann")).toEqual([]);
});

it("calls of other apps make a line, because the server says that they are calls", () => {
  const head = {
    cursor: 1,
    time: 1,
    inviteID: "call-1",
    inviter: "ann",
    inviteeList: ["bob"],
    data: "theirs",
    timeout: 30,
    version: 1,
  };
  const call = { callID: "call-1", roomID: "r", mediaType: "video" };
  const known = (event: object) =>
    new Map([knownBy({ ...head, type: "invitation.received", ...event } as KnownEvent) ?? ["", {}]]);
  const items = [signaling(1, 1, "theirs"), signaling(2, 4, "")];
  expect(seen(items, "ann", known({ call }))).toEqual(["Declined"]);
  expect(seen([signaling(1, 1, "theirs")], "ann", known({ call, busyLineUserIDList: ["bob"] }))).toEqual(["Busy"]);
  expect(seen(items, "ann", known({ call: { ...call, callID: "another" } }))).toEqual([]);
  expect(seen(items, "ann", known({ call, groupID: "g" }))).toEqual([]);
  expect(seen(items, "ann", known({}))).toEqual([]);
});

describe("what the server says of a call that is over", () => {
  const view: CallView = {
    callID: "call-1",
    roomID: "r",
    mediaType: "video",
    caller: "ann",
    createdAt: 1,
    answeredAt: 2,
    people: [],
    endedAt: 133_002,
    endReason: "hungUp",
    durationMs: 133_000,
    version: 3,
  };
  const { answeredAt: _, ...unanswered } = view;

  it.each([
    [view, "Duration 02:13"],
    [{ ...view, endReason: "connectionLost" }, "Duration 02:13"],
    [{ ...unanswered, endReason: "busy" }, "Busy"],
    [{ ...unanswered, endReason: "rejected" }, "Declined"],
    [{ ...unanswered, endReason: "timedOut" }, "No answer"],
    [{ ...unanswered, endReason: "connectionLost" }, "Cancelled"],
  ] satisfies [CallView, string][])("is in its line: %#", (call, words) => {
    expect(seen([signaling(1, 1)], "ann", knownOf([call]))).toEqual([words]);
    expect(seen([signaling(1, 1, "another app's")], "ann", knownOf([call]))).toEqual([words]);
  });

  it("is only what it carries while it runs, and nothing of a group's", () => {
    const { endReason: _, ...running } = view;
    expect(knownOf([running])).toEqual(new Map([["call-1", { media: "video" }]]));
    expect(knownOf([{ ...view, groupID: "g" }]).size).toBe(0);
  });

  it("comes with the event that ends it", () => {
    const head = { cursor: 1, time: 1, callID: "call-1", roomID: "r", version: 3, userID: "bob", reason: "hungUp" } as const;
    const known = (event: KnownEvent) => new Map([knownBy(event) ?? ["", {}]]);
    const ended = known({ ...head, type: "call.hungUp", endReason: "hungUp", durationMs: 61_000 });
    expect(seen([signaling(1, 1), signaling(2, 3, "")], "bob", ended)).toEqual(["Duration 01:01"]);
    const lost = known({ ...head, type: "call.hungUp", endReason: "connectionLost", durationMs: 0 });
    expect(seen([signaling(1, 1)], "bob", lost)).toEqual(["Missed call"]);
    expect(known({ ...head, type: "call.hungUp", durationMs: 61_000 }).has("call-1")).toBe(false);
  });
});

it("an event and the message it left are the same item", () => {
  const event = {
    type: "invitation.received",
    cursor: 1,
    time: 5,
    inviteID: "call-1",
    inviter: "ann",
    inviteeList: ["bob"],
    data: CALL,
    timeout: 30,
    version: 1,
    device: { deviceID: "d", platform: 5 },
    message: { conversation: "c2c:ann bob", messageID: "m", seq: 1 },
  } satisfies KnownEvent;
  const message: Message = {
    conversation: "c2c:ann bob",
    messageID: "m",
    seq: 1,
    sender: "ann",
    time: 5,
    type: "custom",
    content: {
      data: JSON.stringify({
        businessID: 1,
        actionType: 1,
        inviteID: "call-1",
        inviter: "ann",
        inviteeList: ["bob"],
        data: CALL,
      }),
    },
  };
  expect(itemOfEvent(event)?.item).toEqual(itemOfMessage(message));
});
