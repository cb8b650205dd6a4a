import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Wigwag as WigwagClass, WigwagOptions } from "../../src/index.js";

/** As much of a browser as the SDK looks at. */
class Page extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  constructor(readonly sessionStorage: FakeStorage) {
    super();
  }

  /** A page of this tab: module state starts anew, globals are the browser's. */
  async opens(): Promise<typeof import("../../src/index.js")> {
    vi.resetModules();
    FakeSocket.made = [];
    const { addEventListener, removeEventListener, dispatchEvent } = this;
    const bound = { addEventListener, removeEventListener, dispatchEvent };
    for (const [name, listen] of Object.entries(bound)) {
      vi.stubGlobal(name, listen.bind(this));
    }
    vi.stubGlobal("sessionStorage", this.sessionStorage);
    vi.stubGlobal("document", this.document);
    vi.stubGlobal("WebSocket", FakeSocket);
    return import("../../src/index.js");
  }

  goes(): void {
    this.dispatchEvent(new Event("pagehide"));
  }
}

class FakeStorage {
  constructor(readonly items: Record<string, string> = {}) {}
  getItem = (key: string) => this.items[key] ?? null;
  setItem = (key: string, value: string) => {
    this.items[key] = value;
  };
  removeItem = (key: string) => {
    delete this.items[key];
  };
}

/** A server at the other end of a WebSocket: signs everybody in as Alice, answers reads, and pushes what it is told to. */
class FakeSocket {
  static made: FakeSocket[] = [];
  static answers = true;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror = null;
  readonly sent: { id: number; method: string; params: Record<string, unknown> }[] = [];

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
    setTimeout(() => this.onopen?.());
  }

  static get last(): FakeSocket {
    return FakeSocket.made.at(-1) as FakeSocket;
  }

  send(text: string): void {
    const frame = JSON.parse(text);
    this.sent.push(frame);
    const { cursor = 5 } = frame.params;
    const opened = { userID: "alice", time: 1, cursor, head: cursor, pingInterval: 30, limits: { frameBytes: 65_536 } };
    if (frame.id !== undefined && FakeSocket.answers) {
      const result = frame.method === "session.open" ? opened : { invitations: [] };
      setTimeout(() => this.pushes({ id: frame.id, result }));
    }
  }

  close(): void {}

  pushes(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  tells(cursor: number): void {
    this.pushes({ method: "event", params: { cursor, time: 1, type: "user.blocked", userID: "eve" } });
  }
}

let client: WigwagClass;

async function signsIn(page: Page, options: Partial<WigwagOptions> = {}): Promise<FakeSocket> {
  const { Wigwag } = await page.opens();
  client = new Wigwag({ url: "https://chat.example.org", token: "t", ...options });
  const connecting = client.connect();
  await vi.advanceTimersByTimeAsync(10);
  await connecting;
  return FakeSocket.last;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  FakeSocket.answers = true;
});

