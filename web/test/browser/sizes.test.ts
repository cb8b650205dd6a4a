import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { misplaced } from "./fits.js";
import { PATIENCE_MS, type Person } from "./person.js";
import { OUTPUT, PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

/** Phones upright and sideways, a laptop's window at 200 %, and the phone held sideways at 200 %. */
const SIZES = {
  phone: PHONE,
  narrow: { width: 320, height: 568 },
  sideways: { width: 844, height: 390 },
  enlarged: { width: 640, height: 400 },
  lowest: { width: 422, height: 195 },
};

describe.each(Object.entries(SIZES))("%s, a call", (size, viewport) => {
  it("fits from the ring to the end, above the timeline too", async () => {
    const caller = `A caller whose name is not short (${size})`;
    const [ann, bob] = await Promise.all([world.person(caller), world.person(`Bob-${size}`, { viewport })]);
    await bob.calls(caller);
    await fits(bob, `calling-${size}`);
    await bob.presses("Cancel");
    await bob.reads("Call cancelled");
    await bob.closes();
    await ann.closes();

    await bob.presses("Timeline");
    await ann.calls(`Bob-${size}`);
    await bob.hearsRing(caller);
    await fits(bob, `ringing-${size}`);
    await bob.presses("Accept");
    await bob.seesMovingPictures();
    await fits(bob, `talking-${size}`);
    await ann.presses("Turn camera off");
    await bob.reads(`${caller} has the camera off`);
    await fits(bob, `talking-unseen-${size}`);
    await bob.restsPointer();
    await ann.presses("Hang up");
    await bob.reads("Call ended");
    await fits(bob, `ended-${size}`);
  });
});

it("a call that comes closes an open menu", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob", { viewport: PHONE })]);
  await bob.presses("Bob: settings and sign-out");
  await bob.sees(bob.page.getByText("Appearance"));
  await ann.calls("Bob");
  await bob.hearsRing("Ann");
  await bob.page.getByText("Appearance").waitFor({ state: "hidden" });
  await bob.isOn("Accept");
  await fits(bob, "ringing-menu");
});

it("a ring stands still for those who want little motion", async () => {
  const [ann, bob] = await Promise.all([
    world.person("Ann-still"),
    world.person("Bob-still", { reducedMotion: "no-preference" }),
  ]);
  await ann.calls("Bob-still");
  await bob.hearsRing("Ann-still");
  const moving = () =>
    bob.page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length);
  expect(await moving()).toBeGreaterThan(0);
  await bob.page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(moving, { timeout: PATIENCE_MS }).toBe(0);
});

async function fits(person: Person, title: string): Promise<void> {
  await person.page.screenshot({ path: `${OUTPUT}${title}.png` });
  await expect.poll(() => misplaced(person.page), { timeout: PATIENCE_MS }).toEqual([]);
}
