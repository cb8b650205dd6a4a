import type { KnownEvent, Message } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { type Item, itemOfEvent, itemOfMessage, linesOf } from "../../src/chat/lines.js";
import { wordsOf } from "../../src/chat/words.js";
import { sayIn } from "../../src/strings/say.js";

const CALL = '{"scene":"call","media":"video"}';

function signaling(seq: number, actionType: 1 | 2 | 3 | 4 | 5, data = CALL, inviteID = "call-1"): Item {
  return { kind: "signaling", seq, time: seq, actionType, inviteID, inviter: "ann", data };
}

/** What a reader sees, in English. */
function seen(items: readonly Item[], me: string): string[] {
  const say = sayIn("en");
  return linesOf(new Map(items.map((item) => [item.seq, item])), me).map((line) =>
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
  [
    "ended by both",
    [
      signaling(1, 1),
      signaling(2, 3, ""),
      { kind: "end", seq: 3, time: 3, inviteID: "call-1", seconds: 133 } as const,
      { kind: "end", seq: 4, time: 4, inviteID: "call-1", seconds: 134 } as const,
    ],
    "Duration 02:13",
    "Duration 02:13",
  ],
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

it("invitations of other apps and ends of calls before this page make no line", () => {
  expect(seen([signaling(1, 1, "whiteboard"), { kind: "end", seq: 2, time: 2, inviteID: "x", seconds: 3 }], "ann")).toEqual([]);
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
