import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MediaAccess } from "../../src/index.js";
import { pageRooms } from "../../src/pageRooms.js";
import type { CarrierPort } from "../../src/trtc/carrier.js";
import { type LiveKitClient, setLiveKit } from "../../src/trtc/livekit/client.js";
import { LiveKit } from "../../src/trtc/livekit/livekit.js";
import type { Other } from "../../src/trtc/people.js";

const ACCESS: MediaAccess = { provider: "livekit", liveURL: "wss://live", token: "first" };
const OFF = { microphone: false, camera: false };

/** Whoever of the page's room is there, or is said to be. */
const person = (userID: string): Other => ({ userID, deviceID: "", offers: true });

/** A track of the app's, and the copies of it. */
class Track {
  enabled = true;
  stopped = false;
  readonly copies: Track[] = [];

  constructor(readonly kind: "audio" | "video") {}

  clone(): Track {
    const copy = new Track(this.kind);
    this.copies.push(copy);
    return copy;
  }

  stop(): void {
    this.stopped = true;
  }
}

const track = (kind: "audio" | "video") => new Track(kind) as Track & MediaStreamTrack;

/** Something that is published, by the user or by somebody else. */
class Publication {
  isMuted = false;
  isEnabled = true;
  quality: number | undefined;
  track: { mediaStreamTrack: MediaStreamTrack; replaceTrack(track: MediaStreamTrack): Promise<void> };

  constructor(
    readonly source: string,
    sent: MediaStreamTrack,
  ) {
    const place = {
      mediaStreamTrack: sent,
      replaceTrack: async (other: MediaStreamTrack) => {
        place.mediaStreamTrack = other;
      },
    };
    this.track = place;
  }

  get kind(): string {
    return this.track.mediaStreamTrack.kind;
  }

  async mute(): Promise<void> {
    this.isMuted = true;
  }

  async unmute(): Promise<void> {
    this.isMuted = false;
  }

  setEnabled(enabled: boolean): void {
    this.isEnabled = enabled;
  }

  setVideoQuality(quality: number): void {
    this.quality = quality;
  }
}

/** A room as LiveKit's client has it. */
class FakeRoom {
  static made: FakeRoom[] = [];
  /** What the next attempts to connect come to. */
  static connects: () => Promise<void> = async () => {};

  readonly remoteParticipants = new Map<string, { trackPublications: Map<string, Publication> }>();
  readonly published = new Map<string, Publication>();
  readonly connectedWith: string[] = [];
  readonly #listeners = new Map<string, ((...told: unknown[]) => void)[]>();
  readonly localParticipant = {
    trackPublications: this.published,
    getTrackPublication: (source: string) => this.published.get(source),
    publishTrack: async (sent: MediaStreamTrack, { source }: { source: string }) => {
      const publication = new Publication(source, sent);
      this.published.set(source, publication);
      return publication;
    },
  };

  constructor() {
    FakeRoom.made.push(this);
  }

  async connect(url: string, token: string): Promise<void> {
    this.connectedWith.push(url, token);
    await FakeRoom.connects();
  }

  async disconnect(): Promise<void> {
    this.says("disconnected", 1);
  }

  on(event: string, listener: (...told: unknown[]) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  once(event: string, listener: (...told: unknown[]) => void): void {
    this.on(event, listener);
  }

  says(event: string, ...told: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      listener(...told);
    }
  }

  /** Somebody publishes, and is subscribed to. */
  hears(userID: string, ...publications: Publication[]): void {
    this.remoteParticipants.set(userID, { trackPublications: new Map(publications.map((one) => [one.source, one])) });
    this.says("trackSubscribed");
  }
}

const told = {
  received: vi.fn(),
  switched: vi.fn(),
  linked: vi.fn(),
  moved: vi.fn(),
  failed: vi.fn(),
  signal: vi.fn(),
  access: vi.fn(async () => ({ ...ACCESS, token: "fresh" })),
} satisfies CarrierPort;

const settles = () => vi.advanceTimersByTimeAsync(0);
let livekit: LiveKit | undefined;

