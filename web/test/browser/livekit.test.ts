import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TILES } from "../../src/calls/gallery.js";
import { MOST_HEARD } from "../../src/media/people.js";
import { roomIDOf } from "../../src/rooms/ids.js";
import { LiveKit } from "../livekit/livekit.js";
import { hears, lendsEars, receives, seesLoud } from "./ears.js";
import { misplaced } from "./fits.js";
import { PATIENCE_MS, type Person } from "./person.js";
import { DESKTOP, PHONE, World } from "./world.js";

/** Eight pages that decode seven pictures each share the cores of the machine: for the whole story, and for one step of it, ms. */
const LONG_MS = 300_000;
const LONG_STEP_MS = 60_000;

let livekit: LiveKit;
let world: World;

beforeAll(async () => {
  livekit = await LiveKit.start();
  world = await World.start({ env: livekit.env });
  livekit.tells(world.server.url);
});

afterEach(async () => {
  await world.clear();
  livekit.now = Date.now;
});

afterAll(async () => {
  await world.end();
  await livekit.end();
});

/** People of a story whose ears are measured. */
async function people(...names: string[]): Promise<Person[]> {
  const all = await Promise.all(names.map((name) => world.person(name)));
  await Promise.all(all.map(lendsEars));
  return all;
}

async function adds(person: Person, other: Person): Promise<void> {
  await person.presses("Add a person");
  const dialog = person.page.getByRole("dialog", { name: "Add a person to the call" });
  await dialog.getByLabel("Call or write to…").fill(other.name);
  await person.page.keyboard.press("Enter");
  await other.hearsRing(person.name);
  await other.presses("Accept");
}

/** Waits until so many pictures on the stage move. */
async function seesMoving(person: Person, pictures: number): Promise<void> {
  await person.page.waitForFunction(async (count) => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>(".stage video.theirs")];
    const shown = () => videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
    const before = shown();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = shown();
    return videos.length === count && after.every((frames, place) => frames > (before[place] ?? 0));
  }, pictures);
}

it("two people see and hear each other through LiveKit, and the call ends for both", async () => {
  const [ann, bob] = (await people("Ann", "Bob")) as [Person, Person];
  await ann.calls("Bob");
  await bob.hearsRing("Ann");
  await bob.presses("Accept");
  await Promise.all([seesMoving(ann, 1), seesMoving(bob, 1)]);
  await Promise.all([hears(ann, 1), hears(bob, 1)]);
  await ann.presses("Turn camera off");
  await bob.reads("Ann has the camera off");
  await bob.presses("Turn microphone off");
  await ann.reads("Bob has the microphone off");
  await receives(ann, 0);
  expect(await fetched(ann)).toBe(true);
  await ann.presses("Turn camera on");
  await seesMoving(bob, 1);
  await bob.presses("Hang up");
  await ann.reads("Call ended");
  await expect.poll(() => livekit.participants.length, { timeout: PATIENCE_MS }).toBe(0);
});

it("a third comes in, all see and hear each other, and it goes on when one leaves", async () => {
  const [ann, bob, cem] = (await people("Ann-3", "Bob-3", "Cem-3")) as [Person, Person, Person];
  await talks(ann, bob);
  await adds(ann, cem);
  await Promise.all([ann, bob, cem].map((person) => seesMoving(person, 2)));
  await Promise.all([ann, bob, cem].map((person) => hears(person, 2)));
  await bob.presses("Hang up");
  await Promise.all([seesMoving(ann, 1), seesMoving(cem, 1), hears(ann, 1), hears(cem, 1)]);
  await cem.presses("Hang up");
  await ann.reads("Call ended");
});

it("a screen takes the place of the camera's picture", async () => {
  const [ann, bob] = (await people("Ann-4", "Bob-4")) as [Person, Person];
  await talks(ann, bob);
  await ann.page.evaluate(() => {
    MediaDevices.prototype.getDisplayMedia = async () => {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: 800, height: 200 });
      const context = canvas.getContext("2d");
      setInterval(() => {
        if (context !== null) {
          context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
          context.fillRect(0, 0, 800, 200);
        }
      }, 50);
      return canvas.captureStream(20);
    };
  });
  await ann.presses("Share your screen");
  await bob.reads("Ann-4 shows the screen");
  await showsWide(bob, true);
  await seesMoving(bob, 1);
  await ann.presses("Stop sharing your screen");
  await showsWide(bob, false);
  await seesMoving(bob, 1);
});

it("a page that is loaded again comes back into the call", async () => {
  const [ann, bob] = (await people("Ann-5", "Bob-5")) as [Person, Person];
  await talks(ann, bob);
  bob.page.on("dialog", (dialog) => void dialog.accept());
  await bob.page.reload();
  await Promise.all([seesMoving(bob, 1), seesMoving(ann, 1)]);
  await Promise.all([hears(ann, 1), hears(bob, 1)]);
});

