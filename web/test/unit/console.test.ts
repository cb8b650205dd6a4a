import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { requestOf } from "../../console/src/api.js";
import { diagramOf } from "../../console/src/diagram.js";
import { figuresIn, paceOf, standingOf } from "../../console/src/figures.js";
import { OPERATIONS } from "../../console/src/operations.js";
import { linkTo, parseRoute } from "../../console/src/route.js";
import type { Story } from "../../console/src/shapes.js";
import { sayIn } from "../../console/src/strings/say.js";
import { counted, lasting, plain, platformName, utc } from "../../console/src/words.js";

const DOCUMENT = JSON.parse(readFileSync(new URL("../../../spec/openapi.json", import.meta.url), "utf8"));

test("the console asks for operations that the document has", () => {
  const unknown = Object.values(OPERATIONS).filter((operation) => {
    const [verb = "", path = ""] = operation.split(" ");
    return DOCUMENT.paths[path]?.[verb.toLowerCase()] === undefined;
  });
  expect(unknown).toEqual([]);
});

test("parameters go where the path has them, and else into the query", () => {
  expect(requestOf("getUser", { userID: "a/b c" })).toEqual(["GET", "/v1/users/a%2Fb%20c"]);
  expect(requestOf("listUsers", { after: undefined, limit: 50 })).toEqual(["GET", "/v1/users?limit=50"]);
  expect(requestOf("accept", { userID: "u", inviteID: "i" })).toEqual(["POST", "/v1/users/u/invitations/i/accept"]);
  expect(requestOf("listMembers", { groupID: "g", after: "a&b" })).toEqual(["GET", "/v1/groups/g/members?after=a%26b"]);
});

test("an address names a section and what of it is looked at", () => {
  expect(parseRoute("")).toEqual({ section: "overview" });
  expect(parseRoute("#/nothing/x")).toEqual({ section: "overview", id: "x" });
  for (const id of ["alice", "a/b", "50%", "~5bCP5Lqu"]) {
    expect(parseRoute(linkTo("users", id))).toEqual({ section: "users", id });
  }
  expect(parseRoute("#/users/%")).toEqual({ section: "users", id: "%" });
});

test("times, durations and words are those of people", () => {
  expect(utc(1_582_934_400_007)).toBe("2020-02-29 00:00:00.007");
  const said: [number, string][] = [
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [61_500, "1 min 1 s"],
    [3_600_000, "1 h"],
    [90_061_000, "1 d 1 h"],
    [86_400_000 + 5_000, "1 d"],
  ];
  const [english, chinese] = [sayIn("en"), sayIn("zh")];
  expect(said.map(([ms]) => lasting(english, ms))).toEqual(said.map(([, words]) => words));
  expect(lasting(chinese, 90_061_000)).toBe("1 天 1 小时");
  expect([plain(english, "timedOut"), plain(chinese, "timedOut")]).toEqual(["timed out", "超时"]);
  expect([plain(english, "ofANewerServer"), plain(chinese, "newer")]).toEqual(["of a newer server", "newer"]);
  expect([counted(1), counted(2_000)]).toEqual(["1", "2,000"]);
  expect([1, 6, 99].map((platform) => platformName(english, platform))).toEqual(["iOS", "Mini program", "Platform 99"]);
  expect([1, 6, 99].map((platform) => platformName(chinese, platform))).toEqual(["iOS", "小程序", "平台 99"]);
});

test("a story is drawn from whoever acts to everybody who is told", () => {
  const step = {
    time: 1_000,
    event: {},
    told: [
      { userID: "ann", cursor: 4 },
      { userID: "server", cursor: 9 },
    ],
  };
  const device = { deviceID: "phone", platform: 1 };
  const story = {
    invitation: { inviter: "ann" },
    steps: [
      { ...step, type: "invitation.received", by: "ann", device },
      { ...step, type: "invitation.timedOut" },
    ],
    complete: false,
    webhooks: [],
  } as unknown as Story;
  expect(diagramOf(story).split("\n").slice(1, -1)).toEqual([
    "  participant p0 as ann",
    "  participant p1 as server (this one)",
    "  participant p2 as server",
    "  Note over p1: Steps are missing",
    "  p0->>p1: 00:00:01.000 invitation.received from phone",
    "  p1-->>p2: invitation.received at 9",
    "  Note over p1: 00:00:01.000 invitation.timedOut",
    "  p1-->>p0: invitation.timedOut at 4",
    "  p1-->>p2: invitation.timedOut at 9",
  ]);
});

const FIGURES = (invites: number, commits: number) => `# HELP wigwag_connections Open connections.
wigwag_connections 7
wigwag_unsigned_connections 2
wigwag_pending_deadlines 3
wigwag_commands_total{method="signaling.invite",outcome="ok"} ${invites}
wigwag_commands_total{method="signaling.invite",outcome="unknownUser"} 4
wigwag_events_delivered_total ${invites * 2}
wigwag_commit_latency_seconds_sum ${commits * 0.005}
wigwag_commit_latency_seconds_count ${commits}
wigwag_store_errors_total{kind="full"} 1
wigwag_broken NaN
# EOF
`;

test("a node's figures are read, and what happens is counted by the second", () => {
  const [before, now] = [figuresIn(FIGURES(10, 2), 1_000), figuresIn(FIGURES(30, 6), 5_000)];
  expect(standingOf(now)).toEqual({ sessions: 5, newcomers: 2, deadlines: 3, backlogBytes: 0, storeErrors: 1 });
  const pace = paceOf(before, now);
  expect(pace).toEqual({ requests: 5, refusals: 0, events: 10, commitMs: expect.closeTo(5) });
  expect(paceOf(now, now)).toBeUndefined();
  expect(paceOf(figuresIn(FIGURES(30, 6), 0), figuresIn(FIGURES(1, 1), 1_000)), "it was started anew").toBeUndefined();
  expect(paceOf(before, figuresIn(FIGURES(10, 2), 2_000))).not.toHaveProperty("commitMs");
  const several = figuresIn("wigwag_live_nodes 3\nwigwag_bus_connected 0\n", 0);
  expect(standingOf(several)).toMatchObject({ nodes: 3, bus: false });
});