async function enters(...others: Other[]): Promise<FakeRoom> {
  livekit = new LiveKit(ACCESS, told);
  livekit.meets(others);
  await settles();
  return FakeRoom.made.at(-1) as FakeRoom;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  FakeRoom.made = [];
  FakeRoom.connects = async () => {};
  setLiveKit(async () => ({ Room: FakeRoom }) as unknown as LiveKitClient);
});

afterEach(() => {
  livekit?.close();
  livekit = undefined;
  pageRooms.liveKit = undefined;
  vi.useRealTimers();
});

describe("what others publish", () => {
  test("is told of those in the call, and not sent here of whoever else is in the room", async () => {
    const room = await enters(person("bob"));
    const [voice, camera] = [track("audio"), track("video")];
    const strangers = new Publication("camera", track("video"));
    room.hears("bob", new Publication("microphone", voice), new Publication("camera", camera));
    room.hears("recorder", strangers);
    expect(told.received.mock.calls).toEqual([
      ["bob", voice],
      ["bob", camera],
    ]);
    expect(told.switched).toHaveBeenCalledExactlyOnceWith("bob", { microphone: true, camera: true });
    expect(strangers.isEnabled).toBe(false);

    livekit?.meets([person("bob"), person("recorder")]);
    expect(told.switched).toHaveBeenLastCalledWith("recorder", { microphone: false, camera: true });
    expect(strangers.isEnabled).toBe(true);
  });

  test("is off while it is muted, and a screen stands in the place of the camera", async () => {
    const room = await enters(person("bob"));
    const [camera, screen] = [track("video"), track("video")];
    const sent = new Publication("camera", camera);
    room.hears("bob", sent);
    room.hears("bob", sent, new Publication("screen_share", screen));
    room.hears("bob", sent);
    expect(told.received.mock.calls.map(([, one]) => one)).toEqual([camera, screen, camera]);
    await sent.mute();
    room.says("trackMuted");
    expect(told.switched).toHaveBeenLastCalledWith("bob", OFF);
  });

  test("is taken up to a camera and a screen, however much somebody publishes", async () => {
    const room = await enters(person("bob"));
    const sent = ["camera", "screen_share", "another"].map((source) => new Publication(source, track("video")));
    room.hears("bob", ...sent);
    expect(sent.map(({ isEnabled }) => isEnabled)).toEqual([true, true, false]);
    await Promise.all(sent.slice(0, 2).map((one) => one.mute()));
    room.says("trackMuted");
    expect(told.switched).toHaveBeenLastCalledWith("bob", OFF);
  });

  test.each([
    [4, 2],
    [5, 0],
  ])("with %i others is asked for in quality %i", async (count, quality) => {
    const others = Array.from({ length: count }, (_, place) => person(`user-${place}`));
    const room = await enters(...others);
    const camera = new Publication("camera", track("video"));
    room.hears("user-0", camera);
    expect(camera.quality).toBe(quality);
  });
});

describe("what the user sends", () => {
  test("is a copy, muted when it is switched off, and replaced when it is another", async () => {
    const room = await enters(person("bob"));
    const [voice, camera, other] = [track("audio"), track("video"), track("video")];
    livekit?.send({ audio: voice, video: camera });
    await settles();
    expect([...room.published.keys()]).toEqual(["microphone", "camera"]);
    expect(room.published.get("camera")?.track.mediaStreamTrack).toBe(camera.copies[0]);

    livekit?.send({ audio: voice, video: null });
    await settles();
    expect(room.published.get("camera")?.isMuted).toBe(true);
    expect([camera.copies[0]?.stopped, camera.stopped, camera.enabled]).toEqual([true, false, true]);

    livekit?.send({ audio: voice, video: other });
    await settles();
    expect(room.published.get("camera")?.track.mediaStreamTrack).toBe(other.copies[0]);
    expect([room.published.get("camera")?.isMuted, voice.copies.length]).toEqual([false, 1]);

    livekit?.close();
    expect([voice.copies[0]?.stopped, other.copies[0]?.stopped, voice.stopped]).toEqual([true, true, false]);
  });

  test("is a screen where it is one, and the camera is off meanwhile", async () => {
    const room = await enters(person("bob"));
    livekit?.send({ audio: null, video: track("video") });
    livekit?.send({ audio: null, video: track("video"), isScreen: true });
    await settles();
    expect([...room.published]).toEqual([["screen_share", expect.objectContaining({ isMuted: false })]]);
    livekit?.send({ audio: null, video: track("video") });
    await settles();
    expect([...room.published.values()].map(({ source, isMuted }) => [source, isMuted])).toEqual([
      ["screen_share", true],
      ["camera", false],
    ]);
  });

  test("that LiveKit does not take is told, and tried with the next change", async () => {
    const room = await enters(person("bob"));
    const camera = track("video");
    const { publishTrack } = room.localParticipant;
    room.localParticipant.publishTrack = () => Promise.reject(new Error("no"));
    livekit?.send({ audio: null, video: camera });
    await settles();
    expect(told.failed).toHaveBeenCalledExactlyOnceWith("LiveKit did not take what is sent", expect.any(Error));
    expect(camera.copies[0]?.stopped).toBe(true);
    room.localParticipant.publishTrack = publishTrack;
    livekit?.send({ audio: null, video: camera });
    await settles();
    expect(room.published.get("camera")?.track.mediaStreamTrack).toBe(camera.copies[1]);
  });
});

