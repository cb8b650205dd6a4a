import type { CallView, KnownEvent } from "@wigwag/sdk";
import { describe, expect, it } from "vitest";
import { speakersOf as speakersOfClass } from "../../src/class/rules.js";
import { liveOf, speakersOf as speakersOfLive } from "../../src/live/rules.js";
import { MOST_HEARD, peopleOf } from "../../src/media/people.js";
import { type Effect, type Input, isSound, next, OFF, type Part, type Sound } from "../../src/sound/rules.js";
import { type Levels, louder } from "../../src/sound/voices.js";

const HOST: Part = { me: "host", owner: "host", most: MOST_HEARD };
const ANN: Part = { me: "ann", owner: "host", most: MOST_HEARD };

/** A call with these people in it, in this order. */
function call(...joined: string[]): CallView {
  const people = joined.map(
    (userID) => ({ userID, state: "joined", at: 1, device: { deviceID: `${userID}-1`, platform: 7 } }) as const,
  );
  return {
    callID: "c",
    roomID: "r",
    mediaType: "sound",
    groupID: "live.x",
    caller: "host",
    createdAt: 1,
    durationMs: 0,
    version: 1,
    people,
  } as unknown as CallView;
}

const event = (fields: object) =>
  ({ cursor: 1, time: 1, callID: "c", roomID: "r", version: 2, groupID: "live.x", ...fields }) as unknown as KnownEvent;

/** Where the sound is after these inputs, and what is to be done last. */
function told(part: Part, ...inputs: Input[]): { sound: Sound; effects: readonly Effect[] } {
  return inputs.reduce<{ sound: Sound; effects: readonly Effect[] }>(({ sound }, input) => next(sound, input, part), {
    sound: OFF,
    effects: [],
  });
}

const ON: Input = { kind: "turnOn", inCall: false };
const NONE: Input = { kind: "found" };
const FOUND: Input = { kind: "found", call: call("host", "bob") };
const IN: Input = { kind: "entered", call: call("host", "bob", "ann"), provider: "p2p" };

describe("turning the sound on", () => {
  it("joins the call that runs", () => {
    expect(told(ANN, ON).effects).toEqual([{ do: "look" }]);
    expect(told(ANN, ON, FOUND).effects).toEqual([{ do: "join", callID: "c" }]);
    expect(told(ANN, ON, FOUND, IN).sound).toEqual({ at: "on", callID: "c", device: "ann-1" });
  });

  it("waits and says so where no call runs, and looks again when one begins", () => {
    expect(told(ANN, ON, NONE)).toEqual({ sound: { at: "waiting" }, effects: [{ do: "tell" }] });
    const begun = event({ type: "invitation.received", call: { mediaType: "sound" } });
    expect(told(ANN, ON, NONE, { kind: "heard", event: begun }).effects).toEqual([{ do: "look" }]);
    // What began while the server was asked may not be in its reply.
    expect(told(ANN, ON, { kind: "heard", event: begun }, NONE).effects).toEqual([{ do: "look" }]);
  });

  it("of the owner opens the call with a page that waits; nobody else's does", () => {
    const wanted: Input = { kind: "wanted", by: "ann", fresh: "new" };
    expect(told(HOST, ON, NONE, wanted).effects).toEqual([{ do: "open", callID: "new", invitee: "ann" }]);
    expect(told(ANN, ON, NONE, { ...wanted, by: "bob" }).effects).toEqual([]);
    expect(told(ANN, ON, NONE, { ...wanted, by: "host" }).effects).toEqual([{ do: "tell" }]);
    expect(told(HOST, wanted).effects).toEqual([]);
  });

  it("takes nobody out of another call", () => {
    expect(told(ANN, { kind: "turnOn", inCall: true })).toEqual({ sound: { at: "off", why: "inCall" }, effects: [] });
  });

  it("says where it is full: before it comes in, and when several came at once", () => {
    const names = (count: number) => Array.from({ length: count }, (_, place) => `u${place}`);
    expect(told(ANN, ON, { kind: "found", call: call(...names(MOST_HEARD - 1)) }).sound.at).toBe("entering");
    expect(told(ANN, ON, { kind: "found", call: call(...names(MOST_HEARD)) })).toEqual({
      sound: { at: "off", why: "full" },
      effects: [],
    });
    const last: Input = { kind: "entered", call: call(...names(MOST_HEARD - 1), "ann"), provider: "p2p" };
    expect(told(ANN, ON, FOUND, last).sound.at).toBe("on");
    const crowd: Part = { ...ANN, most: Number.POSITIVE_INFINITY };
    expect(told(crowd, ON, { kind: "found", call: call(...names(MOST_HEARD)) }).sound.at).toBe("entering");
    const late: Input = { kind: "entered", call: call(...names(MOST_HEARD), "ann"), provider: "p2p" };
    expect(told(ANN, ON, FOUND, late)).toEqual({
      sound: { at: "off", why: "full" },
      effects: [{ do: "leave", callID: "c" }],
    });
    expect(told(ANN, ON, FOUND, { kind: "failed", reason: "tooManyInCall" }).sound).toEqual({ at: "off", why: "full" });
  });

  it("says where there are no media, and the owner lets each who wants the sound hear so from the server", () => {
    const silent: Input = { kind: "entered", call: call("host"), provider: "none" };
    const opened = told(HOST, ON, NONE, { kind: "wanted", by: "ann", fresh: "c" }, silent);
    expect(opened).toEqual({ sound: { at: "off", why: "signalingOnly" }, effects: [] });
    expect(next(opened.sound, { kind: "wanted", by: "bob", fresh: "d" }, HOST).effects).toEqual([
      { do: "open", callID: "d", invitee: "bob" },
    ]);
    expect(told(ANN, ON, FOUND, { ...silent, call: call("host", "ann") }).effects).toEqual([{ do: "leave", callID: "c" }]);
  });
});