it("whoever closes their page is gone from the call as soon as LiveKit says so", async () => {
  const [ann, bob] = (await people("Ann-6", "Bob-6")) as [Person, Person];
  await talks(ann, bob);
  await bob.page.close({ runBeforeUnload: false });
  await ann.reads("The connection was lost");
});

it("without LiveKit both are told, no clock runs, and it begins when LiveKit is there", async () => {
  const [ann, bob] = (await people("Ann-7", "Bob-7")) as [Person, Person];
  await livekit.goesAway();
  try {
    await ann.calls("Bob-7");
    await bob.hearsRing("Ann-7");
    await bob.presses("Accept");
    for (const person of [ann, bob]) {
      await person.reads("The server that carries sound and pictures cannot be reached");
      expect(await person.page.getByRole("timer").count()).toBe(0);
    }
    await ann.photographs("livekit-away-desktop");
  } finally {
    await livekit.comesBack();
  }
  await Promise.all([ann.presses("Try again"), bob.presses("Try again")]);
  await Promise.all([seesMoving(ann, 1), seesMoving(bob, 1), hears(ann, 1), hears(bob, 1)]);
  await ann.sees(ann.page.getByRole("timer"));
});

it("a call whose tokens have ended goes on with new ones", async () => {
  const [ann, bob] = (await people("Ann-8", "Bob-8")) as [Person, Person];
  await talks(ann, bob);
  const ends = Math.max(...livekit.participants.map(({ until }) => until));
  // Whatever let them in has ended, and what the server makes from now on has not.
  livekit.now = () => ends * 1_000;
  await livekit.goesAway();
  await livekit.comesBack();
  await Promise.all([seesMoving(ann, 1), seesMoving(bob, 1), hears(ann, 1), hears(bob, 1)]);
  expect(livekit.participants.map(({ until }) => until > ends)).toEqual([true, true]);
});

it(
  "seven people, one more than pages carry among themselves, see and hear each other in one call",
  async () => {
    const names = ["Ann", "Bob", "Cem", "Dan", "Eve", "Fay", "Gil"].map((name) => `${name}-9`);
    const all = await people(...names);
    for (const { context } of all) {
      context.setDefaultTimeout(LONG_STEP_MS);
    }
    const [ann, bob, ...others] = all as [Person, Person, ...Person[]];
    await ann.calls(bob.name);
    await bob.hearsRing(ann.name);
    await bob.presses("Accept");
    for (const other of others) {
      await adds(ann, other);
    }
    await Promise.all(all.map((person) => seesMoving(person, 6)));
    await Promise.all(all.map((person) => hears(person, 6, LONG_STEP_MS)));
    await ann.photographs("livekit-seven-desktop");
    await ann.page.setViewportSize(PHONE);
    await ann.photographs("livekit-seven-phone");
  },
  LONG_MS,
);

it("more people than tiles are on pages, whose pictures alone are sent, and whoever speaks comes to the front", async () => {
  const [ann, bob, cem] = (await people("Ann-10", "Bob-10", "Cem-10")) as [Person, Person, Person];
  // Three pages and a crowd share two cores: a step has taken more than the others' patience.
  const patience = 2 * PATIENCE_MS;
  ann.page.setDefaultTimeout(patience);
  await talks(ann, bob);
  const crowd = world.crowd();
  await crowd.isCalledInto(
    "Ann-10",
    Array.from({ length: TILES + 1 }, (_, place) => `Fan-10-${place}`),
  );
  await ann.reads("1 of 2");
  expect(await ann.page.locator(".tile").count()).toBe(TILES);
  await ann.sees(ann.page.locator(".tile").getByText("Bob-10"));
  await seesMoving(ann, 1);
  await ann.presses("Next people");
  await ann.reads("2 of 2");
  await expect.poll(() => sentPictures("Ann-10"), { timeout: patience }).toBe(0);
  await hears(ann, 1, patience);
  await ann.photographs("livekit-pages-desktop");
  await ann.presses("Previous people");
  await seesMoving(ann, 1);
  // Cem is the last of the list, and is to be seen as soon as they say something.
  await adds(ann, cem);
  await ann.sees(ann.page.locator(".tile").getByText("Cem-10"));
  await ann.reads("1 of 2");
  await Promise.all([seesMoving(ann, 2), hears(ann, 2, patience)]);
});

