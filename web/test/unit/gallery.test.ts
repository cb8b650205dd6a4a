import { describe, expect, it } from "vitest";
import { ordered, pagesOf, TILES } from "../../src/calls/gallery.js";

const others = (count: number) => Array.from({ length: count }, (_, place) => ({ userID: `u${place}`, offers: true }));
const NOBODY_SPOKE = new Map<string, number>();

describe("the order of the tiles", () => {
  it("is the order of the call, and stays the same list while nothing happens", () => {
    const order = ordered([], others(12), NOBODY_SPOKE);
    expect(order.slice(0, 3)).toEqual(["u0", "u1", "u2"]);
    expect(ordered(order, others(12), NOBODY_SPOKE)).toBe(order);
  });

  it("loses who left, and has who came at its end", () => {
    const order = ordered([], others(3), NOBODY_SPOKE);
    expect(ordered(order, [...others(4)].slice(1), NOBODY_SPOKE)).toEqual(["u1", "u2", "u3"]);
  });

  it("changes the places of a speaker behind the first page and of whoever was silent there for longest", () => {
    const order = ordered([], others(12), NOBODY_SPOKE);
    const spoke = new Map(others(TILES).map(({ userID }, place) => [userID, 100 + place]));
    spoke.set("u3", 1).set("u11", 500);
    const after = ordered(order, others(12), spoke);
    expect([after[3], after[11]]).toEqual(["u11", "u3"]);
    expect(after.filter((userID, place) => userID !== order[place])).toHaveLength(2);
    expect(ordered(after, others(12), spoke)).toBe(after);
  });

  it("leaves a speaker of the first page where they are, and one who spoke longer ago than all of it behind", () => {
    const order = ordered([], others(12), NOBODY_SPOKE);
    expect(ordered(order, others(12), new Map([["u2", 9]]))).toBe(order);
    const spoke = new Map(others(TILES).map(({ userID }) => [userID, 100]));
    expect(ordered(order, others(12), spoke.set("u10", 99))).toBe(order);
  });
});

it.each([
  [0, 1],
  [1, 1],
  [TILES, 1],
  [TILES + 1, 2],
  [2 * TILES, 2],
  [249, 28],
])("%i others take %i pages", (count, pages) => {
  expect(pagesOf(count)).toBe(pages);
});
