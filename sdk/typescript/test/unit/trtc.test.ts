import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Wigwag } from "../../src/index.js";
import { clientKey, pageRooms } from "../../src/pageRooms.js";
import { Capture, cameraConstraints } from "../../src/trtc/capture.js";
import { between, qualityOf, type Report, volumesIn } from "../../src/trtc/figures.js";
import TRTC from "../../src/trtc/index.js";
import { nearest, othersIn } from "../../src/trtc/people.js";
import { Rooms } from "../../src/trtc/rooms.js";
import { BATCH, nextBatch, read, type Signal, written } from "../../src/trtc/signals.js";
import type { CallLink, CallView, PersonView } from "../../src/wire/index.js";

const candidate = (number: number): Signal => ({ candidate: { candidate: `candidate:${number}` } });
const offer: Signal = { description: { type: "offer", sdp: "v=0" } };

describe("signals", () => {
  test("are read as they were written", () => {
    const signals: Signal[] = [{ devices: { microphone: true, camera: false } }, offer, candidate(1)];
    expect(read(written(signals))).toEqual(signals);
  });

  test("of another kind, or more than a batch, are nothing", () => {
    const one = { candidate: { candidate: "" } };
    const odd = ["", "null", "[]", '{"signals":{}}', '{"signals":[{"description":{"type":"rollback","sdp":""}}]}'];
    for (const data of [...odd, JSON.stringify({ signals: [one, { devices: {} }] })]) {
      expect(read(data), data).toEqual([]);
    }
    const batch = Array.from({ length: BATCH }, () => one);
    expect(read(JSON.stringify({ signals: batch }))).toHaveLength(BATCH);
    expect(read(JSON.stringify({ signals: [...batch, one] }))).toEqual([]);
  });

  test("go out in batches, with at most one description in each", () => {
    const outbox: Signal[] = [candidate(1), offer, offer, ...Array.from({ length: BATCH + 1 }, (_, at) => candidate(at))];
    const sizes: number[] = [];
    while (outbox.length > 0) {
      const batch = nextBatch(outbox);
      expect(batch.filter((signal) => "description" in signal).length).toBeLessThanOrEqual(1);
      sizes.push(batch.length);
    }
    expect(sizes).toEqual([2, 1, BATCH, 1]);
  });
});

describe("who exchanges media in a room", () => {
  const person = (userID: string, joinedAt: number, state: PersonView["state"] = "joined"): PersonView => ({
    userID,
    state,
    at: joinedAt,
    joinedAt,
  });
  const call = (...people: PersonView[]): CallView => ({
    callID: "c",
    roomID: "7",
    mediaType: "video",
    caller: "ann",
    createdAt: 1,
    durationMs: 0,
    version: 1,
    people,
  });

  test("of two, the one who came in first makes the offers, and the other does not", () => {
    const both = call(person("bob", 2), person("ann", 1));
    expect(othersIn(both, "ann")).toEqual([{ userID: "bob", deviceID: "", offers: true }]);
    expect(othersIn(both, "bob")).toEqual([{ userID: "ann", deviceID: "", offers: false }]);
  });

  test("who came at the same time, is in the order of their names on both sides", () => {
    for (const both of [call(person("ann", 1), person("bob", 1)), call(person("bob", 1), person("ann", 1))]) {
      expect(othersIn(both, "ann")?.[0]?.offers).toBe(true);
      expect(othersIn(both, "bob")?.[0]?.offers).toBe(false);
    }
  });

  test("are all in the call, and from page to page the first four; who came later is there without media", () => {
    const five = call(...["ann", "bob", "cy", "dee", "eve"].map((userID, at) => person(userID, at)));
    const names = (others: readonly { userID: string }[] = []) => others.map(({ userID }) => userID);
    const near = (me: string) => names(nearest(othersIn(five, me) ?? []));
    expect(names(othersIn(five, "eve"))).toEqual(["ann", "bob", "cy", "dee"]);
    expect(near("eve")).toEqual([]);
    expect(near("dee")).toEqual(["ann", "bob", "cy"]);
    expect(near("ann")).toEqual(["bob", "cy", "dee"]);
  });

  test("are nobody for those who ring, have left or were never there, and when it is over", () => {
    const people = [person("ann", 1), person("bob", 2, "ringing"), person("cy", 3, "left")];
    for (const userID of ["bob", "cy", "stranger"]) {
      expect(othersIn(call(...people), userID)).toBeUndefined();
    }
    expect(othersIn(call(...people), "ann")).toEqual([]);
    expect(othersIn({ ...call(person("ann", 1), person("bob", 2)), endedAt: 5 }, "ann")).toBeUndefined();
  });
});

