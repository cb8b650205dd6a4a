import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Person } from "./person.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

/** Whether the page has played a sound. */
function hasHeardTones({ page }: Person): Promise<boolean> {
  return page.evaluate(() => (window as { tones?: number }).tones !== undefined);
}

async function chooses(who: Person, choice: string, words: RegExp): Promise<void> {
  await who.page.getByRole("button", { name: who.say("me.menu", { name: who.name }) }).click();
  await who.page.getByText(choice, { exact: true }).click();
  await who.sees(who.page.getByText(words));
  await who.page.keyboard.press("Escape");
}

it("a user who is quiet for an hour is shown a call without a sound, and a second one rings", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
  await chooses(bob, "1 hour", /^Calls make no sound until \d\d:\d\d/);
  await ann.calls("Bob");
  await bob.hearsRing("Ann");
  await bob.sees(bob.page.getByText("Without a sound"));
  await bob.photographs("quiet-desktop");
  await ann.reads("Ringing…");
  await ann.presses("Cancel");
  await bob.reads("You missed a call");
  expect(await hasHeardTones(bob)).toBe(false);
  await Promise.all([ann.closes(), bob.closes()]);
  await ann.presses("Video call to Bob");
  await bob.hearsRing("Ann");
  await bob.hearsTones();
  await bob.presses("Accept");
  await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
});

it("a call that is silenced goes on without a sound on every page, and can be answered on one", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2")]);
  const first = bob.page;
  await bob.opensTab();
  await bob.signsIn();
  await ann.calls("Bob-2", "audio");
  await bob.hearsRing("Ann-2");
  await bob.presses("Silence");
  await bob.sees(bob.page.getByText("Without a sound"));
  bob.page = first;
  await bob.sees(bob.page.getByText("Without a sound"));
  await ann.reads("Ringing…");
  await bob.presses("Accept");
  await ann.sees(ann.page.getByRole("button", { name: "Hang up" }));
  await ann.presses("Hang up");
});
