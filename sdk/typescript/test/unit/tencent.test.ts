import { afterEach, expect, test, vi } from "vitest";
import { Invitations } from "../../src/api/invitations.js";
import { Book } from "../../src/book/book.js";
import { Emitter } from "../../src/emitter.js";
import { extOfGroupType, groupTypeIn, readExt, writeExt } from "../../src/ext.js";
import { newID } from "../../src/ids.js";
import type { ConversationView, InvitationView, Message, Resync } from "../../src/index.js";
import { Pace } from "../../src/pace.js";
import { setServer } from "../../src/tencent/chats.js";
import { TSignaling } from "../../src/tencent/constants.js";
import { ConversationTable } from "../../src/tencent/conversationTable.js";
import { Listeners } from "../../src/tencent/listeners.js";
import { messageIDOf } from "../../src/tencent/shapes.js";
import { type GroupSignaling, SignalingEvents } from "../../src/tencent/signalingEvents.js";

afterEach(() => {
  vi.useRealTimers();
});

const CONVERSATION = "c2c:alice bob";
const view = (fields: Partial<ConversationView> = {}): ConversationView => ({
  conversation: CONVERSATION,
  userID: "bob",
  lastSeq: 3,
  readSeq: 2,
  unread: 1,
  ...fields,
});
const message = (seq: number | undefined, fields: Partial<Message> = {}): Message => ({
  messageID: `m${seq}`,
  conversation: CONVERSATION,
  sender: "bob",
  receiver: "alice",
  time: 1_000,
  type: "text",
  content: { text: "hi" },
  ...(seq === undefined ? { onlineUserOnly: true } : { seq }),
  ...fields,
});

function table(...views: ConversationView[]): ConversationTable {
  const made = new ConversationTable();
  made.replace(views);
  return made;
}

test("the conversation list follows messages, and asks when it cannot know", () => {
  const list = table(view());
  expect(list.heard(message(4), "alice")).toBe("changed");
  expect(list.all()).toMatchObject([{ lastSeq: 4, unread: 2, lastMessage: { messageID: "m4" } }]);
  expect(list.heard(message(4), "alice"), "the same again").toBe("unchanged");
  expect(list.heard(message(5, { sender: "alice" }), "alice"), "one's own").toBe("changed");
  expect(list.heard(message(6, { excludedFromUnread: true, excludedFromLastMessage: true }), "alice")).toBe("changed");
  expect(list.all()).toMatchObject([{ lastSeq: 6, unread: 2, lastMessage: { messageID: "m5" } }]);
  expect(list.heard(message(undefined), "alice"), "not in history").toBe("unchanged");
  expect(list.heard(message(9), "alice"), "a gap").toBe("askTheServer");
  expect(list.heard(message(1, { conversation: "c2c:alice carol" }), "alice"), "a new one").toBe("askTheServer");
});

test("reading marks: all read is zero, a part of it only the server can count", () => {
  const list = table(view({ unread: 2, lastSeq: 4 }), view({ conversation: "group:g", groupID: "g", unread: 5 }));
  expect(list.totalUnread).toBe(7);
  expect(list.read(CONVERSATION, "alice", 3, "alice")).toBe("askTheServer");
  expect(list.totalUnread).toBe(7);
  expect(list.read(CONVERSATION, "alice", 4, "alice")).toBe("changed");
  expect(list.totalUnread).toBe(5);
  expect(list.read(CONVERSATION, "bob", 4, "alice")).toBe("changed");
  expect(list.read(CONVERSATION, "bob", 2, "alice")).toBe("changed");
  expect(list.find({ userID: "bob" })?.peerReadSeq, "only forward").toBe(4);
});

test("the newest conversation is first", () => {
  const old = view({ conversation: "c2c:alice carol", userID: "carol", lastMessage: message(1, { time: 1 }) });
  const list = table(view({ lastMessage: message(3, { time: 2 }) }), old);
  expect(list.heard(message(4, { conversation: old.conversation, time: 3 }), "alice")).toBe("changed");
  expect(list.all().map(({ userID }) => userID)).toEqual(["carol", "bob"]);
});

