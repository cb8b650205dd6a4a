import { beforeEach, expect, it, vi } from "vitest";
import { Meeting } from "../../src/media/meeting.js";
import type { TransportParts } from "../../src/media/transport.js";
import type { Signal } from "../../src/session/payload.js";

const taken: string[] = [];

vi.mock("../../src/media/link.js", () => ({
  PeerLink: class {
    readonly view = { get: () => ({ state: "connecting" }), subscribe: () => () => undefined };
    take(signals: readonly Signal[]): void {
      taken.push(JSON.stringify(signals));
    }
    async replace(): Promise<void> {}
    close(): void {}
  },
}));

beforeEach(() => taken.splice(0));

const parts = (kinds: TransportParts["kinds"]) =>
  ({ kinds, local: () => new Promise(() => undefined), send: async () => undefined }) as unknown as TransportParts;
const meeting = (media: "p2p" | "livekit" | "none" = "p2p", kinds: TransportParts["kinds"] = ["audio", "video"]) =>
  new Meeting({ stun: [], media }, parts(kinds));
const candidate = (name: string): Signal => ({ candidate: { candidate: name } });
const bob = { userID: "bob", offers: true };

it("keeps signals that come before the page knows the way, and the 64 newest of them", () => {
  const early = meeting();
  for (let count = 0; count < 66; count += 1) {
    early.take("bob", [candidate(`${count}`)]);
  }
  early.meets([bob]);
  expect(taken).toEqual([]);
  early.reaches({ provider: "p2p" });
  expect(taken).toHaveLength(64);
  expect(taken[0]).toBe(JSON.stringify([candidate("2")]));
});

it("keeps signals of somebody until the page meets them", () => {
  const early = meeting();
  early.reaches({ provider: "p2p" });
  early.take("bob", [candidate("a")]);
  expect(taken).toEqual([]);
  early.meets([bob]);
  expect(taken).toEqual([JSON.stringify([candidate("a")])]);
});

it("forgets with the call what was for it", () => {
  const early = meeting();
  early.take("bob", [candidate("a")]);
  early.close();
  early.reaches({ provider: "p2p" });
  early.meets([bob]);
  expect(taken).toEqual([]);
  expect([...early.view.get().links.keys()]).toEqual(["bob"]);
});

it("carries six with pictures and 16 with voices between pages, and through LiveKit as many as the server lets in", () => {
  expect(meeting("p2p").most).toBe(6);
  expect(meeting("none", ["audio"]).most).toBe(16);
  expect(meeting("livekit").most).toBe(Number.POSITIVE_INFINITY);
});
