import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { pageRooms } from "../../../src/pageRooms.js";
import { type LiveKitClient, setLiveKit } from "../../../src/trtc/livekit/client.js";
import { LiveKit } from "../livekit.js";
import { tokens } from "../livekitAccount.js";
import { World } from "../world.js";
import { Visitor } from "./visitor.js";

let livekit: LiveKit;
let world: World;
const visitors: Visitor[] = [];
const load = vi.fn(async () => ({ Room: PlaceInLiveKit }) as unknown as LiveKitClient);
/** What came to LiveKit, in order. */
const came: string[] = [];

/** A room as LiveKit's client has it, in which nobody publishes. */
class PlaceInLiveKit {
  readonly remoteParticipants = new Map();
  readonly localParticipant = { trackPublications: new Map(), getTrackPublication: () => undefined };
  on(): void {}
  once(): void {}
  async disconnect(): Promise<void> {}

  async connect(_url: string, token: string): Promise<void> {
    const { sub, video } = await tokens.verify(token);
    came.push(`${(sub as string | undefined) ?? ""} in ${video?.room}`);
  }
}

beforeAll(async () => {
  livekit = await LiveKit.start();
  world = await World.start(livekit.config);
});
beforeEach(() => {
  came.length = 0;
  load.mockClear();
  setLiveKit(load);
});
afterEach(() => {
  for (const visitor of visitors.splice(0)) {
    visitor.room.close();
  }
  pageRooms.liveKit = undefined;
});
afterAll(async () => {
  await world.end();
  livekit.end();
});

async function visitor(userID: string, name: string): Promise<Visitor> {
  const { client } = await world.connected(userID);
  const entered = new Visitor(client, userID, name);
  visitors.push(entered);
  return entered;
}

test("an engine's room is LiveKit's room of that name, for those in its call; its client is loaded while it rings", async () => {
  await world.knows("bob");
  const [ann, bob] = [await visitor("ann", "31"), await visitor("bob", "31")];
  const call = await ann.invites("bob");
  await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
  expect(came).toEqual([]);
  await bob.accepts(call);
  for (const one of [ann, bob]) {
    await one.hears("linked", (told) => told === "connected with ");
  }
  expect([...came].sort()).toEqual(["ann in 31", "bob in 31"]);
  expect([ann.heard("failed"), bob.heard("failed")]).toEqual([[], []]);
  bob.room.leave();
  expect(await ann.hears("left")).toBe("bob");
});

test("more than four of a group are in it, and who is not in the call is not", async () => {
  const names = ["cy", "dee", "eve", "fay", "gus", "hal"];
  await world.knows(...names);
  const first = await visitor("cy", "32");
  await first.client.groups.create({ groupID: "band", name: "band", members: names.slice(1) });
  const wish = { groupID: "band", inviteeList: ["dee"], timeout: 30, call: { mediaType: "video" as const, roomID: "32" } };
  await first.client.signaling.inviteInGroup(wish);
  const mallory = await visitor("mallory", "32");
  const others: Visitor[] = [];
  for (const userID of names.slice(2)) {
    others.push(await visitor(userID, "32"));
  }
  for (const one of [first, ...others]) {
    await one.hears("linked", (told) => told === "connected with ");
  }
  await mallory.client.users.get({ userIDs: ["cy"] });
  expect([...came].sort()).toEqual(["cy", "eve", "fay", "gus", "hal"].map((name) => `${name} in 32`));
  expect(mallory.heard("came")).toEqual([]);
});
