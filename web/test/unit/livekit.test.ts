import type { MediaAccess } from "@wigwag/sdk";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveKit } from "../../src/media/livekit/livekit.js";
import { LOST_AFTER_MS, type TransportParts } from "../../src/media/transport.js";

/** A room of LiveKit's client, as far as whether it can be entered goes. */
class Room {
  static entered: Room[] = [];
  static isAway = false;
  state = "disconnected";
  readonly remoteParticipants = new Map();
  readonly localParticipant = { getTrackPublication: () => undefined };
  readonly #listeners = new Map<string, (reason?: number) => void>();
  token = "";

  on(event: string, listener: () => void): this {
    this.#listeners.set(event, listener);
    return this;
  }

  once(event: string, listener: () => void): this {
    return this.on(event, listener);
  }

  async connect(_url: string, token: string): Promise<void> {
    this.token = token;
    Room.entered.push(this);
    if (Room.isAway) {
      throw new Error("nobody there");
    }
    this.state = "connected";
  }

  async disconnect(): Promise<void> {
    this.throwsOut();
  }

  throwsOut(reason?: number): void {
    this.state = "disconnected";
    this.#listeners.get("disconnected")?.(reason);
  }
}

vi.mock("livekit-client", () => ({
  get Room() {
    return Room;
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaStream", class {});
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  Room.entered = [];
  Room.isAway = false;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const access = (token: string): MediaAccess => ({ provider: "livekit", liveURL: "wss://l.example", token });

function entering(parts: Partial<TransportParts> = {}): LiveKit {
  let asked = 0;
  const livekit = new LiveKit(access("first"), {
    kinds: ["audio", "video"],
    local: async () => ({ getTracks: () => [], getVideoTracks: () => [] }) as unknown as MediaStream,
    screen: () => undefined,
    devices: () => ({ microphone: false, camera: false }),
    send: async () => undefined,
    access: async () => {
      asked += 1;
      return access(`fresh ${asked}`);
    },
    lost: () => undefined,
    ...parts,
  });
  livekit.meets([{ userID: "bob", offers: true }]);
  return livekit;
}

const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tokens = () => Room.entered.map(({ token }) => token);

it("comes in with what the server said, and asks again after it was thrown out", async () => {
  const livekit = entering();
  await passes(10_000);
  expect([livekit.view.get().reach, tokens()]).toEqual(["open", ["first"]]);
  Room.entered[0]?.throwsOut();
  await passes(0);
  expect([livekit.view.get().reach, tokens()]).toEqual(["open", ["first", "fresh 1"]]);
  livekit.close();
});

it("tries again after 1, 2, 4 and then each 8 s, and at once when it is asked to", async () => {
  Room.isAway = true;
  const livekit = entering();
  await passes(0);
  expect(livekit.view.get().reach).toBe("unreachable");
  for (const [ms, attempts] of [
    [999, 1],
    [1, 2],
    [2_000, 3],
    [4_000, 4],
    [8_000, 5],
    [8_000, 6],
  ] as const) {
    await passes(ms);
    expect(tokens()).toHaveLength(attempts);
  }
  Room.isAway = false;
  livekit.repair();
  await passes(0);
  expect([livekit.view.get().reach, tokens().length]).toEqual(["open", 7]);
  livekit.close();
});

it("does not hurry back into a room that throws it out at once", async () => {
  const livekit = entering();
  await passes(0);
  Room.entered[0]?.throwsOut();
  await passes(999);
  expect([livekit.view.get().reach, tokens()]).toEqual(["unreachable", ["first"]]);
  await passes(1);
  expect(tokens()).toHaveLength(2);
  livekit.close();
});

it("leaves the room to another device of the user's until the user wants it here", async () => {
  const duplicateIdentity = 2;
  const livekit = entering();
  await passes(10_000);
  Room.entered[0]?.throwsOut(duplicateIdentity);
  await passes(60_000);
  expect(tokens()).toEqual(["first"]);
  livekit.repair();
  await passes(0);
  expect(tokens()).toEqual(["first", "fresh 1"]);
  livekit.close();
});

it("gives up when nobody else comes, but not while it cannot be reached itself", async () => {
  const lost = vi.fn();
  Room.isAway = true;
  const livekit = entering({ lost });
  await passes(2 * LOST_AFTER_MS);
  expect(lost).not.toHaveBeenCalled();
  Room.isAway = false;
  livekit.repair();
  await passes(LOST_AFTER_MS - 1);
  expect(lost).not.toHaveBeenCalled();
  await passes(1);
  expect(lost).toHaveBeenCalledExactlyOnceWith(false);
  livekit.close();
});

it("does nothing more when it is closed, and nothing before there is somebody to meet", async () => {
  Room.isAway = true;
  const livekit = entering();
  await passes(0);
  livekit.close();
  await passes(60_000);
  expect(tokens()).toHaveLength(1);
  const early = entering();
  early.close();
  const nobody = new LiveKit(access("x"), {} as TransportParts);
  nobody.meets([]);
  await passes(60_000);
  expect(tokens().filter((token) => token === "x")).toEqual([]);
});
