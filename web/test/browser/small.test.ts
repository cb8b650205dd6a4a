import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { misplaced } from "./fits.js";
import { PATIENCE_MS, type Person } from "./person.js";
import { PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("a call made small leaves room to write and to look around, and its end disturbs nobody", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob", { viewport: PHONE })]);
  await ann.calls("Bob");
  await bob.hearsRing("Ann");
  await bob.presses("Accept");
  await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
  await ann.presses("Make the call small");
  await ann.isOn("Make the call large");
  await ann.says("The plan is on page three.");
  await ann.photographs("call-small-desktop");

  await bob.isOn("Hang up");
  await bob.page.keyboard.press("Escape");
  await bob.isOn("Make the call large");
  await bob.page.getByRole("button", { name: /^Ann .*1 unread/ }).click();
  await bob.readsLine("The plan is on page three.");
  await bob.says("I see it.");
  await Promise.all([bob.seesMovingPictures(), fits(bob)]);
  await bob.photographs("call-small-phone");
  await bob.page.setViewportSize({ width: 844, height: 390 });
  await fits(bob);

  await ann.readsLine("I see it.");
  await ann.presses("Make the call large");
  await ann.visits("#/class");
  await ann.sees(ann.page.getByRole("button", { name: "Start a class" }));
  await ann.sees(ann.page.getByRole("button", { name: "Make the call large" }));

  await bob.page.locator(".composer input").focus();
  await ann.presses("Hang up");
  await bob.reads("Call ended");
  await bob.page.keyboard.type("Until Monday!");
  await bob.page.keyboard.press("Enter");
  await bob.readsLine("Until Monday!");
});

it("whoever leaves the page during a call is asked first", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2")]);
  await ann.calls("Bob-2", "audio");
  await bob.hearsRing("Ann-2");
  await bob.presses("Accept");
  await ann.sees(ann.page.getByRole("button", { name: "Hang up" }));
  const asked = ann.page.waitForEvent("dialog");
  await ann.page.evaluate(() => setTimeout(() => location.reload()));
  const question = await asked;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await ann.presses("Hang up");
  await bob.reads("Call ended");
  await ann.closes();
  await ann.isOn("Voice call to Bob-2");
  await ann.page.reload();
  await ann.isOnline();
});

async function fits(person: Person): Promise<void> {
  await expect.poll(() => misplaced(person.page), { timeout: PATIENCE_MS }).toEqual([]);
}