afterEach(async () => {
  await client.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function deviceOf(socket: FakeSocket): unknown {
  return socket.sent[0]?.params.deviceID;
}

test("a page that is loaded again is the same device and goes on at its cursor", async () => {
  const storage = new FakeStorage();
  const page = new Page(storage);
  const before = await signsIn(page);
  expect(before.url).toBe("wss://chat.example.org/v1/ws");
  expect(before.sent[0]?.params).toMatchObject({ platform: expect.any(Number) });
  expect(before.sent[0]?.params).not.toHaveProperty("cursor");
  before.tells(6);
  page.goes();

  const after = await signsIn(new Page(storage));
  expect(deviceOf(after)).toBe(deviceOf(before));
  expect(after.sent[0]?.params.cursor).toBe(6);
});

test("a tab that is duplicated is another device", async () => {
  const storage = new FakeStorage();
  const page = new Page(storage);
  await signsIn(page);
  page.goes();
  const original = await signsIn(new Page(storage));
  const copy = await signsIn(new Page(new FakeStorage({ ...storage.items })));
  expect(deviceOf(copy)).not.toBe(deviceOf(original));
});

test("two clients of one page are two devices; what the tab keeps is the first one's, and free when it is closed", async () => {
  const storage = new FakeStorage();
  const first = await signsIn(new Page(storage));
  const { Wigwag } = await import("../../src/index.js");
  const second = new Wigwag({ url: "https://chat.example.org", token: "t" });
  const connecting = second.connect();
  await vi.advanceTimersByTimeAsync(10);
  await connecting;
  expect(deviceOf(FakeSocket.last)).not.toBe(deviceOf(first));
  await second.close();
  expect(Object.keys(storage.items), "nothing of the second is kept").toEqual([]);

  await client.close();
  const again = second.connect();
  await vi.advanceTimersByTimeAsync(10);
  await again;
  expect(deviceOf(FakeSocket.last)).toBe(deviceOf(first));
  await second.close();
});

test("a client that is closed before it has begun leaves the tab to the next", async () => {
  const storage = new FakeStorage();
  const page = new Page(storage);
  const first = await signsIn(page);
  await client.close();
  const { Wigwag } = await import("../../src/index.js");
  const hasty = new Wigwag({ url: "https://chat.example.org", token: "t" });
  hasty.connect().catch(() => {});
  await hasty.close();
  const connecting = client.connect();
  await vi.advanceTimersByTimeAsync(10);
  await connecting;
  expect(deviceOf(FakeSocket.last)).toBe(deviceOf(first));
});

test("without storage there is a device for each page", async () => {
  const { Wigwag } = await new Page(new FakeStorage()).opens();
  vi.stubGlobal("sessionStorage", undefined);
  client = new Wigwag({ url: "ws://chat.example.org/signaling/", token: "t" });
  const connecting = client.connect();
  await vi.advanceTimersByTimeAsync(10);
  await connecting;
  expect(FakeSocket.last.url).toBe("ws://chat.example.org/signaling/");
  expect(deviceOf(FakeSocket.last)).toMatch(/^[0-9a-f-]{36}$/);
});

test("the cursor is kept only after the listeners were told", async () => {
  const saved: number[] = [];
  const socket = await signsIn(new Page(new FakeStorage()), {
    cursorStore: { load: () => null, save: ({ cursor }) => void saved.push(cursor) },
  });
  await vi.advanceTimersByTimeAsync(1_000);
  const told: number[][] = [];
  client.on("event", ({ cursor }) => {
    window().dispatchEvent(new Event("pagehide"));
    told.push([cursor, ...saved]);
  });
  socket.tells(6);
  socket.tells(7);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(saved).toEqual([5, 6, 7]);
  expect(told, "what was stored while each was told").toEqual([
    [6, 5],
    [7, 5, 6],
  ]);
});

test("a store that fails is warned of, once for each time", async () => {
  const warnings: string[] = [];
  const socket = await signsIn(new Page(new FakeStorage()), {
    cursorStore: { load: () => null, save: () => Promise.reject(new Error("disk full")) },
  });
  client.on("warning", ({ reason, message }) => warnings.push(`${reason}: ${message}`));
  await vi.advanceTimersByTimeAsync(1_000);
  socket.tells(6);
  await client.close();
  const warning = "storeFailed: the cursor could not be stored: disk full";
  expect(warnings).toEqual([warning, warning]);
});

test("a slow store gets one place at a time, the newest last", async () => {
  const log: string[] = [];
  const socket = await signsIn(new Page(new FakeStorage()), {
    cursorStore: {
      load: () => null,
      async save({ cursor }) {
        log.push(`begin ${cursor}`);
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        log.push(`end ${cursor}`);
      },
    },
  });
  await vi.advanceTimersByTimeAsync(1_000);
  socket.tells(6);
  const closing = client.close();
  await vi.advanceTimersByTimeAsync(10_000);
  await closing;
  expect(log).toEqual(["begin 5", "end 5", "begin 6", "end 6"]);
});

test("when the network comes back, a lost connection is not waited for", async () => {
  const socket = await signsIn(new Page(new FakeStorage()));
  socket.onclose?.({ code: 1006, reason: "" });
  expect(client.state).toMatchObject({ status: "reconnecting", why: "the connection was lost" });
  window().dispatchEvent(new Event("online"));
  expect(FakeSocket.made).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(client.state.status).toBe("open");
});

test("when the page is looked at again, a dead connection is found out", async () => {
  const socket = await signsIn(new Page(new FakeStorage()));
  FakeSocket.answers = false;
  (document as unknown as { visibilityState: string }).visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(socket.sent.at(-1)).toMatchObject({ method: "session.ack", id: expect.any(Number) });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.state).toMatchObject({ status: "reconnecting", why: "the server is silent" });
});

test("a frame that is not text ends the connection", async () => {
  const socket = await signsIn(new Page(new FakeStorage()));
  socket.onmessage?.({ data: new ArrayBuffer(1) });
  expect(client.state).toMatchObject({ status: "reconnecting", why: "a frame that is not text" });
});

test("a closed client leaves no listener, no timer and no socket behind", async () => {
  const socket = await signsIn(new Page(new FakeStorage()));
  await client.close();
  await vi.runAllTimersAsync();
  expect(vi.getTimerCount()).toBe(0);
  expect(socket.onmessage).toBeNull();
  window().dispatchEvent(new Event("online"));
  expect(FakeSocket.made).toHaveLength(1);
});

function window(): EventTarget {
  return globalThis as unknown as EventTarget;
}