describe("a room", () => {
  afterEach(() => {
    pageRooms.clients.clear();
    vi.useRealTimers();
  });

  test("is never entered in 0 ms, by which engines know that it could not be", async () => {
    vi.useFakeTimers();
    const calls = { running: () => [], get: () => Promise.reject(new Error("there is no such call")) };
    pageRooms.clients.set(clientKey(1, "ann"), { on: () => () => {}, calls } as unknown as Wigwag);
    const trtc = TRTC.create();
    const entered = vi.fn();
    void trtc.enterRoom({ sdkAppId: 1, userId: "ann", userSig: "", roomId: 7 }).then(entered);
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(entered).toHaveBeenCalledOnce();
    trtc.destroy();
  });
});

describe("a camera", () => {
  afterEach(() => vi.unstubAllGlobals());

  const track = () => ({ stop: vi.fn(), applyConstraints: vi.fn(async () => {}) });
  const gives = (give: () => Promise<unknown>) => vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: vi.fn(give) } });

  // The numbers are those of trtc-sdk-v5 5.17.1 in Chromium.
  test.each([
    ["NotFoundError", 5301],
    ["NotAllowedError", 5302],
    ["NotReadableError", 5303],
  ])("that the browser refuses with %s is %i", async (name, extraCode) => {
    gives(() => Promise.reject(new DOMException("no", name)));
    const refused = { name: "DEVICE_ERROR", code: 5300, extraCode, functionName: "startLocalVideo" };
    await expect(TRTC.create().startLocalVideo()).rejects.toMatchObject(refused);
  });

  test("can be opened once it is there", async () => {
    const camera = new Capture("camera");
    gives(() => Promise.reject(new DOMException("no", "NotFoundError")));
    await expect(camera.start("start", {})).rejects.toMatchObject({ extraCode: 5301 });
    gives(async () => ({ getTracks: () => [track()] }));
    await camera.start("start", {});
    expect(camera.track).toBeDefined();
  });

  test("that is started twice, or changed before, is aborted", async () => {
    gives(async () => ({ getTracks: () => [track()] }));
    const camera = new Capture("camera");
    const aborted = { name: "OPERATION_ABORT", code: 5998 };
    await expect(camera.update("update", {})).rejects.toMatchObject(aborted);
    await camera.start("start", {});
    await expect(camera.start("start", {})).rejects.toMatchObject(aborted);
  });

  test("that is closed while it opens, is closed", async () => {
    const late = track();
    let give = (_: unknown) => {};
    gives(() => new Promise((resolve) => (give = resolve)));
    const camera = new Capture("camera");
    const opening = camera.start("start", {});
    camera.stop();
    give({ getTracks: () => [late] });
    await expect(opening).rejects.toMatchObject({ code: 5998 });
    expect(late.stop).toHaveBeenCalledOnce();
    expect(camera.track).toBeUndefined();
    expect(camera.isStarted).toBe(false);
  });

  test("stays open when its picture changes, and is another when the device does", async () => {
    const [first, second] = [track(), track()];
    const tracks = [first, second];
    gives(async () => ({ getTracks: () => [tracks.shift()] }));
    const camera = new Capture("camera");
    await camera.start("start", { profile: "480p" });
    await camera.update("update", { profile: "720p" });
    expect(first.applyConstraints).toHaveBeenCalledWith(cameraConstraints({ profile: "720p" }));
    expect(first.stop).not.toHaveBeenCalled();
    await camera.update("update", { profile: "720p", cameraId: "back" });
    expect(first.stop).toHaveBeenCalledOnce();
    expect(camera.track).toBe(second);
  });
});