describe("the sound that is on", () => {
  const heard = (fields: object) => told(ANN, ON, FOUND, IN, { kind: "heard", event: event(fields) });

  it("goes on when others come and go", () => {
    expect(heard({ type: "call.joined", userID: "carl" }).sound.at).toBe("on");
    expect(heard({ type: "call.hungUp", userID: "bob", reason: "hungUp" }).sound.at).toBe("on");
  });

  it("is waited for anew when the call is over", () => {
    expect(heard({ type: "call.hungUp", userID: "host", reason: "hungUp", endReason: "hungUp" }).effects).toEqual([
      { do: "look" },
    ]);
    expect(heard({ type: "call.ended", endReason: "connectionLost" }).effects).toEqual([{ do: "look" }]);
    expect(heard({ type: "call.hungUp", userID: "ann", reason: "connectionLost" }).effects).toEqual([{ do: "look" }]);
  });

  it("goes off where the user goes to another call or another device", () => {
    const off = { sound: { at: "off", why: "elsewhere" }, effects: [] };
    expect(heard({ type: "call.hungUp", userID: "ann", reason: "joinedAnother" })).toEqual(off);
    expect(heard({ type: "call.joined", userID: "ann", device: { deviceID: "tablet", platform: 1 } })).toEqual(off);
    expect(heard({ type: "call.joined", userID: "ann", device: { deviceID: "ann-1", platform: 7 } }).sound.at).toBe("on");
  });

  it("leaves the call when it is turned off", () => {
    expect(told(ANN, ON, FOUND, IN, { kind: "turnOff" })).toEqual({ sound: OFF, effects: [{ do: "leave", callID: "c" }] });
    expect(told(ANN, ON, FOUND, { kind: "turnOff" }).effects).toEqual([{ do: "leave", callID: "c" }]);
    expect(told(ANN, ON, NONE, { kind: "turnOff" }).effects).toEqual([]);
  });

  it("looks again when events were missed and it is not in the call any more", () => {
    expect(told(ANN, ON, FOUND, IN, { kind: "missed", call: call("host", "ann") }).sound.at).toBe("on");
    expect(told(ANN, ON, FOUND, IN, { kind: "missed", call: call("host", "bob") }).effects).toEqual([{ do: "look" }]);
    expect(told(ANN, ON, NONE, { kind: "missed" }).effects).toEqual([{ do: "look" }]);
  });
});

it("only a running call of the room's own kind and group is its sound", () => {
  expect(isSound(call("host"), "live.x")).toBe(true);
  expect(isSound(call("host"), "live.y")).toBe(false);
  expect(isSound({ ...call("host"), mediaType: "audio" }, "live.x")).toBe(false);
  expect(isSound({ ...call("host"), endedAt: 2 }, "live.x")).toBe(false);
});

it("no page connects to more than the others who fit", () => {
  const names = Array.from({ length: MOST_HEARD + 3 }, (_, place) => `u${place}`);
  expect(peopleOf(call(...names), "u0", MOST_HEARD).others).toHaveLength(MOST_HEARD - 1);
  expect(peopleOf(call(...names), `u${MOST_HEARD}`, MOST_HEARD).others).toEqual([]);
});

it("may be heard: the owner, and whoever has a seat or the floor", () => {
  expect(speakersOfLive({ ...liveOf([], "host"), seats: [null, "ann", "host", null, "bob", null, null, null] }, "host")).toEqual([
    "host",
    "ann",
    "bob",
  ]);
  expect(speakersOfClass({ hands: [] }, "ms")).toEqual(["ms"]);
  expect(speakersOfClass({ hands: [], speaker: "ann" }, "ms")).toEqual(["ms", "ann"]);
});

it("a voice's level rises at once, falls step by step, and is the same map while nothing changes", () => {
  const none: Levels = new Map();
  const loud = louder(none, new Map([["ann", 0.4]]));
  expect([...loud]).toEqual([["ann", 4]]);
  expect(louder(loud, new Map([["ann", 0.4]]))).toBe(loud);
  const falling = louder(loud, new Map([["ann", 0]]));
  expect([...falling]).toEqual([["ann", 3]]);
  expect([...louder(new Map([["ann", 1]]), new Map([["ann", 0]]))]).toEqual([]);
  expect(louder(none, new Map([["ann", 0.009]]))).toBe(none);
  // Who may not be heard any more has no level.
  expect([...louder(loud, new Map())]).toEqual([]);
});
