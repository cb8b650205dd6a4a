import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { PATIENCE_MS } from "./person.js";
import { PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("somebody is found whatever the case of their name, and nobody is said before a conversation opens", async () => {
  const [ann] = await Promise.all([world.person("Ann Lee"), world.person("Bob")]);
  const { page } = ann;
  await page.getByLabel("Call or write to…").fill("bOB");
  await ann.presses("Open");
  await ann.sees(page.getByRole("heading", { name: "Bob", exact: true }));
  await ann.says("Found you.");

  await page.getByLabel("Call or write to…").fill("Nobody");
  await ann.presses("Open");
  await ann.reads("Nobody of this name has signed in on this server yet.");
  await ann.sees(page.getByRole("heading", { name: "Bob", exact: true }));
  await page.getByLabel("Call or write to…").fill("ANN LEE");
  await ann.presses("Open");
  await ann.reads("That is you.");

  await ann.visits("#/call/Nobody");
  await ann.reads("There is no Nobody here");
  await ann.photographs("nobody-desktop");
  await ann.visits("#/call/BOB");
  await ann.readsLine("Found you.");
});

it("a link calls somebody, after the sign-in and one press", async () => {
  const bob = await world.person("Bob-2");
  await bob.presses("Bob-2: settings and sign-out");
  const address = new URL(await bob.page.getByLabel("A link that calls you").inputValue());
  await bob.presses("Copy link");
  expect(await bob.page.evaluate(() => navigator.clipboard.readText())).toBe(address.href);

  const cem = await world.stranger("Cem-2", { viewport: PHONE });
  await cem.visits(address.hash);
  await cem.signsIn();
  await cem.reads("Call Bob-2 now?");
  await cem.isOn(" Call by video");
  await cem.photographs("call-now-phone");
  await cem.presses("Call by video");
  await bob.hearsRing("Cem-2");
  await bob.presses("Decline");
  await cem.reads("Bob-2 declined");
});

it("all conversations are reached, and searched", async () => {
  const ann = await world.person("Ann-3");
  await world.crowd().write("Ann-3", NAMES);
  await ann.page.reload();
  await ann.isOnline();
  const people = ann.page.locator(".contacts li");
  await ann.presses("Show earlier");
  await expect.poll(() => people.count(), { timeout: PATIENCE_MS }).toBe(NAMES.length);
  await ann.page.reload();
  await ann.page.getByLabel("Call or write to…").fill("PERSON-00");
  await expect.poll(() => people.count(), { timeout: PATIENCE_MS }).toBe(10);
});

/** More than one list has. */
const NAMES = Array.from({ length: 104 }, (_, place) => `person-${String(place).padStart(3, "0")}`);
