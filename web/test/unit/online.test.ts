import type { UserStatus } from "@wigwag/sdk";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Online } from "../../src/presence/online.js";
import type { Session } from "../../src/session/session.js";
import { Store } from "../../src/session/store.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A page, and a server on which some are online, and some may not be seen. */
class Page {
  readonly asked: string[][] = [];
  readonly online: Online;
  hidden = ["eve"];
  readonly connection = new Store<{ status: string }>({ status: "open" });
  #hears: (status: UserStatus) => void = () => {};

  constructor() {
    const watch = async ({ userIDs }: { userIDs: string[] }) => {
      this.asked.push(userIDs);
      return { users: userIDs.map((userID) => ({ userID, presence: this.hidden.includes(userID) ? "unknown" : "online" })) };
    };
    const on = (_: string, hears: (status: UserStatus) => void) => {
      this.#hears = hears;
      return () => {};
    };
    const connection = this.connection;
    this.online = new Online({ connection, client: { on, users: { watch } } } as unknown as Session);
  }

  hears(userID: string, presence: UserStatus["presence"]): void {
    this.#hears({ userID, presence });
  }

  get shown(): string[] {
    return [...this.online.view.get()];
  }
}

it("the newest hundred are watched, and asked for once more only when another one is among them", async () => {
  const page = new Page();
  const names = Array.from({ length: 150 }, (_, number) => `u${number}`);
  page.online.watch("contacts", names);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(page.asked).toEqual([names.slice(0, 100)]);
  page.online.watch("contacts", names.slice(0, 100).reverse());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(page.asked).toHaveLength(1);
  page.online.watch("contacts", ["u149", ...names]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(page.asked).toHaveLength(2);
  expect(page.shown).toHaveLength(100);
});

it("whoever comes and goes is shown, and many changes of the list are one request in two seconds", async () => {
  const page = new Page();
  page.online.watch("contacts", ["ann"]);
  page.online.watch("contacts", ["ann", "bob"]);
  page.online.watch("contacts", ["ann", "bob", "eve"]);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(page.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(page.asked).toEqual([["ann"], ["ann", "bob", "eve"]]);
  expect(page.shown).toEqual(["ann", "bob"]);
  page.hears("bob", "offline");
  expect(page.shown).toEqual(["ann"]);
  await vi.advanceTimersByTimeAsync(10_000);
  // Eve writes: she may be seen from now on.
  page.hidden = [];
  page.online.met("ann");
  page.online.met("eve");
  await vi.advanceTimersByTimeAsync(0);
  expect(page.asked).toHaveLength(3);
  expect(page.shown).toContain("eve");
});

it("who is in a room is watched before contacts, and only what the server says makes somebody offline", async () => {
  const page = new Page();
  page.online.watch(
    "contacts",
    Array.from({ length: 100 }, (_, number) => `u${number}`),
  );
  page.online.watch("room", ["ann", "eve"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(page.asked.at(-1)?.slice(0, 3)).toEqual(["ann", "eve", "u0"]);
  expect(page.asked.at(-1)).toHaveLength(100);
  page.hears("ann", "offline");
  page.hears("eve", "unknown");
  expect([...page.online.offline.get()]).toEqual(["ann"]);
  page.online.watch("room", []);
  expect([...page.online.offline.get()], "nobody in a room that was left").toEqual([]);
});

it("a page that lost its connection takes nobody for offline until it is told anew", async () => {
  const page = new Page();
  page.online.watch("room", ["ann"]);
  await vi.advanceTimersByTimeAsync(2_000);
  page.hears("ann", "offline");
  page.connection.set({ status: "reconnecting" });
  expect([...page.online.offline.get()]).toEqual([]);
  page.connection.set({ status: "open" });
  page.hears("ann", "offline");
  expect([...page.online.offline.get()]).toEqual(["ann"]);
});
