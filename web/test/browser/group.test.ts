import { afterAll, afterEach, beforeAll, it } from "vitest";
import type { Person } from "./person.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("a third is called into a call, all hear each other, and it goes on when one leaves", async () => {
  const [ann, bob, cem] = await Promise.all([world.person("Ann"), world.person("Bob"), world.person("Cem")]);
  await ann.calls("Bob", "audio");
  await bob.hearsRing("Ann");
  await bob.presses("Accept");
  await Promise.all([hears(ann, 1), hears(bob, 1)]);

  await ann.presses("Add a person");
  await ann.page.getByRole("dialog", { name: "Add a person to the call" }).getByLabel("Call or write to…").fill("Cem");
  await ann.page.keyboard.press("Enter");
  await cem.hearsRing("Ann");
  await Promise.all([ann.reads("Ringing Cem…"), bob.reads("Ringing Cem…")]);
  await cem.presses("Accept");
  await Promise.all([hears(ann, 2), hears(bob, 2), hears(cem, 2)]);
  await cem.sees(cem.page.getByRole("dialog", { name: "Voice call to Ann, Bob" }));
  await ann.photographs("group-desktop");

  await bob.presses("Hang up");
  await bob.reads("Call ended");
  await Promise.all([hears(ann, 1), hears(cem, 1)]);
  await cem.presses("Hang up");
  await ann.reads("Call ended");
});

it("who declines is not in the call, and it goes on", async () => {
  const [ann, bob, cem] = await Promise.all([world.person("Ann-2"), world.person("Bob-2"), world.person("Cem-2")]);
  await ann.turnsTo("Cem-2");
  await ann.says("Have a minute?");
  await ann.calls("Bob-2", "audio");
  await bob.hearsRing("Ann-2");
  await bob.presses("Accept");
  await hears(ann, 1);
  await ann.presses("Add a person");
  await ann.page
    .getByRole("dialog", { name: "Add a person to the call" })
    .getByRole("button", { name: /^Cem-2/ })
    .click();
  await cem.hearsRing("Ann-2");
  await ann.reads("Ringing Cem-2…");
  await cem.presses("Decline");
  await ann.page.getByText("Ringing Cem-2…").waitFor({ state: "detached" });
  await ann.sees(ann.page.getByRole("dialog", { name: "Voice call to Bob-2" }));
  await bob.presses("Hang up");
  await ann.reads("Call ended");
});

/** Waits until the sound of exactly so many others arrives. */
async function hears(person: Person, others: number): Promise<void> {
  await person.page.waitForFunction((count) => {
    const streams = [...document.querySelectorAll<HTMLVideoElement>(".stage video:not(.mine-picture)")].map(
      ({ srcObject }) => srcObject as MediaStream | null,
    );
    const heard = (stream: MediaStream | null) =>
      stream?.getAudioTracks().some(({ muted, readyState }) => !muted && readyState === "live") === true;
    return streams.length === count && streams.every(heard);
  }, others);
}
