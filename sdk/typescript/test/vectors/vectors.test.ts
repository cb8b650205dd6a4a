import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Player, seen } from "./player.js";

const folder = new URL("../../../../spec/vectors/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

describe("every conversation of spec/vectors goes as written", () => {
  test.each(files)("%s", (file) => {
    new Player(JSON.parse(readFileSync(new URL(file, folder), "utf8"))).plays();
  });

  afterAll(() => {
    // Most of what is sent is what the SDK sends by itself; the rest are the frames that no SDK would.
    expect(files.length).toBeGreaterThanOrEqual(29);
    expect(seen.sent).toBeGreaterThan(100);
    expect(seen.sent).toBeGreaterThan(5 * seen.byHand);
    expect(seen.settled).toBe(seen.sent);
    for (const count of [seen.refusedHere, seen.told, seen.resumed, seen.stopped]) {
      expect(count).toBeGreaterThan(0);
    }
  });
});
