import type { CallView } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { MOST_PEOPLE, peopleOf } from "../../src/media/people.js";

type State = CallView["people"][number]["state"];

function call(people: readonly [userID: string, state: State][]): Pick<CallView, "people"> {
  return { people: people.map(([userID, state]) => ({ userID, state, at: 1 })) };
}

describe("the people of a call", () => {
  const three = call([
    ["ann", "joined"],
    ["bob", "left"],
    ["cem", "joined"],
    ["dan", "joined"],
    ["eve", "ringing"],
    ["fay", "rejected"],
  ]);

  it.each([
    ["ann", { cem: true, dan: true }],
    ["cem", { ann: false, dan: true }],
    ["dan", { ann: false, cem: false }],
  ])("are those who are in it, and %s offers to those who come after: %j", (me, offers) => {
    const { others, ringing } = peopleOf(three, me, MOST_PEOPLE);
    expect(Object.fromEntries(others.map((other) => [other.userID, other.offers]))).toEqual(offers);
    expect(ringing).toEqual(["eve"]);
  });

  it("are nobody to who is not in it", () => {
    expect(peopleOf(three, "eve", MOST_PEOPLE)).toEqual({ others: [], ringing: [] });
  });

  it("are six at most: each encodes a picture for each other", () => {
    const seven = call(["a", "b", "c", "d", "e", "f", "g"].map((name) => [name, "joined"]));
    expect(peopleOf(seven, "a", MOST_PEOPLE).others.map(({ userID }) => userID)).toEqual(["b", "c", "d", "e", "f"]);
    expect(peopleOf(seven, "g", MOST_PEOPLE).others).toEqual([]);
    expect(peopleOf(seven, "g", Number.POSITIVE_INFINITY).others).toHaveLength(6);
  });
});
