import { afterEach, expect, test, vi } from "vitest";
import { type Wigwag, WigwagError } from "../../src/index.js";
import { Newest } from "../../src/newest.js";
import { V2TIMManager, type V2TimSignalingListener } from "../../src/v2tim/index.js";
import { Invitations } from "../../src/v2tim/invitations.js";
import { Listeners } from "../../src/v2tim/listeners.js";
import { shown, signalingIn } from "../../src/v2tim/message.js";
import { answer, done, failure, Refusal } from "../../src/v2tim/results.js";
import type { Part, Session } from "../../src/v2tim/session.js";
import type { Message } from "../../src/wire/index.js";

afterEach(() => {
  vi.useRealTimers();
});

const NAMES = ["onInvitationModified", "onInvitationTimeout"] as const;

test("listeners are called as methods, each once, until they are removed", () => {
  const listeners = new Listeners<V2TimSignalingListener>(NAMES);
  class Screen {
    readonly shown: string[] = [];
    onInvitationModified(inviteID: string, data: string) {
      this.shown.push(`${inviteID} ${data}`);
    }
  }
  const [one, other] = [new Screen(), new Screen()];
  expect(listeners.add(one)).toEqual({ code: 0, desc: "" });
  listeners.add(one);
  listeners.add(other);
  listeners.tell("onInvitationModified", "i", "1");
  listeners.tell("onInvitationTimeout", "i", ["bob"]);
  listeners.remove(one);
  listeners.tell("onInvitationModified", "i", "2");
  listeners.remove();
  listeners.tell("onInvitationModified", "i", "3");
  expect([one.shown, other.shown]).toEqual([["i 1"], ["i 1", "i 2"]]);
});

