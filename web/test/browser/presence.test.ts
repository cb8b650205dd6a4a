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

it("whoever closes their page loses the microphone, and is in no list of the room", async () => {
  const [host, ann, bob] = await Promise.all([world.person("Hana"), world.person("Ann-2"), world.person("Bob-2")]);
  await host.creates("live", "Night");
  await Promise.all([ann.joins("live", "Night"), bob.joins("live", "Night")]);
  await ann.presses("Take the microphone");
  await host.presses("Admit: Ann-2");
  await bob.readsSeats(["Ann-2"]);
  await host.readsList("Audience", ["Bob-2"]);
  await ann.leaves();
  await Promise.all([host.readsSeats([]), bob.readsSeats([])]);
  await host.readsList("Audience", ["Bob-2"]);
  await bob.leaves();
  await host.readsList("Audience", []);
  const back = await world.person("Bob-2");
  await back.joins("live", "Night");
  await host.readsList("Audience", ["Bob-2"]);
  await back.readsSeats([]);
});

it("a pupil who closes their page has neither a hand up nor the floor", async () => {
  const [teacher, ann, bob] = await Promise.all([world.person("Ms-Lin"), world.person("Ann-3"), world.person("Bob-3")]);
  await teacher.creates("class", "Drama");
  await Promise.all([ann.joins("class", "Drama"), bob.joins("class", "Drama")]);
  await teacher.reads("3 people");
  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-3"]);
  await bob.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-3", "Bob-3"]);
  await teacher.presses("Call up: Ann-3");
  await ann.presses("Speak");
  await bob.reads("Ann-3 has the floor");
  await ann.leaves();
  await bob.page.getByText("Ann-3 has the floor").waitFor({ state: "detached" });
  await teacher.reads("2 people");
  await bob.leaves();
  await teacher.readsList("Raised hands", []);
});
