import { describe, expect, it } from "vitest";
import { type Note, readNote, readPurpose, readsBusy, write } from "../../src/session/payload.js";

const DESCRIPTION = { description: { type: "offer", sdp: "v=0" } } as const;
const CANDIDATE = { candidate: { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0 } };
const DEVICES = { devices: { microphone: true, camera: false } };

describe("what another page wrote is read", () => {
  it.each([
    { scene: "call", action: "end", inviteID: "i", seconds: 3 },
    { scene: "call", action: "signal", inviteID: "i", signals: [DESCRIPTION, CANDIDATE, DEVICES] },
  ] satisfies Note[])("note %#", (note) => {
    expect(readNote(write(note))).toEqual(note);
  });

  it("purposes and refusals", () => {
    expect(readPurpose('{"scene":"call","media":"audio"}')).toEqual({ scene: "call", media: "audio" });
    expect(readsBusy(write({ scene: "call", busy: true }))).toBe(true);
  });
});

describe("what it should not have written is nothing", () => {
  it.each([
    "",
    "null",
    "[]",
    "call",
    '{"scene":"call"}',
    '{"scene":"call","action":"end","inviteID":"i","seconds":-1}',
    '{"scene":"call","action":"end","inviteID":7,"seconds":1}',
    '{"scene":"call","action":"signal","inviteID":"i","signals":{}}',
    '{"scene":"call","action":"signal","inviteID":"i","signals":[{"description":{"type":"rollback"}}]}',
    '{"scene":"call","action":"signal","inviteID":"i","signals":[{"devices":{"camera":1}}]}',
    '{"scene":"call","action":"signal","inviteID":"i","signals":[null]}',
  ])("note %s", (text) => {
    expect(readNote(text)).toBeUndefined();
  });

  it.each(["", "{}", '{"scene":"call","media":"smell"}', '{"scene":"whiteboard","action":"raise"}'])("purpose %s", (text) => {
    expect(readPurpose(text)).toBeUndefined();
  });
});