describe("a screen", () => {
  afterEach(() => vi.unstubAllGlobals());

  const screen = () => Object.assign(new EventTarget(), { stop: vi.fn(), applyConstraints: vi.fn(async () => {}) });
  const gives = (...tracks: object[]) => {
    const getDisplayMedia = vi.fn(async (_: object) => ({ getTracks: () => [tracks.shift()] }));
    vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia } });
    return getDisplayMedia;
  };

  test("is asked for as Tencent's default is, 1080p, and is closed when the user ends it in the browser", async () => {
    const [track, ended] = [screen(), vi.fn()];
    const asked = gives(track);
    const capture = new Capture("screen", ended);
    await capture.start("startScreenShare", {});
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 15 } };
    expect(asked).toHaveBeenCalledWith({ video: size });
    track.dispatchEvent(new Event("ended"));
    expect(ended).toHaveBeenCalledOnce();
    expect([capture.isStarted, capture.track]).toEqual([false, undefined]);
  });

  test("that was stopped and chosen anew is not closed by the end of the first", async () => {
    const [first, second, ended] = [screen(), screen(), vi.fn()];
    gives(first, second);
    const capture = new Capture("screen", ended);
    await capture.start("startScreenShare", {});
    capture.stop();
    await capture.start("startScreenShare", {});
    first.dispatchEvent(new Event("ended"));
    expect(ended).not.toHaveBeenCalled();
    expect(capture.track).toBe(second);
  });

  test("that the browser cannot share, or the user does not choose, is refused", async () => {
    vi.stubGlobal("navigator", { mediaDevices: {} });
    await expect(new Capture("screen").start("start", {})).rejects.toMatchObject({ code: 5200 });
    vi.stubGlobal("navigator", {
      mediaDevices: { getDisplayMedia: () => Promise.reject(new DOMException("no", "NotAllowedError")) },
    });
    await expect(TRTC.create().startScreenShare()).rejects.toMatchObject({ code: 5300, extraCode: 5302 });
  });
});

describe("figures", () => {
  const report = (...entries: Record<string, unknown>[]): Report => new Map(entries.map((entry) => [String(entry.id), entry]));

  test("are of the time since the report before", () => {
    const flow = { id: "v", type: "inbound-rtp", kind: "video", frameWidth: 640, frameHeight: 480, framesPerSecond: 15 };
    const at = (ms: number, bytesReceived: number, packetsReceived: number, packetsLost: number) => ({
      at: ms,
      reports: [["bob", report({ ...flow, bytesReceived, packetsReceived, packetsLost })] as const],
    });
    const told = between(at(0, 1_000, 100, 0), at(2_000, 126_000, 190, 10));
    expect(told).toMatchObject({ downLoss: 10, upLoss: 0, bytesReceived: 126_000 });
    expect(told.remoteStatistics).toEqual([
      {
        userId: "bob",
        audio: { bitrate: 0, audioLevel: 0 },
        video: [{ bitrate: 500, width: 640, height: 480, frameRate: 15, videoType: "big" }],
      },
    ]);
  });

  test("say how good the connection is", () => {
    expect([qualityOf(0, 20, true), qualityOf(6, 20, true), qualityOf(0, 600, true), qualityOf(0, 0, false)]).toEqual([
      1, 2, 5, 6,
    ]);
  });

  test("say how loud each is", () => {
    const levels = report({ id: "a", type: "media-source", audioLevel: 0.5 }, { id: "b", type: "inbound-rtp", audioLevel: 0.25 });
    expect(volumesIn([["bob", levels]])).toEqual([
      { userId: "", volume: 50 },
      { userId: "bob", volume: 25 },
    ]);
  });
});

