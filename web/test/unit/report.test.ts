import { expect, test } from "vitest";
import { diagramOf, framesOf, shareable } from "../../src/timeline/report.js";
import { moved, NO_TRACE, seen } from "../../src/timeline/trace.js";

const TITLES = { me: "This page", server: "Server", others: "Others" };

function traced() {
  const open = { id: 1, method: "session.open", params: { token: "eJx…", deviceID: "d" } };
  const rejected = { type: "invitation.rejected", inviteID: "i-1234", inviter: "ann", invitee: "bob" };
  const opened = seen(moved(NO_TRACE, "connecting", undefined, 0), { direction: "sent", text: JSON.stringify(open) }, 1);
  return seen(opened, { direction: "received", text: JSON.stringify({ method: "event", params: rejected }) }, 2).arrows;
}

test("a report has no tokens and passwords, whatever is around them", () => {
  const media = { call: { media: { iceServers: [{ urls: ["turn:x"], credential: "p" }], token: "t" } }, token: 7 };
  expect(JSON.parse(shareable(JSON.stringify(media)))).toEqual({
    call: { media: { iceServers: [{ urls: ["turn:x"], credential: "…" }], token: "…" } },
    token: 7,
  });
  expect(shareable("no JSON")).toBe("no JSON");
  expect(framesOf(traced())).not.toContain("eJx");
});

test("frames are kept with their times, and changes of the connection between them", () => {
  expect(JSON.parse(framesOf(traced())).frames).toMatchObject([
    { at: "1970-01-01T00:00:00.000Z", kind: "connection", name: "connecting" },
    { kind: "request", name: "session.open", frame: { params: { deviceID: "d", token: "…" } } },
    { kind: "event", name: "invitation.rejected", frame: { params: { invitee: "bob" } } },
  ]);
});

test("frames are drawn between their lanes", () => {
  expect(diagramOf(traced(), TITLES).split("\n").slice(4, -1)).toEqual([
    "  Note over p0,p2: 00:00:00.000 connecting",
    "  p0->>p1: 00:00:00.001 session.open",
    "  p2-->>p0: 00:00:00.002 invitation.rejected 1234 bob",
  ]);
});
