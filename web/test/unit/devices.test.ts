import { describe, expect, it } from "vitest";
import { chosen } from "../../src/media/chosen.js";
import { type Devices, obtain, troubleOf } from "../../src/media/devices.js";

/** Devices that refuse by an error of this name. */
function devices(refused: { audio?: string; video?: string }, asked: MediaStreamConstraints[] = []): Devices {
  return {
    async getUserMedia(wanted) {
      asked.push(wanted ?? {});
      const name = (wanted?.audio && refused.audio) || (wanted?.video && refused.video);
      if (name) {
        throw Object.assign(new Error(name), { name });
      }
      const kinds = (["audio", "video"] as const).filter((kind) => wanted?.[kind]);
      return { getTracks: () => kinds.map((kind) => ({ kind })) } as unknown as MediaStream;
    },
    enumerateDevices: async () => [],
  };
}

const kindsOf = (tracks: readonly MediaStreamTrack[]) => tracks.map(({ kind }) => kind);

describe("the devices of a call", () => {
  it("are asked for at once, with one question", async () => {
    const asked: MediaStreamConstraints[] = [];
    const { tracks, troubles } = await obtain(devices({}, asked), ["microphone", "camera"]);
    expect([kindsOf(tracks), troubles, asked.length]).toEqual([["audio", "video"], {}, 1]);
  });

  it.each([
    [{ audio: "NotAllowedError" }, ["video"], { microphone: "refused" }],
    [{ video: "NotFoundError" }, ["audio"], { camera: "absent" }],
    [{ audio: "NotAllowedError", video: "NotReadableError" }, [], { microphone: "refused", camera: "inUse" }],
  ] as const)("with %j are %j, and %j is said", async (refused, kinds, troubles) => {
    const obtained = await obtain(devices(refused), ["microphone", "camera"]);
    expect([kindsOf(obtained.tracks), obtained.troubles]).toEqual([kinds, troubles]);
  });

  it("are the chosen ones, or any when one of those is gone", async () => {
    chosen.set({ microphone: "desk" });
    const asked: MediaStreamConstraints[] = [];
    await obtain(devices({}, asked), ["microphone", "camera"]);
    expect(asked).toEqual([{ audio: { deviceId: { exact: "desk" } }, video: true }]);

    const gone: Devices = {
      ...(devices({}) as NonNullable<Devices>),
      getUserMedia: (wanted) =>
        devices(typeof wanted?.audio === "object" ? { audio: "OverconstrainedError" } : {})?.getUserMedia(wanted) as never,
    };
    const { tracks, troubles } = await obtain(gone, ["microphone", "camera"]);
    expect([kindsOf(tracks), troubles]).toEqual([["audio", "video"], {}]);
    chosen.set({});
  });

  it("are none on a page from http", async () => {
    expect(await obtain(undefined, ["microphone", "camera"])).toEqual({
      tracks: [],
      troubles: { microphone: "insecure", camera: "insecure" },
    });
  });
});

it.each([
  ["NotAllowedError", "refused"],
  ["SecurityError", "refused"],
  ["NotFoundError", "absent"],
  ["OverconstrainedError", "absent"],
  ["NotReadableError", "inUse"],
  ["AbortError", "inUse"],
])("%s means %s", (name, trouble) => {
  expect(troubleOf(Object.assign(new Error(name), { name }))).toBe(trouble);
});
