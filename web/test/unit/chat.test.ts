import type { KnownEvent } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { Chat } from "../../src/chat/chat.js";
import type { Session } from "../../src/session/session.js";

it.each([
  ["that the list counts", 2, 1],
  ["that the list does not count yet", 1, 2],
])("a message heard while the contacts are read, %s, is unread once", async (_, listed, unread) => {
  const listeners: ((event: KnownEvent) => void)[] = [];
  const conversations = {
    async list() {
      for (const listener of listeners) {
        listener({ type: "message.received", cursor: 1, time: 2, message: message(2) });
      }
      return { conversations: [{ userID: "ann", unread: 1, lastMessage: message(listed) }] };
    },
  };
  const client = { conversations, calls: { list: async () => ({ calls: [] }) } };
  const on = (listener: (event: KnownEvent) => void) => listeners.push(listener);
  const chat = new Chat({ me: "bob", on, client } as unknown as Session);
  await chat.load();
  expect(chat.view.get().contacts).toMatchObject([{ userID: "ann", unread, time: 2, last: { text: "no. 2" } }]);
});

function message(seq: number) {
  const content = { text: `no. ${seq}` };
  return {
    messageID: `m${seq}`,
    conversation: "c2c:ann bob",
    seq,
    time: seq,
    sender: "ann",
    receiver: "bob",
    type: "text",
    content,
  };
}
