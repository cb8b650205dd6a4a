import { expect, it } from "vitest";
import { readRoute, writeRoute } from "../../src/kit/route.js";

it.each([
  { scene: "call" },
  { scene: "call", at: "bob" },
  { scene: "call", at: "bob", now: true },
  { scene: "call", at: "bob/now" },
  { scene: "class", at: "三年级 二班/100%" },
  { scene: "live" },
] as const)("%j comes back from its address", (route) => {
  expect(readRoute(writeRoute(route))).toEqual(route);
});

it.each(["", "#", "#/elsewhere/bob", "#main"])("%j leads to the calls", (hash) => {
  expect(readRoute(hash)).toEqual({ scene: "call" });
});

it("an address that somebody has bent leads to the scene", () => {
  expect(readRoute("#/live/%E7%8")).toEqual({ scene: "live" });
});
