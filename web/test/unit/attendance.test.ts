import { expect, it } from "vitest";
import type { Online } from "../../src/presence/online.js";
import { Attendance } from "../../src/rooms/attendance.js";
import type { Room } from "../../src/rooms/room.js";
import type { RoomView } from "../../src/rooms/view.js";
import { Store } from "../../src/session/store.js";

/** A room of three, and what the page knows of who is online. */
class Hall {
  readonly view = new Store<RoomView>({ status: "open", owner: "host", members: ["ann", "bob", "host"], items: [] });
  readonly offline = new Store<ReadonlySet<string>>(new Set());
  readonly watched: (readonly string[])[] = [];
  readonly attendance: Attendance;

  constructor() {
    const watch = (cause: string, userIDs: readonly string[]) => {
      expect(cause).toBe("room");
      this.watched.push(userIDs);
    };
    this.attendance = new Attendance(
      { view: this.view } as unknown as Room,
      { offline: this.offline, watch } as unknown as Online,
    );
    this.view.update((view) => ({ ...view }));
  }

  get here(): readonly string[] {
    return this.attendance.here.get();
  }
}

it("members are there until they are known to be offline, and again when they are not", () => {
  const hall = new Hall();
  expect(hall.here).toEqual(["ann", "bob", "host"]);
  hall.offline.set(new Set(["bob", "stranger"]));
  expect(hall.here).toEqual(["ann", "host"]);
  hall.offline.set(new Set());
  expect(hall.here).toEqual(["ann", "bob", "host"]);
  hall.view.update((view) => ({ ...view, members: ["host"] }));
  expect(hall.here).toEqual(["host"]);
});

it("those who matter are watched first, once as long as nobody else is there", () => {
  const hall = new Hall();
  hall.attendance.watch(["host", "bob", "nobody"]);
  hall.attendance.watch(["host", "bob"]);
  expect(hall.watched).toEqual([["host", "bob", "ann"]]);
});

it("nobody is watched in a room that is closed, or was left", () => {
  const hall = new Hall();
  hall.attendance.watch(["bob"]);
  hall.view.update((view) => ({ ...view, status: "gone" }));
  hall.attendance.watch(["bob"]);
  expect(hall.watched.at(-1)).toEqual([]);
  hall.attendance.close();
  hall.offline.set(new Set(["ann"]));
  expect(hall.here).toEqual(["ann", "bob", "host"]);
});
