import type { CallView, ConversationView, KnownEvent, Message } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { Chat } from "../../src/chat/chat.js";
import type { Online } from "../../src/presence/online.js";
import type { Session } from "../../src/session/session.js";

/** Nobody is online, as far as this user knows. */
const NOBODY = { watch() {}, met() {} } as unknown as Online;

const CALL = '{"scene":"call","media":"video"}';

/** The page of Bob, and a server that has these messages of Ann's and Bob's conversation. */
class Page {
  readonly chat: Chat;
  /** Up to where each reading was marked. */
  readonly marked: number[] = [];
  readonly #listeners: ((event: KnownEvent) => void)[] = [];
  #listed: () => void = () => {};

  constructor(messages: readonly Message[], list: Partial<ConversationView>, calls: readonly Partial<CallView>[] = []) {
    const lastSeq = messages.at(-1)?.seq ?? 0;
    const view = { userID: "ann", unread: 0, readSeq: 0, lastSeq, lastMessage: messages.at(-1), ...list };
    const client = {
      conversations: {
        list: async () => {
          this.#listed();
          return { conversations: [view] };
        },
      },
      calls: { list: async () => ({ calls }) },
      on: () => () => {},
      users: { watch: async () => ({ users: [] }) },
      messages: {
        history: async ({ fromSeq = lastSeq, limit = 20 }) => {
          const read = messages.filter(({ seq = 0 }) => seq <= fromSeq && seq > fromSeq - limit);
          return { messages: read.reverse(), complete: fromSeq <= limit };
        },
        markRead: async ({ seq }: { seq: number }) => this.marked.push(seq),
      },
    };
    const on = (listener: (event: KnownEvent) => void) => this.#listeners.push(listener);
    const patiently = <T>(read: () => Promise<T>) => read();
    this.chat = new Chat({ me: "bob", on, client, patiently } as unknown as Session, NOBODY);
  }

  /** Lets something happen while the list is on its way. */
  whileListing(happens: () => void): void {
    this.#listed = happens;
  }

  hears(event: object): void {
    for (const listener of this.#listeners) {
      listener({ cursor: 1, time: 1, ...event } as KnownEvent);
    }
  }

  says(seq: number): void {
    this.hears({ type: "message.received", message: text(seq) });
  }

  get contact() {
    return this.chat.view.get().contacts[0];
  }
}

it.each([
  ["that the list counts", 2, 1],
  ["that the list does not count yet", 1, 2],
])("a message heard while the contacts are read, %s, is unread once", async (_, listed, unread) => {
  const messages = [text(1), text(2)].slice(0, listed);
  const page = new Page(messages, { unread: 1, readSeq: listed - 1 });
  page.whileListing(() => page.says(2));
  await page.chat.load();
  expect(page.contact).toMatchObject({ userID: "ann", unread, time: 2, last: { text: "no. 2" } });
});

it.each([
  ["taken back", [step(1, 1, "ann"), step(2, 2, "ann")], 2, { unread: 1, last: { outcome: { how: "cancelled" } } }],
  ["not answered", [step(1, 1, "ann"), step(2, 5, "ann")], 2, { unread: 1, last: { outcome: { how: "noAnswer" } } }],
  ["declined here", [step(1, 1, "ann"), step(2, 4, "bob")], 1, { unread: 0, last: { outcome: { how: "declined" } } }],
  ["answered here", [step(1, 1, "ann"), step(2, 3, "bob")], 1, { unread: 0, last: { outcome: { how: "answered" } } }],
])("a call that was %s counts the same when it was heard as when it was read", async (_, steps, unread, expected) => {
  const read = new Page(steps.map(messageOf), { unread });
  await read.chat.load();
  expect(read.contact).toMatchObject(expected);

  const heard = new Page([], {});
  await heard.chat.load();
  for (const event of steps) {
    heard.hears(event);
  }
  expect(heard.contact).toMatchObject(expected);
});

it("what was said before the page that is read counts as the server counts it", async () => {
  const many = Array.from({ length: 200 }, (_, place) => text(place + 1));
  const page = new Page(many, { unread: 200 });
  await page.chat.load();
  expect(page.contact?.unread).toBe(200);
  page.says(201);
  expect(page.chat.view.get().unread).toBe(201);
});

it("a call of which the page reads only the end is shown, because the server lists it", async () => {
  const call = { callID: "c", mediaType: "audio", endReason: "timedOut", caller: "ann" } as const;
  const page = new Page([messageOf(step(8, 5, "ann"))], { readSeq: 8 }, [call]);
  await page.chat.load();
  expect(page.contact).toMatchObject({ unread: 0, last: { kind: "call", outcome: { how: "noAnswer" } } });
});