test("when events are missing, what is over stops ringing and what is new rings", () => {
  const listeners = new Listeners();
  const heard: unknown[] = [];
  for (const name of [TSignaling.NEW_INVITATION_RECEIVED, TSignaling.INVITATION_CANCELLED]) {
    listeners.on(name, (event) => heard.push([event.name, event.data.inviteID]));
  }
  const [book, emitter] = [new Book(), new Emitter()];
  const client = { on: emitter.on.bind(emitter), invitations: new Invitations(book, () => 0) };
  const events = new SignalingEvents(listeners, { shape: (message: unknown) => message, tell: () => {} } as never);
  const open = (inviteID: string): InvitationView => ({
    inviteID,
    inviter: "bob",
    inviterDevice: { deviceID: "d", platform: 7 },
    invitees: [{ userID: "alice", state: "pending" }],
    data: "",
    timeout: 60,
    createdAt: 1,
    status: "open",
    version: 1,
  });
  const resync = (why: Resync["why"], ...openInvitations: InvitationView[]) => {
    book.list(openInvitations, book.edition, 0);
    emitter.emit("resync", { openInvitations, why });
  };

  events.begins(client as never, "alice");
  resync("noCursor", open("1"), open("2"));
  expect(heard, "the app is not ready yet").toEqual([]);
  events.ready();
  resync("cursorTooOld", open("2"), open("3"));
  expect(heard).toEqual([
    ["newInvitationReceived", "1"],
    ["newInvitationReceived", "2"],
    ["ts_invitation_cancelled", "1"],
    ["newInvitationReceived", "3"],
  ]);
});

test("a ring that ended offline is a timeout at once, and not again when the server says so", () => {
  const listeners = new Listeners();
  const heard: unknown[] = [];
  listeners.on(TSignaling.NEW_INVITATION_RECEIVED, ({ data }) => heard.push(["rings", data.remainingMs]));
  listeners.on(TSignaling.INVITATION_TIMEOUT, ({ data }) =>
    heard.push(["over", data.inviteID, data.inviteeList, data.isSelfTimeout]),
  );
  const [book, emitter, told] = [new Book(), new Emitter(), vi.fn()];
  const client = { on: emitter.on.bind(emitter), invitations: new Invitations(book, () => 30_000) };
  const events = new SignalingEvents(listeners, { shape: (message: unknown) => message, tell: told } as never);
  const common = { inviteID: "1", inviter: "bob", inviteeList: ["alice"], data: "", version: 1 };
  const received = { ...common, type: "invitation.received", cursor: 1, time: 1, timeout: 30, remainingMs: 30_000 } as const;
  const timedOut = { ...common, type: "invitation.timedOut", cursor: 2, time: 30_001, version: 2 } as const;

  events.begins(client as never, "alice");
  book.hear(received, 0);
  emitter.tell(received as never, undefined);
  book.endOverdue(30_000);
  emitter.emit("ringOver", { inviteID: "1" });
  book.hear(timedOut, 31_000);
  emitter.tell(timedOut as never, undefined);
  expect(heard).toEqual([
    ["rings", 30_000],
    ["over", "1", ["alice"], true],
  ]);
  expect(told, "the timeout is in the conversation all the same").toHaveBeenCalledTimes(2);
});

test("an invitation without a deadline that is older than a minute does not ring at the login", () => {
  const listeners = new Listeners();
  const heard: unknown[] = [];
  listeners.on(TSignaling.NEW_INVITATION_RECEIVED, ({ data }) => heard.push(data.inviteID));
  const [book, emitter, told] = [new Book(), new Emitter(), vi.fn()];
  const client = { on: emitter.on.bind(emitter), invitations: new Invitations(book, () => 0) };
  const events = new SignalingEvents(listeners, { shape: (message: unknown) => message, tell: told } as never);
  const view = (inviteID: string, timeout: number, createdAt: number): InvitationView => ({
    inviteID,
    inviter: "bob",
    invitees: [{ userID: "alice", state: "pending" }],
    data: "",
    timeout,
    createdAt,
    status: "open",
    version: 1,
  });
  const comes = (inviteID: string, timeout: number, time: number) =>
    emitter.emit("invitation.received", {
      ...{ type: "invitation.received", cursor: 1, version: 1, data: "", inviter: "bob", inviteeList: ["alice"] },
      ...{ inviteID, timeout, time },
    });

  events.begins(client as never, "alice");
  emitter.emit("state", { status: "open", userID: "alice", serverTime: 1_000_000 });
  book.list(
    [
      view("listed, old", 0, 939_999),
      view("superseded", 0, 940_000),
      view("listed, young", 0, 940_001),
      view("a call", 86_400, 1),
    ],
    0,
    0,
  );
  events.ready();
  comes("caught up, old", 0, 939_999);
  comes("caught up, young", 0, 940_000);
  emitter.emit("state", { status: "open", userID: "alice", serverTime: 2_000_000 });
  comes("missed in a tunnel", 0, 1_500_000);
  expect(heard).toEqual(["a call", "listed, young", "caught up, young", "missed in a tunnel"]);
  expect(told, "nor is it told as a message").toHaveBeenCalledTimes(2);
});

