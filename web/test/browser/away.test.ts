import { afterEach, beforeEach, it } from "vitest";
import { World } from "./world.js";

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(async () => {
  await world.clear();
  await world.end();
});

it("what is written while the network is away is sent when it is back, once, also from a page that was loaded again", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
  await ann.turnsTo("Bob");
  await ann.says("Are you there?");
  await ann.losesNetwork();
  await ann.reads("You are offline.");
  await ann.says("First this.");
  await ann.reads("Waits for the connection, then it is sent");
  await ann.says("Then that.");
  await ann.photographs("waiting-desktop");
  await ann.findsNetwork();
  await bob.turnsTo("Ann");
  await bob.readsLine("Then that.");
  await ann.page.getByText("Waits for the connection").first().waitFor({ state: "detached" });
  await ann.page.reload();
  await ann.readsLine("Then that.");
  const lines = await ann.page.locator(".bubble").allTextContents();
  if (lines.join("|") !== "Are you there?|First this.|Then that.") {
    throw new Error(`the conversation is ${lines.join("|")}`);
  }
});

it("a server with --dev that is reached by another name says so at once, and takes a token", async () => {
  const ann = await world.stranger("ann");
  await ann.page.goto(ann.line.url.replace("127.0.0.1", "wigwag.localhost"));
  await ann.reads(/This page was opened as wigwag\.localhost:\d+/);
  await ann.photographs("elsewhere-desktop");
  await ann.page.getByLabel("User ID").fill("ann");
  await ann.page.getByLabel("Token (UserSig or JWT)").fill(world.server.token("ann"));
  await ann.presses("Come in");
  await ann.isOnline();
});
