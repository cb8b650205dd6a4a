import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, it, vi } from "vitest";
import { Site } from "./tencent/site.js";
import { World } from "./world.js";

/** The page that docs/tutorial.md builds. */
const EXAMPLE = fileURLToPath(new URL("../../../sdk/typescript/examples/call/", import.meta.url));

/** How long a step may take, ms. Media and three pages on two busy cores took more than the 20 s of other stories. */
const PATIENCE_MS = 90_000;
vi.setConfig({ testTimeout: 5 * PATIENCE_MS, hookTimeout: 5 * PATIENCE_MS });

let world: World;
let site: Site;

beforeAll(async () => {
  [world, site] = await Promise.all([World.start(), Site.start(EXAMPLE)]);
});

afterEach(() => world.clear());

afterAll(async () => {
  site?.end();
  await world?.end();
});

/** Opens the page for a user, and waits until they are signed in. */
async function opens(userID: string): Promise<Page> {
  const asked = new URLSearchParams({ server: world.server.url, token: world.server.token(userID) });
  const page = await world.visits(`${site.url}?${asked}`, userID, PATIENCE_MS);
  await reads(page, `You are ${userID}.`);
  return page;
}

async function reads(page: Page, words: string): Promise<void> {
  await page.getByRole("status").getByText(words, { exact: true }).waitFor();
}

async function calls(page: Page, userID: string): Promise<void> {
  await page.getByLabel("Whom").fill(userID);
  await presses(page, "Call");
}

async function presses(page: Page, button: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).click();
}

/** Waits until the other side's picture is there and has changed. */
async function seesPictures(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>("#theirs")?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 1,
  );
}

it("two people call each other, see each other and hang up", async () => {
  const [alice, bob] = await Promise.all([opens("alice"), opens("bob")]);
  await calls(alice, "bob");
  await reads(alice, "Calling bob …");
  await reads(bob, "alice calls.");
  await presses(bob, "Accept");
  await Promise.all([reads(alice, "In a call with bob."), reads(bob, "In a call with alice.")]);
  await Promise.all([seesPictures(alice), seesPictures(bob)]);
  await presses(bob, "Hang up");
  await Promise.all([reads(alice, "bob hung up."), reads(bob, "You hung up.")]);
});

it("a call is declined, taken back, or goes to somebody who is in another", async () => {
  const [carol, dave, erin] = await Promise.all([opens("carol"), opens("dave"), opens("erin")]);
  await calls(carol, "dave");
  await reads(dave, "carol calls.");
  await presses(dave, "Hang up");
  await reads(carol, "dave declined.");

  await calls(carol, "dave");
  await reads(dave, "carol calls.");
  await presses(carol, "Hang up");
  await reads(dave, "You missed carol.");

  await calls(carol, "dave");
  await reads(dave, "carol calls.");
  await presses(dave, "Accept");
  await reads(carol, "In a call with dave.");
  await calls(erin, "dave");
  await reads(erin, "dave is in another call.");
});

it("a name that nobody has is told in words", async () => {
  const frank = await opens("frank");
  await calls(frank, "nobody");
  await reads(frank, "invitee is not a user of this server");
});
