import type { LiveKitClient } from "@wigwag/sdk/trtc";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { LiveKit } from "../../livekit/livekit.js";
import { hears, receives } from "../ears.js";
import { World } from "../world.js";
import { Kit } from "./kit.js";
import { OLDER, REACT, Site } from "./site.js";

/** The media server of these stories shares the cores of the machine with the pages: for a whole story, and for one step of it, ms. */
const LONG_MS = 300_000;
const LONG_STEP_MS = 60_000;

/** What Tencent's package says when something is not supported, when a server does not let somebody in, and when it cannot be reached. */
const CODE = { notSupported: 5200, server: 5400, failed: 5500 };

let livekit: LiveKit;
let world: World;
/** Apps on TUICallKit 3 and 2, which hand LiveKit's client in, and one that does not. */
let site: Site;
let older: Site;
let without: Site;

beforeAll(async () => {
  livekit = await LiveKit.start();
  world = await World.start({ env: livekit.env });
  livekit.tells(world.server.url);
  [site, older, without] = await Promise.all([Site.start(), Site.start(OLDER), Site.start(REACT)]);
});

afterEach(async () => {
  livekit.now = Date.now;
  await world.clear();
});

afterAll(async () => {
  for (const one of [site, older, without]) {
    one?.end();
  }
  await world?.end();
  await livekit?.end();
});

const kit = (name: string, where = site) => Kit.open(world, where, name, LONG_STEP_MS);

/** Waits until nobody is in a room of LiveKit's. */
async function isEmpty(): Promise<void> {
  await expect.poll(() => livekit.participants.length, { timeout: LONG_STEP_MS }).toBe(0);
}

async function seeEachOther(...all: Kit[]): Promise<void> {
  const pairs = all.flatMap((one) => all.filter((other) => other !== one).map((other) => [one, other] as const));
  await Promise.all(pairs.map(([one, other]) => one.seesMovingPicturesOf(other.name)));
}

it("the package takes LiveKit's client as it is", async () => {
  const client: LiveKitClient = await import("livekit-client");
  expect(new client.Room().remoteParticipants.size).toBe(0);
});

it(
  "a page on TUICallKit calls another through LiveKit: both see and hear each other until one hangs up",
  async () => {
    const [ann, bob] = await Promise.all([kit("ann"), kit("bob")]);
    await ann.calls("bob");
    await bob.presses("Accept");
    await seeEachOther(ann, bob);
    await Promise.all([hears(ann, 1, LONG_STEP_MS), hears(bob, 1, LONG_STEP_MS)]);

    await ann.presses("Camera On");
    await bob.seesFaceOf("ann");
    await ann.presses("Camera Off");
    await bob.seesMovingPicturesOf("ann");
    await ann.presses("Unmuted");
    await receives(bob, 0);
    await ann.presses("Muted");
    await hears(bob, 1, LONG_STEP_MS);

    await bob.presses("Hang up");
    await Promise.all([ann.isBack(), bob.isBack()]);
    await isEmpty();
  },
  LONG_MS,
);

it(
  "the web app and a page on TUICallKit call each other through LiveKit",
  async () => {
    const [cora, dan] = await Promise.all([world.person("Cora"), kit("dan")]);
    cora.context.setDefaultTimeout(LONG_STEP_MS);
    await cora.calls("dan");
    await dan.presses("Accept");
    await Promise.all([cora.seesMovingPictures(), dan.seesMovingPicturesOf("Cora")]);
    await cora.presses("Turn camera off");
    await dan.seesFaceOf("Cora");
    await dan.presses("Camera On");
    await cora.reads("dan has the camera off");
    await dan.presses("Hang up");
    await cora.reads("Call ended");
    await cora.closes();

    await dan.calls("Cora");
    await cora.hearsRing("dan");
    await cora.presses("Accept");
    await Promise.all([cora.seesMovingPictures(), dan.seesMovingPicturesOf("Cora")]);
    await cora.presses("Hang up");
    await dan.isBack();
  },
  LONG_MS,
);

it(
  "five of a group, one more than pages carry among themselves, see each other, and it goes on when one leaves",
  async () => {
    const [eve, fay, gil, hal, ida] = (await Promise.all(["eve", "fay", "gil", "hal", "ida"].map((name) => kit(name)))) as [
      Kit,
      Kit,
      Kit,
      Kit,
      Kit,
    ];
    const others = [fay, gil, hal, ida];
    const names = others.map(({ name }) => name);
    await eve.createsGroup("choir", names);
    await eve.callsGroup("choir", names);
    await Promise.all(others.map((other) => other.presses("Accept")));
    await seeEachOther(eve, ...others);
    await gil.presses("Hang up");
    await Promise.all([eve, fay, hal, ida].map((one) => one.misses("gil")));
    await seeEachOther(eve, fay, hal, ida);
  },
  LONG_MS,
);

it(
  "pages on TUICallKit 2 and 3 see each other through LiveKit",
  async () => {
    const [joe, kim] = await Promise.all([kit("joe", older), kit("kim")]);
    await joe.calls("kim");
    await kim.presses("Accept");
    await seeEachOther(joe, kim);
    await Promise.all([hears(joe, 1, LONG_STEP_MS), hears(kim, 1, LONG_STEP_MS)]);
    await kim.presses("Camera On");
    await kim.presses("Camera Off");
    await seeEachOther(joe, kim);
    await joe.presses("Hang up");
    await Promise.all([joe.isBack(), kim.isBack()]);
    await isEmpty();
  },
  LONG_MS,
);

it(
  "without LiveKit, or with a token that it does not take, the page is told why, and it begins when that is mended",
  async () => {
    const [liv, max] = await Promise.all([kit("liv"), kit("max")]);
    await Promise.all([liv.notesErrors(), max.notesErrors()]);
    await livekit.goesAway();
    try {
      await liv.calls("max");
      await max.presses("Accept");
      for (const one of [liv, max]) {
        expect(await one.isTold(CODE.failed)).toMatch(/LiveKit .*cannot be reached/);
      }
    } finally {
      await livekit.comesBack();
    }
    await seeEachOther(liv, max);
    await liv.presses("Hang up");
    await Promise.all([liv.isBack(), max.isBack()]);

    // Whatever the server lets somebody in with has ended.
    livekit.now = () => Number.MAX_SAFE_INTEGER;
    await liv.calls("max");
    await max.presses("Accept");
    for (const one of [liv, max]) {
      expect(await one.isTold(CODE.server)).toMatch(/does not take the token/);
    }
    livekit.now = Date.now;
    await seeEachOther(liv, max);
  },
  LONG_MS,
);

it(
  "a page that was handed no client for LiveKit is told so, and can still hang up",
  async () => {
    const [nia, oda] = await Promise.all([kit("nia"), kit("oda", without)]);
    await oda.notesErrors();
    await nia.calls("oda");
    await oda.presses("Accept");
    expect(await oda.isTold(CODE.notSupported)).toMatch(/setLiveKit/);
    await oda.presses("Hang up");
    await Promise.all([nia.isBack(), oda.isBack()]);
    await isEmpty();
  },
  LONG_MS,
);
