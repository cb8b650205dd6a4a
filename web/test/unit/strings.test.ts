import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en as consoleEn } from "../../console/src/strings/en.js";
import { zh as consoleZh } from "../../console/src/strings/zh.js";
import { en } from "../../src/strings/en.js";
import { zh } from "../../src/strings/zh.js";

type Texts = Readonly<Record<string, string>>;

const gaps = (words: string | undefined) => (words?.match(/\{\w+\}/g) ?? []).sort();

const PAGES: [string, Texts, Texts][] = [
  ["the app", en, zh],
  ["the console", consoleEn, consoleZh],
];

describe.each(PAGES)("%s", (_, english, chinese) => {
  it("says the same things in both languages", () => {
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
  });

  it("fills in the same names in both languages", () => {
    for (const [key, words] of Object.entries(english)) {
      expect(gaps(chinese[key]), key).toEqual(gaps(words));
    }
  });

  it("leaves nothing empty or untranslated", () => {
    for (const [key, words] of Object.entries(english)) {
      expect(words.trim(), key).not.toBe("");
      expect(chinese[key], key).toMatch(/\p{Script=Han}/u);
    }
  });
});

it("no words stand in the pages of the console themselves", () => {
  const folder = new URL("../../console/src/", import.meta.url);
  const pages = readdirSync(folder).filter((file) => file.endsWith(".tsx"));
  expect(pages.length).toBeGreaterThan(10);
  const found = pages.flatMap((file) => {
    const code = readFileSync(new URL(file, folder), "utf8");
    const attributes = code.matchAll(/\b(?:label|title|question|word|aria-label|placeholder)="[^"]+"/g);
    // Between tags, on a line of their own or beside them; the command of the key form is none of a language.
    const texts = code.matchAll(/(?<=>)[A-Z][a-z]+[^<>{}=]*(?=<\/)|(?<=\n *)[A-Z][a-z]+(?: [a-z]+)*[.…]?(?=\n)/g);
    return [...attributes, ...texts].map(([words]) => `${file}: ${words}`);
  });
  expect(found).toEqual([]);
});
