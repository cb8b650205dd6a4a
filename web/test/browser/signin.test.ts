import { afterEach, describe, it } from "vitest";
import { World } from "./world.js";

let world: World;

afterEach(async () => {
  await world.clear();
  await world.end();
});

describe("signing in", () => {
  it("takes a name, says what is wrong with it, and is remembered by the tab", async () => {
    world = await World.start();
    const ann = await world.stranger("Ann");
    await ann.presses("Come in");
    await ann.reads("Please enter a name.");
    await ann.page.getByLabel("Your name").fill("a name of the most exceeding length, longer than any that is known");
    await ann.presses("Come in");
    await ann.reads("This name is too long.");
    await ann.signsIn();
    await ann.page.reload();
    await ann.isOnline();
    await ann.presses("Ann: settings and sign-out");
    await ann.presses("Sign out");
    await ann.sees(ann.page.getByRole("heading", { name: "Who are you?" }));
    await ann.page.reload();
    await ann.sees(ann.page.getByRole("heading", { name: "Who are you?" }));
  });

  it("suggests the name that came last, and a second tab's user types over it", async () => {
    world = await World.start();
    const ann = await world.person("Ann");
    await ann.opensTab();
    await ann.page.waitForFunction(() => (document.activeElement as HTMLInputElement | null)?.value === "Ann");
    await ann.page.keyboard.type("Bob");
    await ann.page.keyboard.press("Enter");
    await ann.isOnline();
    await ann.sees(ann.page.getByRole("button", { name: "Bob: settings and sign-out" }));
  });

  it("takes a token where a name is not enough, and no wrong one", async () => {
    world = await World.start({ dev: false });
    const ann = await world.stranger("ann");
    await ann.page.getByLabel("User ID").fill("ann");
    await ann.page.getByLabel("Token (UserSig or JWT)").fill(world.server.token("bob"));
    await ann.presses("Come in");
    await ann.reads("The server refused the sign-in.");
    await ann.page.getByLabel("Token (UserSig or JWT)").fill(world.server.token("ann"));
    await ann.presses("Come in");
    await ann.isOnline();
    await ann.page.reload();
    await ann.isOnline();
  });

  it("speaks the language that is chosen, at once and from then on", async () => {
    world = await World.start();
    const ann = await world.stranger("Ann");
    await ann.page.getByText("中文").click();
    await ann.sees(ann.page.getByRole("heading", { name: "请问您是？" }));
    await ann.page.reload();
    await ann.sees(ann.page.getByRole("heading", { name: "请问您是？" }));
    await ann.page.waitForFunction(() => document.documentElement.lang === "zh-CN");
  });
});