test("a callback that throws, now or later, disturbs nobody, ends no process, and is shown", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const listeners = new Listeners<V2TimSignalingListener>(NAMES);
  const heard: string[] = [];
  listeners.add({
    onInvitationModified: () => {
      throw new Error("at once");
    },
  });
  listeners.add({ onInvitationModified: () => Promise.reject(new Error("later")) });
  listeners.add({ onInvitationModified: (inviteID) => heard.push(inviteID) });
  listeners.tell("onInvitationModified", "i", "");
  expect(heard).toEqual(["i"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(shown.mock.calls).toEqual([[new Error("at once")], [new Error("later")]]);
  shown.mockRestore();
});

test("a ring that ended offline is a timeout at once, and not again when the server says so", () => {
  const parts: Part[] = [];
  const invitations = new Invitations({ tells: (part: Part) => parts.push(part) } as unknown as Session);
  const heard: unknown[] = [];
  invitations.listeners.add({
    onReceiveNewInvitation: (...words) => heard.push(["rings", ...words]),
    onInvitationTimeout: (...words) => heard.push(["over", ...words]),
  });
  const common = { inviteID: "1", inviter: "alice", inviteeList: ["bob"], data: "d", timeout: 30, version: 1 };
  const received = { ...common, type: "invitation.received", cursor: 1, time: 1, remainingMs: 30_000 } as const;
  const invitees = [{ userID: "bob", state: "pending" } as const];
  for (const part of parts) {
    part.begins?.("bob");
    part.event?.(received, "bob");
    part.ringOver?.({ ...common, invitees, createdAt: 1, status: "ended" });
    part.event?.({ ...common, type: "invitation.timedOut", cursor: 2, time: 30_001, version: 2 }, "bob");
  }
  expect(heard).toEqual([
    ["rings", "1", "alice", "", ["bob"], "d", 30_000],
    ["over", "1", ["bob"]],
  ]);
});

test("what others answered to a group's invitation leaves it ringing after a restart", () => {
  const parts: Part[] = [];
  const invitations = new Invitations({ tells: (part: Part) => parts.push(part) } as unknown as Session);
  const heard: unknown[] = [];
  invitations.listeners.add({
    onReceiveNewInvitation: (inviteID) => heard.push(["rings", inviteID]),
    onInviteeAccepted: (inviteID, invitee) => heard.push(["accepted", inviteID, invitee]),
    onInviteeRejected: (inviteID, invitee) => heard.push(["rejected", inviteID, invitee]),
  });
  const common = { inviter: "alice", groupID: "g", data: "d", timeout: 30, version: 2 };
  const answers = { "1": "accepted", "2": "rejected", "3": "cancelled" } as const;
  const open = Object.entries(answers).map(([inviteID, state]) => {
    const invitees = [{ userID: "bob", state: "pending" } as const, { userID: "carol", state } as const];
    return { ...common, inviteID, invitees, createdAt: 1, status: "open" as const };
  });
  const client = { invitations: { open: () => open } } as unknown as Wigwag;
  const answered = { ...common, invitee: "carol", time: 2 };
  const cancelled = { ...common, inviteeList: ["carol"], stillOpen: true, time: 2 };
  for (const part of parts) {
    part.begins?.("bob");
    // The start has a stored cursor: what was not read of the stream comes first, then what is open.
    part.event?.({ ...answered, type: "invitation.accepted", inviteID: "1", cursor: 5 }, "bob");
    part.event?.({ ...answered, type: "invitation.rejected", inviteID: "2", cursor: 6 }, "bob");
    part.event?.({ ...cancelled, type: "invitation.cancelled", inviteID: "3", cursor: 7 }, "bob");
    part.open?.(client, "bob");
    part.open?.(client, "bob");
  }
  expect(heard).toEqual([
    ["accepted", "1", "carol"],
    ["rejected", "2", "carol"],
    ["rings", "1"],
    ["rings", "2"],
    ["rings", "3"],
  ]);
});

test("a listener may be removed by another while it is told", () => {
  const listeners = new Listeners<V2TimSignalingListener>(NAMES);
  const heard: string[] = [];
  const second = { onInvitationModified: () => heard.push("second") };
  listeners.add({ onInvitationModified: () => void listeners.remove(second) });
  listeners.add(second);
  listeners.tell("onInvitationModified", "i", "");
  listeners.tell("onInvitationModified", "i", "");
  expect(heard, "told of what happened before").toEqual(["second"]);
});

test("whatever is thrown becomes a result with the field's number", async () => {
  expect(failure(new WigwagError("invalidParams", "no", { field: "data" }))).toEqual({
    code: 6017,
    desc: "no",
    reason: "invalidParams",
    field: "data",
  });
  expect(failure(new WigwagError("frameTooLarge", "no"))).toMatchObject({ code: 8001 });
  const data = { reason: "rateLimited", retryable: true, retryAfterMs: 50 } as const;
  const refused = WigwagError.fromReply({ code: 7008, message: "no", data });
  expect(failure(refused)).toMatchObject({ code: 7008, retryAfterMs: 50 });
  expect(failure(new Refusal("alreadyKnown", "info"))).toMatchObject({ code: 8012, field: "info" });
  const thrower = () => {
    throw "a text";
  };
  expect(await done(thrower)).toEqual({ code: 6017, desc: "a text", reason: "invalidParams" });
  expect(await answer(thrower)).toMatchObject({ code: 6017, desc: "a text" });
  expect(await answer(() => 7)).toEqual({ code: 0, desc: "", data: 7 });
  expect(await done(async () => 7)).toEqual({ code: 0, desc: "" });
});

test("fields have this surface's names", async () => {
  const refused = () => Promise.reject(new WigwagError("invalidParams", "no", { field: "userID" }));
  expect(await answer(refused, { userID: "receiver" })).toMatchObject({ field: "receiver" });
  expect(await answer(refused, { name: "groupName" })).toMatchObject({ field: "userID" });
});

test("the newest are kept", () => {
  const newest = new Newest<number>(2);
  newest.set("a", 1);
  newest.set("b", 2);
  newest.set("a", 3);
  newest.set("c", 4);
  expect(["a", "b", "c"].map((key) => newest.get(key))).toEqual([undefined, 2, 4]);
  newest.delete("b");
  newest.set("d", 5);
  expect(["c", "d"].map((key) => newest.get(key))).toEqual([4, 5]);
});

test("a message as its sender and its receiver see it", () => {
  const message: Message = {
    messageID: "m",
    conversation: "c2c:alice bob",
    seq: 7,
    sender: "alice",
    receiver: "bob",
    time: 1_763_712_000_999,
    type: "text",
    content: { text: "hi" },
  };
  const common = { msgID: "m", timestamp: 1_763_712_000, seq: "7", sender: "alice", textElem: { text: "hi" }, priority: 2 };
  expect(shown(message, "alice")).toMatchObject({ ...common, userID: "bob", isSelf: true });
  expect(shown(message, "bob")).toMatchObject({ ...common, userID: "alice", isSelf: false });
  expect(signalingIn(shown(message, "bob"))).toBeUndefined();
  expect(signalingIn({})).toBeUndefined();
});

test("nothing is sent, and nothing hangs, before initSDK", async () => {
  const manager = new V2TIMManager();
  const calls = [
    manager.login("alice", "sig"),
    manager.getSignalingManager().accept("i"),
    manager.getMessageManager().markC2CMessageAsRead("bob"),
    manager.getGroupManager().getJoinedGroupList(),
    manager.dismissGroup("g"),
  ];
  for (const result of await Promise.all(calls)) {
    expect(result).toMatchObject({ code: 6013, reason: "notInitialised" });
  }
  expect(await manager.logout()).toEqual({ code: 0, desc: "" });
});