it.each([
  ["phone", PHONE],
  ["small", { width: 360, height: 640 }],
  ["sideways", { width: 844, height: 390 }],
  ["laptop", DESKTOP],
])("%s: the tiles, their pages, the buttons and the own picture have room beside each other", async (screen, viewport) => {
  const name = (of: string) => `${of}-${screen}`;
  const [ann, bob] = (await people(name("Ann"), name("Bob"))) as [Person, Person];
  await talks(ann, bob);
  await world.crowd().isCalledInto(
    name("Ann"),
    Array.from({ length: TILES }, (_, place) => `Fan-${screen}-${place}`),
  );
  await bob.presses("Turn microphone off");
  await ann.page.setViewportSize(viewport);
  await ann.sees(ann.page.locator(".tile").getByText("Microphone off"));
  await ann.reads("1 of 2");
  await fits(ann);
  await ann.presses("Next people");
  await fits(ann);
  // Small beside the scene, or above it.
  await ann.presses("Make the call small");
  await fits(ann);
});

describe("a room's sound", () => {
  it("carries who may be heard, whatever number of people listens", async () => {
    const [host, ann, bob] = (await people("Hana-11", "Ann-11", "Bob-11")) as [Person, Person, Person];
    await host.creates("live", "Poems-11");
    await Promise.all([ann.joins("live", "Poems-11"), bob.joins("live", "Poems-11")]);
    for (const person of [bob, ann, host]) {
      await person.presses("Turn the sound on");
    }
    await Promise.all([hears(ann, 1), hears(bob, 1), receives(host, 0)]);
    await seesLoud(ann, ".host");
    await ann.presses("Take the microphone");
    await host.presses("Admit: Ann-11");
    await Promise.all([hears(host, 1), hears(bob, 2)]);
    await ann.presses("Turn microphone off");
    await bob.reads("Ann-11 has the microphone off");
    await receives(bob, 1);
    await ann.presses("Turn microphone on");
    await hears(bob, 2);
    await host.presses("Remove Ann-11 from the microphone");
    await Promise.all([receives(host, 0), receives(bob, 1)]);
  });

  it("takes more people than browsers could carry among themselves", async () => {
    const [host, ann] = (await people("Hana-12", "Ann-12")) as [Person, Person];
    await host.creates("live", "Crowd-12");
    await ann.joins("live", "Crowd-12");
    await host.presses("Turn the sound on");
    await ann.presses("Turn the sound on");
    await hears(ann, 1);
    const crowd = world.crowd();
    await crowd.join(
      roomIDOf("live", "Crowd-12"),
      Array.from({ length: MOST_HEARD }, (_, place) => `Fan-12-${place}`),
    );
    await crowd.turnOn(roomIDOf("live", "Crowd-12"));
    await host.reads(`${MOST_HEARD + 2} people have the sound on.`);
    await ann.presses("Turn the sound off");
    await ann.presses("Turn the sound on");
    await hears(ann, 1);
  });
});

it("a page of a server without LiveKit never fetches its client", async () => {
  const without = await World.start();
  try {
    const [ann, bob] = await Promise.all([without.person("Ann"), without.person("Bob")]);
    await ann.calls("Bob");
    await bob.hearsRing("Ann");
    await bob.presses("Accept");
    await ann.seesMovingPictures();
    expect(await fetched(ann)).toBe(false);
    await without.clear();
  } finally {
    await without.end();
  }
});

/** Waits until nothing of the call covers something else of it, and no name below a face covers that. */
async function fits({ page }: Person): Promise<void> {
  await expect.poll(() => misplaced(page), { timeout: PATIENCE_MS }).toEqual([]);
  const covered = await page.locator(".tile").evaluateAll((tiles) =>
    tiles.flatMap((tile) => {
      const [face, name] = [".avatar", ".tile-name"].map((piece) => tile.querySelector(piece)?.getBoundingClientRect());
      return face && name?.height && face.bottom > name.top ? [tile.textContent] : [];
    }),
  );
  expect(covered).toEqual([]);
}

/** Waits until the picture of the other side is as wide as the screen of the story, or is not. */
async function showsWide(person: Person, wide: boolean): Promise<void> {
  await person.page.waitForFunction((expected) => {
    const { videoWidth = 0, videoHeight = 0 } = document.querySelector<HTMLVideoElement>("video.theirs") ?? {};
    return videoHeight > 0 && videoWidth / videoHeight > 3 === expected;
  }, wide);
}

async function talks(ann: Person, bob: Person): Promise<void> {
  await ann.calls(bob.name);
  await bob.hearsRing(ann.name);
  await bob.presses("Accept");
  await Promise.all([seesMoving(ann, 1), seesMoving(bob, 1)]);
}

/** How many pictures LiveKit sends to somebody now. */
function sentPictures(identity: string): number | undefined {
  return livekit.participants.find((participant) => participant.identity === identity)?.subscriber.sent("video");
}

/** Whether a page has fetched LiveKit's client. */
function fetched({ page }: Person): Promise<boolean> {
  return page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("livekit")));
}
