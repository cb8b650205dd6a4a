import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Wigwag } from "../../src/client.js";
import type { Groups } from "../../src/tencent/groups.js";
import { Listeners } from "../../src/tencent/listeners.js";
import { Notices } from "../../src/tencent/notices.js";
import type { Profiles } from "../../src/tencent/profiles.js";

const KEY = "wigwag.groups me";
const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function notice(cursor: number, data: string) {
  return { type: "group.notice", cursor, time: 1_000, groupID: "g", data };
}

/** A login of one tab, whose client the test plays. */
class Tab {
  readonly heard: string[] = [];
  readonly asked: (number | undefined)[] = [];
  readonly #calls = new Map<string, (payload: unknown) => void>();
  readonly #notices: Notices;
  #answer: (page: { events: object[]; next?: number } | Error) => void = () => {};

  constructor() {
    const listeners = new Listeners();
    listeners.on("onMessageReceived", ({ data }) => this.heard.push(data[0].payload.userDefinedField));
    const viewer = { me: "me", secondsHere: (ms: number) => ms / 1_000, profile: () => undefined };
    this.#notices = new Notices(listeners, { viewer } as unknown as Profiles, { known: () => undefined } as unknown as Groups);
    const listNews = ({ cursor }: { cursor?: number }) => {
      this.asked.push(cursor);
      return new Promise((resolve, reject) => {
        this.#answer = (page) => (page instanceof Error ? reject(page) : resolve(page));
      });
    };
    const on = (name: string, call: (payload: unknown) => void) => this.#calls.set(name, call);
    this.#notices.begins({ on, groups: { listNews } } as unknown as Wigwag, "me");
    this.tells("state", { status: "open" });
  }

  /** The client tells something. */
  tells(name: string, payload: object): void {
    this.#calls.get(name)?.(payload);
  }

  isReady(): void {
    this.#notices.ready();
  }

  /** The server answers the newest question. */
  async isAnswered(page: { events: object[]; next?: number } | Error): Promise<void> {
    this.#answer(page);
    await new Promise((done) => setTimeout(done, 0));
  }
}

test("what is missed is read when the app is ready, from what the browser has told; live news that are among it come once", async () => {
  kept.set(KEY, "7");
  const tab = new Tab();
  tab.tells("resync", { why: "noCursor" });
  tab.tells("event", notice(12, "live"));
  expect(tab.asked).toEqual([]);
  expect(kept.get(KEY), "what is older is not told yet").toBe("7");
  tab.isReady();
  await tab.isAnswered({ events: [notice(9, "first")], next: 9 });
  await tab.isAnswered({ events: [notice(12, "live"), notice(13, "last")] });
  tab.tells("event", notice(13, "last"));
  expect(tab.asked).toEqual([7, 9]);
  expect(tab.heard).toEqual(["live", "first", "last"]);
  expect(kept.get(KEY)).toBe("13");
  tab.tells("event", notice(14, "next"));
  expect(kept.get(KEY)).toBe("14");
});

test("a session that goes on from its cursor reads nothing, and the browser remembers what it was told", () => {
  const tab = new Tab();
  tab.isReady();
  tab.tells("event", notice(3, "live"));
  tab.tells("event", { type: "group.attributesChanged", cursor: 4 });
  expect([tab.asked, tab.heard, kept.get(KEY)]).toEqual([[], ["live"], "3"]);
});

test("where the cursor of a running session is too old, what was missed is read at once", async () => {
  const tab = new Tab();
  tab.isReady();
  tab.tells("event", notice(3, "live"));
  tab.tells("state", { status: "reconnecting" });
  tab.tells("state", { status: "open" });
  tab.tells("event", notice(40, "early"));
  tab.tells("resync", { why: "cursorTooOld" });
  await tab.isAnswered({ events: [notice(20, "missed"), notice(40, "early")] });
  expect([tab.asked, tab.heard, kept.get(KEY)]).toEqual([[3], ["live", "early", "missed"], "40"]);
});

test("what cannot be read is left to the browser's next session", async () => {
  const tab = new Tab();
  tab.tells("resync", { why: "noCursor" });
  tab.isReady();
  await tab.isAnswered(new Error("the store is away"));
  tab.tells("event", notice(12, "live"));
  expect([tab.heard, kept.get(KEY)]).toEqual([["live"], undefined]);
  const next = new Tab();
  next.tells("resync", { why: "noCursor" });
  next.isReady();
  await next.isAnswered({ events: [notice(5, "missed"), notice(12, "live")] });
  expect([next.asked, next.heard, kept.get(KEY)]).toEqual([[0], ["missed", "live"], "12"]);
});