it("behind a last message that is not shown, the line before it is", async () => {
  const picture = { ...text(2), type: "picture", content: {} };
  const page = new Page([text(1), picture], { readSeq: 2 });
  await page.chat.load();
  expect(page.contact?.last).toMatchObject({ text: "no. 1" });
});

it("is read by who looks at it, and by another device of theirs", async () => {
  const page = new Page([text(1)], { unread: 1 });
  await page.chat.load();
  await page.chat.open("ann");
  expect(page.marked).toEqual([]);
  page.chat.looks(true);
  page.says(2);
  page.chat.looks(false);
  page.says(3);
  page.says(4);
  expect(page.marked).toEqual([1, 2]);
  expect(page.contact?.unread).toBe(2);
  page.hears({ type: "message.read", conversation: "c2c:ann bob", reader: "bob", seq: 3 });
  expect(page.contact?.unread).toBe(1);
});

describe("a page of somebody with 250 conversations", () => {
  const names = Array.from({ length: 250 }, (_, place) => `user-${place}`);
  const views = names.map((userID) => ({
    userID,
    unread: 0,
    readSeq: 1,
    lastSeq: 1,
    lastMessage: { ...text(1), sender: userID },
  }));
  const asked: string[][] = [];
  const client = {
    conversations: {
      list: async ({ limit, after = "0" }: { limit: number; after?: string }) => {
        const end = Number(after) + limit;
        const more = end < views.length ? { next: String(end) } : {};
        return { conversations: views.slice(Number(after), end), ...more };
      },
    },
    calls: { list: async () => ({ calls: [] }) },
    users: {
      get: async ({ userIDs }: { userIDs: string[] }) => {
        asked.push(userIDs);
        return { profiles: userIDs.filter((userID) => userID === "Zoe").map((userID) => ({ userID })) };
      },
      watch: async () => ({ users: [] }),
    },
    messages: { history: async () => ({ messages: [], complete: true }) },
    on: () => () => {},
  };
  const opened = () => {
    const patiently = <T>(read: () => Promise<T>) => read();
    return new Chat({ me: "bob", on: () => {}, client, patiently } as unknown as Session, NOBODY);
  };
  const shown = (chat: Chat) => [chat.view.get().contacts.length, chat.view.get().more];

  it("shows a hundred, and the next when they are asked for", async () => {
    const chat = opened();
    await chat.load();
    expect(shown(chat)).toEqual([100, true]);
    await chat.earlier();
    expect(shown(chat)).toEqual([200, true]);
    await chat.earlier();
    await chat.earlier();
    expect(shown(chat)).toEqual([250, false]);
  });

  it("lists all of them for a search", async () => {
    const chat = opened();
    await chat.load();
    await Promise.all([chat.listAll(), chat.listAll()]);
    expect(shown(chat)).toEqual([250, false]);
  });

  it("finds whom it knows without the server, and others whatever the case", async () => {
    const chat = opened();
    await chat.load();
    asked.length = 0;
    expect(await chat.find("user-7")).toBe("user-7");
    expect(asked).toEqual([]);
    expect(await chat.find("ZOE")).toBe("Zoe");
    expect(await chat.find("nobody")).toBeUndefined();
  });

  it("opens no conversation with nobody", async () => {
    const chat = opened();
    await chat.open("nobody");
    expect(chat.view.get()).toMatchObject({ nobody: true, contacts: [] });
    expect(await chat.open("zoe")).toBe("Zoe");
    expect(chat.view.get()).toMatchObject({ nobody: false, contacts: [] });
    asked.length = 0;
    await chat.open("Zoe");
    expect(chat.view.get().contacts).toMatchObject([{ userID: "Zoe" }]);
    expect(asked).toEqual([]);
  });
});

function text(seq: number): Message {
  const place = { messageID: `m${seq}`, conversation: "c2c:ann bob", seq, time: seq };
  return { ...place, sender: "ann", receiver: "bob", type: "text", content: { text: `no. ${seq}` } };
}

/** The event of a step of Ann's call. */
function step(seq: number, actionType: 1 | 2 | 3 | 4 | 5, sender: string) {
  const names = ["received", "cancelled", "accepted", "rejected", "timedOut"];
  const about = { inviteID: "c", inviter: "ann", inviteeList: ["bob"], invitee: "bob", data: actionType === 1 ? CALL : "" };
  const message = { messageID: `m${seq}`, conversation: "c2c:ann bob", seq };
  return { type: `invitation.${names[actionType - 1]}`, time: seq, ...about, message, actionType, sender };
}

function messageOf({
  message,
  actionType,
  sender,
  time,
  inviteID,
  inviter,
  inviteeList,
  data,
}: ReturnType<typeof step>): Message {
  const signaling = { businessID: 1, inviteID, inviter, inviteeList, groupID: "", actionType, timeout: 0, data };
  return { ...message, time, sender, receiver: "bob", type: "custom", content: { data: JSON.stringify(signaling) } };
}