describe("the room", () => {
  test("is tried again after 1, 2, 4 and then each 8 s with fresh tokens, and the trouble is told once", async () => {
    FakeRoom.connects = () => Promise.reject(new Error("nobody answers"));
    const camera = track("video");
    const room = await enters(person("bob"));
    livekit?.send({ audio: null, video: camera });
    expect(room.connectedWith).toEqual(["wss://live", "first"]);
    const tries: number[] = [];
    for (const pause of [1_000, 2_000, 4_000, 8_000, 8_000]) {
      await vi.advanceTimersByTimeAsync(pause - 1);
      const before = FakeRoom.made.length;
      await vi.advanceTimersByTimeAsync(1);
      tries.push(FakeRoom.made.length - before);
    }
    expect(tries).toEqual([1, 1, 1, 1, 1]);
    expect(FakeRoom.made.at(-1)?.connectedWith).toEqual(["wss://live", "fresh"]);
    expect(told.failed).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/cannot be reached/),
      expect.any(Error),
      "unreachable",
    );

    FakeRoom.connects = async () => {};
    livekit?.repair();
    await settles();
    expect([...(FakeRoom.made.at(-1)?.published.keys() ?? [])]).toEqual(["camera"]);
    expect(told.linked).toHaveBeenLastCalledWith("", "connected");
  });

  test("that does not take the token says so", async () => {
    FakeRoom.connects = () => Promise.reject(Object.assign(new Error("invalid token"), { reason: 0, status: 401 }));
    await enters(person("bob"));
    expect(told.failed).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/token/), expect.any(Error), "refused");
  });

  test("is not tried without LiveKit's client, and the app is told what to do", async () => {
    pageRooms.liveKit = undefined;
    await enters(person("bob"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.failed).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/setLiveKit/), undefined, "noLiveKit");
    expect(told.access).not.toHaveBeenCalled();
  });

  test("whose client cannot be loaded is tried again", async () => {
    setLiveKit(() => Promise.reject(new Error("offline")));
    await enters(person("bob"));
    expect(told.failed).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/loaded/), expect.any(Error), "unreachable");
    setLiveKit(async () => ({ Room: FakeRoom }) as unknown as LiveKitClient);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakeRoom.made).toHaveLength(1);
  });

  test("that has let in another device of the user's is left to it", async () => {
    const room = await enters(person("bob"));
    room.says("disconnected", 2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told.moved).toHaveBeenCalledOnce();
    expect(FakeRoom.made).toHaveLength(1);
  });

  test("that was left while it was entered is not published into, and nothing is told any more", async () => {
    let connected: () => void = () => {};
    FakeRoom.connects = () => new Promise((resolve) => (connected = resolve));
    const room = await enters(person("bob"));
    const camera = track("video");
    livekit?.send({ audio: null, video: camera });
    livekit?.close();
    connected();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([room.published.size, camera.copies.length, FakeRoom.made.length]).toEqual([0, 0, 1]);
    expect(told.failed).not.toHaveBeenCalled();
    expect(told.moved).not.toHaveBeenCalled();
  });
});
