import type { EventOf, InvitationView, KnownEvent } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { inputOfDevices, inputOfEvent, inputsOfOpening } from "../../src/calls/inputs.js";
import { mayBeMissed } from "../../src/calls/missed.js";

const CALL = { callID: "1", roomID: "r", mediaType: "video" };
const INVITED: EventOf<"invitation.received"> = {
  type: "invitation.received",
  cursor: 1,
  time: 1,
  remainingMs: 20_000,
  inviteID: "1",
  inviter: "ann",
  inviteeList: ["bob"],
  data: "any app's",
  timeout: 30,
  version: 1,
  call: CALL,
};

describe("an invitation rings", () => {
  const inputOf = (event: Partial<EventOf<"invitation.received">>) => inputOfEvent({ ...INVITED, ...event }, "bob", 1_000);

  it("when it leads into a call, whichever app made it", () => {
    expect(inputOf({})).toEqual({ kind: "invited", inviteID: "1", peer: "ann", media: "video" });
    expect(inputOf({ call: { ...CALL, mediaType: "telepathy" } })).toMatchObject({ media: "audio" });
  });

  it("without a sound for somebody who is quiet, and no more when they silence it on another device", () => {
    expect(inputOf({ quiet: true })).toEqual({ kind: "invited", inviteID: "1", peer: "ann", media: "video", quiet: true });
    const silenced = { type: "invitation.silenced", cursor: 2, time: 2, inviteID: "1", invitee: "bob" } as const;
    expect(inputOfEvent(silenced, "bob", 0)).toEqual({ kind: "silenced", inviteID: "1" });
  });

  it.each([
    ["of one's own", { inviter: "bob", inviteeList: ["ann"] }],
    ["into no call", { call: undefined }],
    ["of a group", { groupID: "g" }],
    ["while one is in another call", { busyLineUserIDList: ["bob"] }],
  ] as const)("but not one %s", (_, change) => {
    const { call, ...event } = { ...INVITED, ...change };
    expect(inputOfEvent({ ...event, ...(call === undefined ? {} : { call }) } as KnownEvent, "bob", 0)).toBeUndefined();
  });

  it("again on a page that was loaded again", () => {
    const invitation: InvitationView = {
      inviteID: "1",
      inviter: "ann",
      invitees: [{ userID: "bob", state: "pending" }],
      data: "",
      timeout: 30,
      createdAt: 1,
      status: "open",
      version: 1,
    };
    const inputs = (view: InvitationView) => inputsOfOpening([view], { at: "idle" }, "bob");
    expect(inputs({ ...invitation, call: CALL })).toMatchObject([{ kind: "invited", inviteID: "1", media: "video" }]);
    expect(inputs(invitation)).toEqual([]);
  });
});

describe("a call", () => {
  const left: EventOf<"call.hungUp"> = {
    type: "call.hungUp",
    cursor: 3,
    time: 9,
    callID: "1",
    roomID: "r",
    version: 3,
    userID: "ann",
    reason: "hungUp",
    durationMs: 12_400,
  };

  it("ends when the server says so, with its duration", () => {
    const ended = { kind: "ended", inviteID: "1", seconds: 12 };
    expect(inputOfEvent({ ...left, endReason: "hungUp" }, "bob", 0)).toEqual({ ...ended, why: "hungUp" });
    expect(inputOfEvent({ ...left, endReason: "connectionLost" }, "bob", 0)).toEqual({ ...ended, why: "connectionLost" });
    expect(inputOfEvent(left, "bob", 0)).toBeUndefined();
  });

  it("ends when nobody in it does it, and with the last who declines", () => {
    const { reason: _, userID: __, ...head } = left;
    const ended = { kind: "ended", inviteID: "1", why: "hungUp" };
    expect(inputOfEvent({ ...head, type: "call.ended", endReason: "groupDismissed" }, "bob", 0)).toMatchObject(ended);
    const { durationMs: ___, ...place } = head;
    const declined: EventOf<"call.declined"> = { ...place, type: "call.declined", userIDs: ["cem"], state: "rejected" };
    expect(inputOfEvent({ ...declined, endReason: "rejected" }, "bob", 0)).toMatchObject(ended);
    expect(inputOfEvent(declined, "bob", 0)).toBeUndefined();
  });

  it("goes on elsewhere when another device of the user's comes into it", () => {
    const { reason: _, durationMs: __, ...joined } = left;
    expect(inputOfEvent({ ...joined, type: "call.joined", userID: "bob" }, "bob", 0)).toEqual({ kind: "moved", inviteID: "1" });
    expect(inputOfEvent({ ...joined, type: "call.joined" }, "bob", 0)).toBeUndefined();
  });
});

it("a call may be missed when its ring ends, or never begins", () => {
  const closed = { ...INVITED, type: "invitation.timedOut" } as const;
  expect(mayBeMissed(closed, "bob")).toBe(true);
  expect(mayBeMissed(closed, "ann")).toBe(false);
  expect(mayBeMissed({ ...INVITED, busyLineUserIDList: ["bob"] }, "bob")).toBe(true);
  expect(mayBeMissed(INVITED, "bob")).toBe(false);
});

describe("whoever calls learns how far it is", () => {
  it.each([
    ["unreachable", "unreachable"],
    ["sent", undefined],
    ["pushed", undefined],
    ["pushRefused", undefined],
    ["acknowledged", "rings"],
    ["ringing", "rings"],
  ] as const)("by %s", (step, way) => {
    const event: KnownEvent = { type: "invitation.progress", cursor: 2, time: 1, inviteID: "1", invitee: "bob", step };
    expect(inputOfEvent(event, "ann", 0)).toEqual(way && { kind: "underWay", inviteID: "1", way });
  });

  it.each([
    [[], false],
    [
      [
        { deviceID: "d", sentAt: 1 },
        { deviceID: "e", pushedAt: 1 },
      ],
      false,
    ],
    [
      [
        { deviceID: "d", sentAt: 1 },
        { deviceID: "e", acknowledgedAt: 2 },
      ],
      true,
    ],
    [[{ deviceID: "d", ringingAt: 2 }], true],
  ])("by the devices %j", (devices, rings) => {
    const view: InvitationView = {
      inviteID: "1",
      inviter: "ann",
      invitees: [{ userID: "bob", state: "pending", devices }],
      data: "",
      timeout: 30,
      createdAt: 1,
      status: "open",
      version: 1,
    };
    expect(inputOfDevices(view)?.kind).toBe(rings ? "underWay" : undefined);
  });
});
