import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { clientKey, pageRooms } from "../../../src/pageRooms.js";
import { type Client, createClient, createStream, ERROR_CODE, type RemoteStream } from "../../../src/trtc/v4/index.js";
import { SDK_APP_ID } from "../server.js";
import { Notebook } from "../tencent/people.js";
import { World } from "../world.js";
import { FakePeerConnection } from "./browser.js";

let world: World;
const visitors: Visitor[] = [];
beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => {
  FakePeerConnection.made.length = 0;
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
});
afterEach(async () => {
  await Promise.all(visitors.splice(0).map(({ client }) => client.leave()));
  pageRooms.clients.clear();
  vi.unstubAllGlobals();
});
afterAll(() => world.end());

const EVENTS = [
  "peer-join",
  "peer-leave",
  "stream-added",
  "stream-subscribed",
  "stream-updated",
  "stream-removed",
  "mute-audio",
  "unmute-audio",
  "mute-video",
  "unmute-video",
];

/** Somebody in a room by the older package, and all it told them. */
class Visitor extends Notebook {
  /** All names, in order. */
  readonly order: string[] = [];

  constructor(
    readonly client: Client,
    userID: string,
  ) {
    super(`${userID} with the older package`);
    for (const name of EVENTS) {
      client.on(name, (data) => {
        this.order.push(name);
        this.notes(name)({ name, data });
      });
    }
  }
}

/** A track that is on. */
function track(kind: "audio" | "video"): MediaStreamTrack {
  return Object.assign(new EventTarget(), { kind, enabled: true, stop() {} }) as unknown as MediaStreamTrack;
}

/** Two in a call with this room, each of them in it. */
async function two(names: readonly [string, string], roomId: number, config: object = {}) {
  const [one, other] = await Promise.all(names.map((name) => world.connected(name)));
  const [ann, bob] = [one, other].map((person, at) => {
    const userId = names[at] as string;
    pageRooms.clients.set(clientKey(SDK_APP_ID, userId), (person as NonNullable<typeof person>).client);
    const visitor = new Visitor(createClient({ sdkAppId: SDK_APP_ID, userId, userSig: "", mode: "rtc", ...config }), userId);
    visitors.push(visitor);
    return visitor;
  }) as [Visitor, Visitor];
  await Promise.all([ann, bob].map(({ client }) => client.join({ roomId })));
  const call = { mediaType: "video" as const, roomID: String(roomId) };
  const { inviteID } = await (one as NonNullable<typeof one>).client.signaling.invite({ invitee: names[1], timeout: 30, call });
  await (other as NonNullable<typeof other>).client.signaling.accept({ inviteID });
  return [ann, bob] as const;
}

async function published(client: Client, ...tracks: MediaStreamTrack[]) {
  const [audioSource, videoSource] = ["audio", "video"].map((kind) => tracks.find((one) => one.kind === kind));
  const stream = createStream({ userId: "", audioSource, videoSource });
  await stream.initialize();
  await client.publish(stream);
  return stream;
}

test("who joins hears of the others, of their streams, and of what is muted", async () => {
  const [ann, bob] = await two(["ann", "bob"], 101);
  expect(await ann.hears("peer-join")).toEqual({ userId: "bob" });
  expect(await bob.hears("peer-join")).toEqual({ userId: "ann" });
  const stream = await published(bob.client, track("audio"), track("video"));

  const { stream: added } = (await ann.hears("stream-added")) as { stream: RemoteStream };
  expect([added.getUserId(), added.getType()]).toEqual(["bob", "main"]);
  expect(await ann.hears("stream-subscribed")).toEqual({ stream: added });
  await ann.hears("unmute-audio");
  await ann.hears("unmute-video");
  expect([added.hasAudio(), added.hasVideo()]).toEqual([true, true]);
  expect(ann.order.indexOf("peer-join")).toBeLessThan(ann.order.indexOf("stream-added"));
  expect(ann.order.indexOf("stream-added")).toBeLessThan(ann.order.indexOf("unmute-audio"));

  expect(stream.muteVideo()).toBe(true);
  await ann.hears("mute-video", ({ userId }) => userId === "bob" && !added.hasVideo());
  expect(ann.client.getRemoteMutedState()).toEqual([
    { userId: "bob", hasAudio: true, hasVideo: false, audioMuted: false, videoMuted: true },
  ]);

  await bob.client.leave();
  expect(await ann.hears("stream-removed")).toEqual({ stream: added });
  expect(await ann.hears("peer-leave")).toEqual({ userId: "bob" });
});

test("without autoSubscribe a stream is taken when the app says so, and a part of it where it says so", async () => {
  const [cora, dan] = await two(["cora", "dan"], 102, { autoSubscribe: false });
  await published(dan.client, track("audio"), track("video"));
  const { stream } = (await cora.hears("stream-added")) as { stream: RemoteStream };
  await cora.hears("unmute-video");
  expect(cora.heard("stream-subscribed")).toEqual([]);
  await cora.client.subscribe(stream, { video: false });
  expect(await cora.hears("stream-subscribed")).toEqual({ stream });
  expect([stream.hasAudio(), stream.hasVideo()]).toEqual([true, false]);

  await dan.client.leave();
  await cora.hears("peer-leave");
  const late = await cora.client.subscribe(stream).catch((thrown) => thrown.getCode());
  expect(late).toBe(ERROR_CODE.REMOTE_STREAM_NOT_EXIST);
});

test("what is out of order is refused with Tencent's numbers", async () => {
  const code = (asked: Promise<unknown>) => asked.then(() => 0).catch((thrown) => thrown.getCode());
  const client = createClient({ sdkAppId: SDK_APP_ID, userId: "nobody", userSig: "" });
  const stream = createStream({ audioSource: track("audio"), videoSource: track("video") });
  await stream.initialize();
  expect(await code(client.join({ roomId: 0 }))).toBe(ERROR_CODE.INVALID_PARAMETER);
  expect(await code(client.join({ roomId: 7 }))).toBe(ERROR_CODE.JOIN_ROOM_FAILED);
  expect(await code(client.publish(stream))).toBe(ERROR_CODE.INVALID_OPERATION);
  expect(await code(client.publish(stream, { isAuxiliary: true }))).toBe(ERROR_CODE.NOT_SUPPORTED);
  expect(await code(client.startMixTranscode())).toBe(ERROR_CODE.NOT_SUPPORTED);
  expect(await code(stream.addTrack(track("video")))).toBe(ERROR_CODE.INVALID_OPERATION);
  expect(await code(stream.removeTrack(track("audio")))).toBe(ERROR_CODE.INVALID_OPERATION);
});

test("devices that the browser refuses keep the browser's name", async () => {
  for (const [name, number] of [
    ["NotAllowedError", ERROR_CODE.INITIALIZE_FAILED],
    ["NotFoundError", ERROR_CODE.DEVICE_NOT_FOUND],
  ] as const) {
    const getUserMedia = () => Promise.reject(new DOMException("refused", name));
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
    const refused = await createStream({ audio: true, video: true })
      .initialize()
      .catch((thrown) => [thrown.name, thrown.getCode()]);
    expect(refused).toEqual([name, number]);
  }
});
