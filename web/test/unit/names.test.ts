import { describe, expect, it } from "vitest";
import { idOf, idsOf, initialsOf, lookOf, nameOf, PATTERNS, TINTS, tidied } from "../../src/people/names.js";
import { durationOf } from "../../src/people/times.js";

describe("a name", () => {
  it.each(["alice", "bob-7", "王小明", "Ann Lee", "~tilde", "Zoë", "😀"])("%s comes back from its ID", (name) => {
    const id = idOf(name);
    expect(id).toMatch(/^[!-~]{1,64}$/);
    expect(nameOf(id)).toBe(name);
  });

  it("that is an ID already stays as it is", () => {
    expect(idOf("alice")).toBe("alice");
  });

  it.each([
    ["ann lee", ["ann lee", "Ann Lee", "ANN LEE"]],
    ["aNN-lee", ["aNN-lee", "ann-lee", "Ann-Lee", "ANN-LEE"]],
    ["王小明", ["王小明"]],
    ["élodie", ["élodie", "Élodie", "ÉLODIE"]],
  ])("%s is looked for as %j", (name, names) => {
    expect(idsOf(name)).toEqual(names.map(idOf));
  });

  it("is the same however it was typed", () => {
    expect(idOf(tidied("  Zoe\u0308   K "))).toBe(idOf("Zoë K"));
  });

  it("of another app that only looks encoded is shown as it is", () => {
    expect(nameOf("~%%%")).toBe("~%%%");
    expect(nameOf("~_w")).toBe("~_w");
  });

  it.each([
    ["alice", "AL"],
    ["Ann Lee", "AL"],
    ["王小明", "小明"],
    ["x", "X"],
  ])("%s has the letters %s on its picture", (name, letters) => {
    expect(initialsOf(name)).toBe(letters);
  });

  it("keeps its colour", () => {
    expect(lookOf("alice")).toEqual(lookOf("alice"));
    const looks = Array.from({ length: 200 }, (_, number) => lookOf(`user-${number}`));
    expect(new Set(looks.map(({ tint, pattern }) => `${tint} ${pattern}`)).size).toBe(TINTS * PATTERNS);
    for (const [one, other] of [
      ["alice", "alan"],
      ["bob", "bo"],
      ["Ann", "Andy"],
    ] as const) {
      expect(lookOf(one), `${one} and ${other}`).not.toEqual(lookOf(other));
    }
  });
});

it.each([
  [0, "00:00"],
  [133, "02:13"],
  [3_733, "1:02:13"],
])("%d s are %s", (seconds, words) => {
  expect(durationOf(seconds)).toBe(words);
});
