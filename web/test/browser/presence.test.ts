import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Person } from "./person.js";
import { PATIENCE_MS } from "./person.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  // Whoever goes is gone at once, and is noticed when the server looks, every 10 s.
  world = await World.start({ env: { WIGWAG_SESSIONS_OFFLINE_GRACE_S: "0" } });
});

afterEach(() => world.clear());

afterAll(() => world.end());

function shown(by: Person, name: string) {
  return by.page.getByRole("button", { name: new RegExp(`^${name} .*online`) });
}

it("the list of people shows who is online, of those who have written to one", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
  await ann.page.getByLabel("Call or write to…").fill("Bob");
  await ann.presses("Open");
  await ann.says("Are you there?");
  await bob.sees(shown(bob, "Ann"));
  expect(await shown(ann, "Bob").count(), "he has not written to her").toBe(0);
  await bob.visits("#/call/Ann");
  await bob.says("Yes.");
  await ann.sees(shown(ann, "Bob"));
  await ann.photographs("online-desktop");
  await bob.leaves();
  await shown(ann, "Bob").waitFor({ state: "detached", timeout: PATIENCE_MS });
  await world.person("Bob");
  await ann.sees(shown(ann, "Bob"));
});
