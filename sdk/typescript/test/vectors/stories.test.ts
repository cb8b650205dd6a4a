import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Teller } from "./stories.js";

const folder = new URL("../../../../spec/vectors/client/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

describe("every story of spec/vectors/client goes as written", () => {
  test.each(files)("%s", (file) => {
    const story = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    new Teller(story).tells(story.steps);
  });

  test("there are some", () => {
    expect(files.length).toBeGreaterThanOrEqual(17);
  });
});
