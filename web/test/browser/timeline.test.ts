import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Person } from "./person.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("shows an invitation's frames as they go, and each as it was on the wire", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
  const timeline = ann.page.getByRole("complementary", { name: "Timeline" });
  await ann.presses("Timeline");
  await timeline.getByRole("button", { name: "Clear" }).click();
  await ann.calls("Bob", "audio");
  await bob.hearsRing("Ann");
  await bob.presses("Decline");
  await ann.reads("Bob declined");

  const names = await timeline.locator("ol.arrows .arrow-name").allTextContents();
  expect(withoutProgress(names)).toEqual(["signaling.invite", "signaling.invite", "invitation.rejected"]);
  expect((await timeline.locator("ol.arrows .arrow-actor").allTextContents()).at(-1)).toBe("Bob");
  await timeline.getByRole("button", { name: /invitation\.rejected/ }).click();
  const frame = JSON.parse(await timeline.locator(".arrow-json").innerText());
  expect(frame).toMatchObject({ method: "event", params: { type: "invitation.rejected", inviter: "Ann", invitee: "Bob" } });

  await timeline.getByRole("button", { name: "Copy", exact: true }).click();
  await ann.sees(timeline.getByText("Copied, without tokens and passwords."));
  expect(JSON.parse(await ann.page.evaluate(() => navigator.clipboard.readText()))).toEqual(frame);
  const frames = JSON.parse(await saved(ann, "Save frames", /^wigwag-[\dT-]+\.json$/)) as { frames: { name: string }[] };
  expect(frames.frames.map(({ name }) => name)).toEqual(names);
  const diagram = await saved(ann, "Save diagram", /^wigwag-[\dT-]+\.mmd$/);
  expect(diagram).toMatch(/^sequenceDiagram\n {2}participant p0 as This page\n/);
  expect(diagram).toMatch(/ {2}p2-->>p0: [\d:.]+ invitation\.rejected \S+ Bob\n$/);
});

it("shows when the connection is lost and comes back", async () => {
  const ann = await world.person("Ann-2");
  await ann.presses("Timeline");
  const changes = ann.page.locator(".arrow-connection .arrow-name");
  await ann.losesNetwork();
  await ann.sees(changes.getByText("reconnecting").first());
  await ann.findsNetwork();
  await ann.isOnline();
  expect((await changes.allTextContents()).at(-1)).toBe("open");
});

/** How far an invitation is with a device is told in steps, of which some may be left out. */
function withoutProgress(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== "invitation.progress");
}

/** Presses a button of the timeline; the text of the file that it gives. */
async function saved(person: Person, button: string, name: RegExp): Promise<string> {
  const download = person.page.waitForEvent("download");
  await person.presses(button);
  const file = await download;
  expect(file.suggestedFilename()).toMatch(name);
  return readFileSync(await file.path(), "utf8");
}
