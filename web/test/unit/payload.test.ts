import { describe, expect, it } from "vitest";
import { type Note, readNote, readPurpose, readSignals, readsBusy, write } from "../../src/session/payload.js";

const DESCRIPTION = { description: { type: "offer", sdp: "v=0" } } as const;
const CANDIDATE = { candidate: { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0 } };
const DEVICES = { devices: { microphone: true, camera: false } };

describe("what another page wrote is read", () => {
  it.each([
    { scene: "class", action: "close" },
    { scene: "live", action: "leave", who: "ann" },
  ] satisfies Note[])("note %#", (note) => {
    expect(readNote(write(note))).toEqual(note);
  });

  it("signals", () => {
    const signals = [DESCRIPTION, CANDIDATE, DEVICES];
    expect(readSignals(write({ signals }))).toEqual(signals);
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
    '{"scene":"live","action":"leave","who":7}',
    '{"scene":"live","action":"seats","seats":[],"upTo":-1}',
  ])("note %s", (text) => {
    expect(readNote(text)).toBeUndefined();
  });

  it.each([
    "",
    "null",
    "v=0",
    '{"signals":{}}',
    '{"signals":[{"description":{"type":"rollback"}}]}',
    '{"signals":[{"devices":{"camera":1}}]}',
    '{"signals":[null]}',
  ])("signals %s", (text) => {
    expect(readSignals(text)).toBeUndefined();
  });

  it.each(["", "{}", '{"scene":"call","media":"smell"}', '{"scene":"whiteboard","action":"raise"}'])("purpose %s", (text) => {
    expect(readPurpose(text)).toBeUndefined();
  });
});

it("signals tell whether a page is left or comes again, and nothing else of it", () => {
  for (const page of ["away", "again"] as const) {
    expect(readSignals(write({ signals: [{ page }] }))).toEqual([{ page }]);
  }
  expect(readSignals(JSON.stringify({ signals: [{ page: "gone" }] }))).toBeUndefined();
  expect(readSignals(JSON.stringify({ signals: [{ page: null }] }))).toBeUndefined();
});
