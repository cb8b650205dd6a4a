import { type State, WigwagError } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { linkOf } from "../../src/app/link.js";
import { troubleOf } from "../../src/kit/notices.js";

const reconnecting: State = { status: "reconnecting", retryInMs: 1_000, why: "the connection was lost" };

it.each([
  [{ status: "connecting" }, true, "connecting"],
  [{ status: "connecting" }, false, "offline"],
  [{ status: "open", userID: "ann", serverTime: 1 }, true, "online"],
  // The browser may be wrong about the network; an open session proves that there is one.
  [{ status: "open", userID: "ann", serverTime: 1 }, false, "online"],
  [reconnecting, true, "reconnecting"],
  [reconnecting, false, "offline"],
  [{ status: "closed", why: new WigwagError("kicked", "signed in elsewhere") }, true, "closed"],
] satisfies [State, boolean, string][])("%j with network %s is %s", (state, networked, link) => {
  expect(linkOf(state, networked)).toBe(link);
});

it.each([
  ["unknownUser", "trouble.unknownUser"],
  ["groupRateLimited", "trouble.rateLimited"],
  ["settled", "trouble.late"],
  ["requestTimeout", "trouble.connection"],
  ["newerThanThisPage", "trouble.other"],
])("%s is told as %s", (reason, key) => {
  expect(troubleOf(reason)).toBe(key);
});
