import { afterAll, afterEach, beforeAll, it } from "vitest";
import type { Person } from "./person.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("a missed call and a text are unread once, in the list and in the title, before and after a reload", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
  await missesCallOf(ann, bob);
  await counts(bob, 1, "Missed call");
  await bob.page.reload();
  await counts(bob, 1, "Missed call");

  await ann.presses("Voice call to Bob");
  await bob.hearsRing("Ann");
  await bob.presses("Decline");
  await counts(bob, 1, "You declined");
  await ann.reads("Bob declined");
  await ann.closes();

  await bob.turnsTo("Ann");
  await countsNothing(bob);
  await bob.visits("#/class");
  await ann.says("Are you in class?");
  await bob.page.waitForFunction(() => document.title.startsWith("(1) Wigwag"));
  await bob.page.reload();
  await bob.page.waitForFunction(() => document.title.startsWith("(1) Wigwag"));
  await bob.visits("#/call/Ann");
  await bob.readsLine("Are you in class?");
  await countsNothing(bob);
});

it("recent calls tell who called, and call back", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2")]);
  await missesCallOf(ann, bob);
  await bob.page.getByRole("button", { name: "Recent calls 1 missed" }).click();
  await bob.reads("Missed call");
  await bob.sees(bob.page.getByRole("button", { name: "Recent calls", exact: true }));
  await bob.photographs("recent-calls-desktop");
  await bob.presses("Call Ann-2 back by voice");
  await ann.hearsRing("Bob-2");
  await ann.presses("Accept");
  await bob.sees(bob.page.getByRole("button", { name: "Hang up" }));
  await bob.presses("Hang up");
  await bob.reads("Call ended");
  await bob.closes();
  await bob.reads(/^Outgoing · Duration 00:\d\d$/);
});

async function missesCallOf(ann: Person, bob: Person): Promise<void> {
  await ann.calls(bob.name, "audio");
  await bob.hearsRing(ann.name);
  await ann.presses("Cancel");
  await bob.reads("You missed a call");
  await bob.closes();
  await ann.closes();
}

/** Waits until the list has one person, with so many unread and these words. */
async function counts(person: Person, unread: number, last: string): Promise<void> {
  const name = new RegExp(`${last}.*${unread} unread`);
  await person.sees(person.page.getByRole("button", { name }));
  await person.page.waitForFunction((count) => document.title.startsWith(`(${count}) Wigwag`), unread);
}

async function countsNothing(person: Person): Promise<void> {
  await person.page.waitForFunction(() => document.title.startsWith("Wigwag"));
  await person.page.locator(".contact .count").waitFor({ state: "detached" });
}
