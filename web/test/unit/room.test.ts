import type { KnownEvent } from "@wigwag/sdk";
import { expect, it } from "vitest";
import { Room } from "../../src/rooms/room.js";
import type { RoomView } from "../../src/rooms/view.js";
import type { Session } from "../../src/session/session.js";

const GROUP = "class.art";
const about = { cursor: 1, time: 10, groupID: GROUP, name: "Art", by: "teacher" };

/** What happens after the members were read and before the room is shown, and what the page has to show. */
const MEANWHILE: [string, KnownEvent, Partial<RoomView>][] = [
  ["somebody joins", { ...about, type: "group.membersAdded", userIDs: ["ann"] }, { members: ["ann", "bob", "teacher"] }],
  ["somebody leaves", { ...about, type: "group.membersRemoved", userIDs: ["teacher"] }, { members: ["bob"] }],
  [
    "this user is removed",
    { ...about, type: "group.membersRemoved", userIDs: ["bob"] },
    { status: "removed", members: ["teacher"] },
  ],
  ["the owner changes", { ...about, type: "group.roleChanged", userID: "bob", role: "owner" }, { owner: "bob" }],
  ["the room ends", { ...about, type: "group.dismissed" }, { status: "gone" }],
];

it.each(MEANWHILE)("%s while the room is read", async (_, event, shown) => {
  const room = roomInWhich(event);
  await room.enter();
  expect(room.view.get()).toMatchObject({ status: "open", owner: "teacher", members: ["bob", "teacher"], ...shown });
});

/** A room that hears `event` between its members and its history. */
function roomInWhich(event: KnownEvent): Room {
  const listeners: ((event: KnownEvent) => void)[] = [];
  const groups = {
    info: async () => ({ group: { owner: "teacher" } }),
    members: async () => ({ members: [{ userID: "bob" }, { userID: "teacher" }] }),
  };
  const messages = {
    async history() {
      for (const listener of listeners) {
        listener(event);
      }
      return { messages: [], complete: true };
    },
  };
  const on = (listener: (event: KnownEvent) => void) => listeners.push(listener);
  const session = { me: "bob", on, onOpening() {}, client: { groups, messages } };
  return new Room(session as unknown as Session, GROUP, () => false);
}
