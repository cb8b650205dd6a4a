import { expect, it } from "vitest";
import { en } from "../../src/strings/en.js";
import { zh } from "../../src/strings/zh.js";

const gaps = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort();

it("both languages say the same things", () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
});

it("both languages fill in the same names", () => {
  for (const [key, words] of Object.entries(en)) {
    expect(gaps(zh[key as keyof typeof en]), key).toEqual(gaps(words));
  }
});

it("nothing is left empty or untranslated", () => {
  for (const [key, words] of Object.entries(en)) {
    expect(words.trim(), key).not.toBe("");
    expect(zh[key as keyof typeof en], key).toMatch(/\p{Script=Han}/u);
  }
});
