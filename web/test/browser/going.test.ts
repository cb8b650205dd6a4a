import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { givesDrawingAsScreen } from "./drawing.js";
import type { Person } from "./person.js";
import { PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

describe("a call goes on", () => {
  it("when one of both loads the page again, and its clock with it", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
    await talks(ann, bob, "video");
    await bob.page.reload();
    await Promise.all([bob.seesMovingPictures(), ann.sees(ann.page.getByRole("button", { name: "Hang up" }))]);
    await ann.page.reload();
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
    await ann.presses("Hang up");
    await bob.reads("Call ended");
  });

  it("on another device of the same user, and back", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2")]);
    await talks(ann, bob, "video");
    const first = bob.page;
    const second = await bob.opensTab();
    await bob.signsIn();
    await bob.reads("You are in a call with Ann-2 on another device.");
    await bob.photographs("call-elsewhere-desktop");
    await bob.presses("Continue here");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
    bob.page = first;
    await bob.reads("Answered on another device");
    await bob.presses("Continue here");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
    bob.page = second;
    await bob.reads("You are in a call with Ann-2 on another device.");
    await ann.presses("Hang up");
    await bob.page.getByText("You are in a call with Ann-2 on another device.").waitFor({ state: "detached" });
  });
});

describe("a picture comes", () => {
  it("later, when a video call was answered by voice", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-3"), world.person("Bob-3", { viewport: PHONE })]);
    await ann.calls("Bob-3");
    await bob.hearsRing("Ann-3");
    await bob.presses("Voice only");
    await bob.seesMovingPictures();
    await ann.reads("Bob-3 has the camera off");
    await bob.presses("Turn camera on");
    await ann.seesMovingPictures();
  });

  it("into a voice call, from either side", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-4"), world.person("Bob-4")]);
    await talks(ann, bob, "audio");
    await bob.presses("Turn camera on");
    await ann.seesMovingPictures();
    await ann.presses("Turn camera on");
    await bob.seesMovingPictures();
    await bob.presses("Turn camera off");
    await ann.page.locator("video.theirs").waitFor({ state: "detached" });
    await bob.seesMovingPictures();
  });

  it("of a screen, and goes with it", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-5"), world.person("Bob-5")]);
    await givesDrawingAsScreen(ann.page);
    await talks(ann, bob, "audio");
    await ann.presses("Share your screen");
    await bob.reads("Ann-5 shows the screen");
    await bob.seesMovingPictures();
    await bob.photographs("call-screen-desktop");
    await ann.presses("Stop sharing your screen");
    await bob.page.locator("video.theirs").waitFor({ state: "detached" });
    await ann.presses("Hang up");
    await bob.reads("Call ended");
  });
});

it("the picture of the other side floats above other windows", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-6"), world.person("Bob-6")]);
  await talks(ann, bob, "video");
  await ann.seesMovingPictures();
  await ann.presses("Picture above other windows");
  await ann.page.waitForFunction(() => document.pictureInPictureElement?.classList.contains("theirs") === true);
  await ann.presses("Picture above other windows");
  await ann.page.waitForFunction(() => document.pictureInPictureElement === null);
});

/** One calls the other, who accepts. */
async function talks(caller: Person, callee: Person, media: "video" | "audio"): Promise<void> {
  await caller.calls(callee.name, media);
  await callee.hearsRing(caller.name);
  await callee.presses("Accept");
  if (media === "video") {
    await Promise.all([caller.seesMovingPictures(), callee.seesMovingPictures()]);
  }
}