test("a handler that throws, now or later, disturbs nobody, ends no process, and is shown", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const listeners = new Listeners();
  const heard: unknown[] = [];
  listeners.on("ring", () => {
    throw new Error("at once");
  });
  listeners.on("ring", () => Promise.reject(new Error("later")));
  listeners.on("ring", ({ data }) => heard.push(data));
  listeners.emit("ring", 7);
  expect(heard).toEqual([7]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(shown.mock.calls).toEqual([
    ["a handler of ring failed:", new Error("at once")],
    ["a handler of ring failed:", new Error("later")],
  ]);
  shown.mockRestore();
});

test("an ext keeps what others have put into it", () => {
  expect(readExt(writeExt("", { type: "Public" }) ?? "")).toEqual({ type: "Public" });
  const ours = writeExt('{"theirs":1}', { type: "Public" }) ?? "";
  expect(JSON.parse(writeExt(ours, { avatar: "a" }) ?? "")).toEqual({ theirs: 1, tencent: { type: "Public", avatar: "a" } });
  expect(writeExt("not JSON", { type: "Public" })).toBeUndefined();
  expect([readExt("not JSON"), readExt("null"), readExt('{"tencent":7}')]).toEqual([{}, {}, {}]);
  expect(
    ["Work", "Meeting", "Public"].map((type) => [readExt(extOfGroupType(type)).type, groupTypeIn(extOfGroupType(type))]),
  ).toEqual([
    ["Private", "Work"],
    ["ChatRoom", "Meeting"],
    ["Public", "Public"],
  ]);
});

test("many changes are one piece of work, and pieces of work are apart", () => {
  vi.useFakeTimers();
  let works = 0;
  const pace = new Pace(async () => {
    works += 1;
  }, 1_000);
  for (let change = 0; change < 50; change++) {
    pace.changed();
  }
  vi.advanceTimersByTime(100);
  expect(works).toBe(1);
  pace.changed();
  vi.advanceTimersByTime(800);
  expect(works, "too soon").toBe(1);
  vi.advanceTimersByTime(200);
  expect(works).toBe(2);
  pace.changed();
  pace.stop();
  vi.advanceTimersByTime(5_000);
  expect(works).toBe(2);
});

test("a message's ID is its sender's, whatever key another chooses", () => {
  const key = newID();
  expect(messageIDOf("ann-bob", key)).toBe(`ann-bob-${key}`);
  expect(messageIDOf("ann", `bob-${key}`)).toBeUndefined();
  expect(messageIDOf("ann", undefined)).toBeUndefined();
});

/** Which inviteIDs alice's app is told of when an invitation of bob's to her that she does not know times out. */
function toldOf(groupID: string | undefined, groupSignaling: GroupSignaling | undefined): unknown[] {
  const listeners = new Listeners();
  const heard: unknown[] = [];
  listeners.on(TSignaling.INVITATION_TIMEOUT, ({ data }) => heard.push(data.inviteID));
  const emitter = new Emitter();
  const client = { on: emitter.on.bind(emitter), invitations: new Invitations(new Book(), () => 0) };
  const messages = { shape: (message: unknown) => message, tell: () => {} };
  new SignalingEvents(listeners, messages as never, groupSignaling).begins(client as never, "alice");
  const event = { type: "invitation.timedOut", inviteID: "1", inviter: "bob", inviteeList: ["alice"], data: "", groupID };
  emitter.tell({ ...event, cursor: 1, time: 1, version: 2 } as never, undefined);
  return heard;
}

test("of an invitation that is not known, invitees alone are told where it is one-to-one", () => {
  expect(toldOf(undefined, "invitees")).toEqual(["1"]);
  expect(toldOf("g", "invitees")).toEqual([]);
});

test("a chat that was made without a choice takes that of the page's server", () => {
  expect(toldOf("g", undefined)).toEqual(["1"]);
  setServer("wss://chat.example.org", { groupSignaling: "invitees" });
  expect(toldOf("g", undefined)).toEqual([]);
  expect(toldOf("g", "members")).toEqual(["1"]);
  expect(() => setServer("wss://chat.example.org", { groupSignaling: "all" as never })).toThrow("groupSignaling");
  setServer("wss://chat.example.org");
  expect(toldOf("g", undefined)).toEqual(["1"]);
});
