import { expect, it } from "vitest";
import type { Ending } from "../../src/calls/machine.js";
import { secondLater, staysFor } from "../../src/calls/staying.js";

const NOBODY = { pointer: false, keyboard: false, visible: true };

it("the card about a call's end goes when its seconds are over", () => {
  expect(secondLater(6, 6, NOBODY)).toBe(5);
  expect(secondLater(1, 6, NOBODY)).toBe(0);
});

it.each([{ pointer: true }, { keyboard: true }, { visible: false }])("but not with %j", (attention) => {
  expect(secondLater(1, 6, { ...NOBODY, ...attention })).toBe(6);
});

it("it stays longer when there is something to choose or to understand", () => {
  const stays = (why: Ending) => staysFor({ at: "over", inviteID: "1", peer: "bob", media: "audio", why });
  expect(stays("missed")).toBeGreaterThan(stays("hungUp"));
  expect(stays("refused")).toBeGreaterThan(stays("declined"));
});