describe("what call engines say", () => {
  const wishOf = (data: string) => pageRooms.media?.wishOf(data);
  const dataForEngine = (data: string, call: CallLink | undefined) => pageRooms.media?.dataFor(data, call) ?? data;
  const busyData = (call: CallLink) => pageRooms.media?.busyData(call) ?? "";
  const said = (inner: object) => JSON.stringify({ businessID: "av_call", version: 4, call_type: 2, data: inner });
  beforeEach(() => {
    pageRooms.media = new Rooms();
  });
  afterEach(() => {
    pageRooms.media = undefined;
  });

  test("begins a call in the room they name, on pages whose rooms are ours", () => {
    const video = said({ cmd: "videoCall", room_id: 77, str_room_id: "" });
    expect(wishOf(video)).toEqual({ mediaType: "video", roomID: "77" });
    expect(wishOf(said({ cmd: "audioCall", room_id: 0, str_room_id: "den" }))).toEqual({ mediaType: "audio", roomID: "den" });
    pageRooms.media = undefined;
    expect(wishOf(video)).toBeUndefined();
  });

  test("begins none when it is something else", () => {
    const others = [
      said({ cmd: "hangup" }),
      said({ cmd: "switchToAudio", room_id: 77 }),
      said({ cmd: "videoCall" }),
      "{",
      "",
      "null",
    ];
    for (const data of [...others, JSON.stringify({ data: { cmd: "videoCall", room_id: 77 } })]) {
      expect(wishOf(data), data).toBeUndefined();
    }
  });

  test("is said for other clients, whose data they cannot read", () => {
    const call = { callID: "c", roomID: "019aa5d00a127c00", mediaType: "video" };
    const told = JSON.parse(dataForEngine('{"scene":"call"}', call));
    expect(told).toMatchObject({ businessID: "av_call", call_type: 2, room_id: 0 });
    expect(told.data).toMatchObject({ cmd: "videoCall", str_room_id: call.roomID });
    expect(wishOf(JSON.stringify(told))).toEqual({ mediaType: "video", roomID: call.roomID });
    expect(JSON.parse(dataForEngine("", { ...call, roomID: "77" }))).toMatchObject({ room_id: 77 });
    expect(JSON.parse(dataForEngine('{"scene":"call","busy":true}', call))).toMatchObject({ line_busy: "line_busy" });
    expect(JSON.parse(busyData(call))).toMatchObject({ line_busy: "line_busy" });
  });

  test("names a room by a number where they know no other, and the number leads to the room", () => {
    const rooms = new Rooms();
    pageRooms.media = rooms;
    rooms.numbersOnly = true;
    const call = { callID: "c", roomID: "019aa5d00a127c00", mediaType: "video" };
    const { room_id: number, data } = JSON.parse(dataForEngine("", call));
    expect(data).toMatchObject({ room_id: number });
    expect(number).toBeGreaterThan(0);
    // trtc-calling-js makes a 32-bit integer of it.
    expect(~~number).toBe(number);
    expect(rooms.nameOf(String(number))).toBe(call.roomID);
    expect(rooms.nameOf("77")).toBe("77");
    expect(JSON.parse(busyData(call))).toMatchObject({ room_id: number });
  });

  test("stays as it is where they said it, where there is no call, and where the rooms are not ours", () => {
    const call = { callID: "c", roomID: "77", mediaType: "video" };
    const own = said({ cmd: "videoCall", room_id: 77 });
    expect(dataForEngine(own, call)).toBe(own);
    expect(dataForEngine("hand up", undefined)).toBe("hand up");
    pageRooms.media = undefined;
    expect(dataForEngine("plain", call)).toBe("plain");
  });
});
