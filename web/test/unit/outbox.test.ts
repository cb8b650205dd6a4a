import { type State, WigwagError } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { Outbox } from "../../src/chat/outbox.js";
import type { Session } from "../../src/session/session.js";
import { Store } from "../../src/session/store.js";

/** A page with a shelf, and a server that may be away. */
class Page {
  readonly connection = new Store<State>({ status: "open" } as State);
  readonly sent: string[] = [];
  readonly shelf = new Map<string, string>();
  /** What the server answers to the next texts; it takes those after them. */
  readonly answers: WigwagError[] = [];
  outbox = this.opens("ann");

  opens(me: string): Outbox {
    const sendText = async (_: object, text: string, clientMsgID: string) => {
      const answer = this.answers.shift();
      if (answer !== undefined) {
        throw answer;
      }
      this.sent.push(`${text} ${clientMsgID}`);
    };
    const session = { me, connection: this.connection, sendText, patiently: <T>(send: () => Promise<T>) => send() };
    const { shelf } = this;
    const getItem = (key: string) => shelf.get(key) ?? null;
    const setItem = (key: string, value: string) => void shelf.set(key, value);
    this.outbox = new Outbox(session as unknown as Session, { getItem, setItem });
    return this.outbox;
  }

  is(status: "open" | "reconnecting"): void {
    this.connection.set({ status } as State);
  }

  get texts() {
    return this.sent.map((line) => line.split(" ")[0]);
  }

  get waiting() {
    return this.outbox.waiting.get().map(({ text, refusal }) => (refusal === undefined ? text : `${text}: ${refusal}`));
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

it("texts written offline go out in their order when the connection is back", async () => {
  const page = new Page();
  page.is("reconnecting");
  page.outbox.put("bob", "one");
  page.outbox.put("bob", "two");
  await settled();
  expect([page.texts, page.waiting]).toEqual([[], ["one", "two"]]);
  page.is("open");
  await settled();
  expect([page.texts, page.waiting]).toEqual([["one", "two"], []]);
});

it("a text whose reply was lost is sent again under the same name", async () => {
  const page = new Page();
  page.is("reconnecting");
  page.outbox.put("bob", "one");
  const [{ clientMsgID } = { clientMsgID: "" }] = page.outbox.waiting.get();
  page.outbox.close();
  page.opens("ann");
  page.is("open");
  await settled();
  expect(page.sent).toEqual([`one ${clientMsgID}`]);
});

it("a text that the server refuses is said to be, and does not hold up others", async () => {
  const page = new Page();
  page.answers.push(WigwagError.fromReply({ code: 20007, message: "no", data: { reason: "blocked" } } as never));
  page.outbox.put("bob", "one");
  page.outbox.put("bob", "two");
  await settled();
  expect([page.texts, page.waiting]).toEqual([["two"], ["one: blocked"]]);
  const [{ clientMsgID } = { clientMsgID: "" }] = page.outbox.waiting.get();
  page.outbox.retry(clientMsgID);
  await settled();
  expect([page.texts, page.waiting]).toEqual([["two", "one"], []]);
});

it("fifty texts wait, and no more; nobody sends those of another user", () => {
  const page = new Page();
  page.is("reconnecting");
  const taken = Array.from({ length: 51 }, (_, place) => page.outbox.put("bob", String(place)));
  expect(taken.lastIndexOf(true)).toBe(49);
  page.opens("cem");
  expect(page.waiting).toEqual([]);
});
