import type { KnownEvent, Message } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { roomIDOf, roomNameOf } from "../../src/rooms/ids.js";
import { roomItemOfEvent, roomItemOfMessage } from "../../src/rooms/items.js";

const GROUP = "class.one";
const RAISE = '{"scene":"class","action":"raise","round":"i"}';
const place = { conversation: `group:${GROUP}`, messageID: "m", seq: 4 };
const about = { cursor: 1, time: 10, inviteID: "i", inviter: "teacher", groupID: GROUP, message: place };
const device = { deviceID: "d", platform: 5 } as const;

const EVENTS: [KnownEvent, number, string[]][] = [
  [
    { ...about, type: "invitation.received", inviteeList: ["a", "b"], data: RAISE, timeout: 0, version: 1, device },
    1,
    ["a", "b"],
  ],
  [{ ...about, type: "invitation.accepted", invitee: "a", data: "", version: 2, device }, 3, ["a"]],
  [{ ...about, type: "invitation.rejected", invitee: "b", data: "", version: 2, device }, 4, ["b"]],
  [{ ...about, type: "invitation.cancelled", inviteeList: ["b"], data: "", version: 2 }, 2, ["b"]],
  [{ ...about, type: "invitation.timedOut", inviteeList: ["b"], data: RAISE, version: 2 }, 5, ["b"]],
];

it.each(EVENTS)("$type is the same item, heard or read", (event, actionType, inviteeList) => {
  const data = "data" in event ? event.data : "";
  const text = { businessID: 1, actionType, inviteID: "i", inviter: "teacher", groupID: GROUP, inviteeList, data };
  const message: Message = {
    ...place,
    groupID: GROUP,
    sender: "x",
    time: 10,
    type: "custom",
    content: { data: JSON.stringify(text) },
  };
  const heard = roomItemOfEvent(event, GROUP);
  expect(heard).toBeDefined();
  expect(heard).toEqual(roomItemOfMessage(message));
});

it("what happens in another room is none of this one's items", () => {
  for (const [event] of EVENTS) {
    expect(roomItemOfEvent(event, "class.two")).toBeUndefined();
  }
});

it("a room's name comes back from its ID, in its own scene", () => {
  for (const name of ["history-7", "三年级 二班"]) {
    expect(roomNameOf("class", roomIDOf("class", name))).toBe(name);
    expect(roomNameOf("live", roomIDOf("class", name))).toBeUndefined();
  }
});
