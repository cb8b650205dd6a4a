import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { misplaced } from "./fits.js";
import { PATIENCE_MS, type Person } from "./person.js";
import { PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

describe("without a microphone and a camera", () => {
  it("a caller is told why, the other one that there are none, and trying again brings both into the call", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
    await lacks(ann, { audio: "NotAllowedError", video: "NotReadableError" });
    await ann.calls("Bob");
    await ann.reads("Your microphone is blocked.");
    await ann.reads("Your camera does not start.");
    await bob.hearsRing("Ann");
    await bob.presses("Accept");
    await bob.reads("Ann has no microphone: you will not hear them · Ann has no camera");
    await ann.reads("Your microphone is blocked.");
    await ann.photographs("call-no-devices-desktop");

    await lacks(ann, {});
    await ann.presses("Try again");
    await bob.seesMovingPictures();
    await bob.page.getByText("Ann has no microphone").waitFor({ state: "detached" });
    await hears(bob);
    await ann.page.getByText("Your microphone is blocked.").waitFor({ state: "detached" });
  });

  it("whoever is called on a page from http is told so before the call, and the ring fits a phone", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2", { viewport: PHONE })]);
    await bob.page.evaluate(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
    await ann.calls("Bob-2");
    await bob.hearsRing("Ann-2");
    await bob.reads(/no microphone to this page, because its address begins with http/);
    await fits(bob);
    await bob.presses("Accept");
    await ann.reads("Bob-2 has no microphone: you will not hear them · Bob-2 has no camera");
    await bob.seesMovingPictures();
    await bob.reads("Open it with https.");
    await fits(bob);
    await bob.presses("Hang up");
    await ann.reads("Call ended");
  });

  it("whoever answers is heard and seen after trying again", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-3"), world.person("Bob-3")]);
    await lacks(bob, { audio: "NotFoundError", video: "NotFoundError" });
    await ann.calls("Bob-3");
    await bob.hearsRing("Ann-3");
    await bob.presses("Accept");
    await ann.reads("Bob-3 has no microphone");
    await bob.reads("No microphone was found.");
    await lacks(bob, {});
    await bob.presses("Try again");
    await ann.seesMovingPictures();
    await hears(ann);
  });
});

it("a camera works without a microphone, and a microphone that is unplugged is said to be gone", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-4", { viewport: SIDEWAYS }), world.person("Bob-4")]);
  await lacks(ann, { audio: "NotFoundError" });
  await ann.calls("Bob-4");
  await bob.hearsRing("Ann-4");
  await bob.presses("Accept");
  await bob.seesMovingPictures();
  await bob.reads("Ann-4 has no microphone");
  await ann.seesMovingPictures();
  await fits(ann);
  await bob.page.evaluate(() => {
    const own = document.querySelector<HTMLVideoElement>("video.mine-picture")?.srcObject as MediaStream;
    own.getAudioTracks()[0]?.dispatchEvent(new Event("ended"));
  });
  await bob.reads("No microphone was found.");
  await ann.reads("Bob-4 has no microphone");
});

it("a blocked camera is said before the call, and one that is not there is not", async () => {
  const [ann, bob, cyn] = await Promise.all([world.person("Ann-8"), world.person("Bob-8"), world.person("Cyn-8")]);
  await ann.page.addInitScript(() => {
    const query = navigator.permissions.query.bind(navigator.permissions);
    navigator.permissions.query = async (wanted) =>
      (wanted.name as string) === "camera" ? ({ state: "denied" } as PermissionStatus) : query(wanted);
  });
  await bob.page.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = async () => [];
  });
  await Promise.all([ann, bob].map((one) => one.page.reload()));
  await ann.turnsTo("Bob-8");
  await ann.reads("Your camera is blocked.");
  expect(await ann.page.getByText("Your microphone is blocked.").count()).toBe(0);
  await bob.turnsTo("Cyn-8");
  await bob.reads("No microphone was found.");
  expect(await bob.page.getByText("No camera was found.").count()).toBe(0);
  await cyn.isOnline();
});

it("the microphone is chosen before the first call, with a preview, and changed during it", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann-5"), world.person("Bob-5")]);
  await ann.turnsTo("Bob-5");
  await ann.reads("Your first call here?");
  await ann.presses("Camera and microphone");
  await ann.page.waitForFunction(() => (document.querySelector<HTMLVideoElement>(".devices video")?.videoWidth ?? 0) > 0);
  await ann.page.waitForFunction(() => (document.querySelector<HTMLMeterElement>(".devices meter")?.value ?? 0) > 0);
  await ann.photographs("devices-desktop");
  await ann.page.getByLabel("Microphone", { exact: true }).selectOption("Fake Audio Input 2");
  await ann.presses("Done");
  await ann.isOn("Camera and microphone");
  await ann.page.reload();
  await ann.isOnline();
  await ann.calls("Bob-5");
  await bob.hearsRing("Ann-5");
  await bob.presses("Accept");
  await bob.seesMovingPictures();
  await speaksInto(ann, "Fake Audio Input 2");

  await ann.presses("Camera and microphone");
  await ann.page.getByLabel("Microphone", { exact: true }).selectOption("Fake Audio Input 1");
  await speaksInto(ann, "Fake Audio Input 1");
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("heading", { name: "Camera and microphone" }).waitFor({ state: "detached" });
  await ann.sees(ann.page.getByRole("dialog", { name: "Video call to Bob-5" }));
  await hears(bob);
  await ann.presses("Hang up");
  await bob.reads("Call ended");
});

/** Waits until the microphone of this name is in the call. */
async function speaksInto(person: Person, label: string): Promise<void> {
  await person.page.waitForFunction((name) => {
    const own = document.querySelector<HTMLVideoElement>("video.mine-picture")?.srcObject as MediaStream | null | undefined;
    return own?.getAudioTracks()[0]?.label === name;
  }, label);
}

const SIDEWAYS = { width: 844, height: 390 };

async function fits(person: Person): Promise<void> {
  await expect.poll(() => misplaced(person.page), { timeout: PATIENCE_MS }).toEqual([]);
}

/** From now on the browser refuses these devices with an error of this name. */
function lacks(person: Person, devices: { audio?: string; video?: string }): Promise<void> {
  return person.page.evaluate((names) => {
    const lacking = window as { lacking?: typeof names };
    if (lacking.lacking === undefined) {
      const { getUserMedia } = MediaDevices.prototype;
      MediaDevices.prototype.getUserMedia = function (wanted) {
        const { audio, video } = lacking.lacking ?? {};
        const name = (wanted?.audio && audio) || (wanted?.video && video);
        return name ? Promise.reject(new DOMException("refused by the story", name)) : getUserMedia.call(this, wanted);
      };
    }
    lacking.lacking = names;
  }, devices);
}

/** Waits until sound of the other side arrives. */
async function hears(person: Person): Promise<void> {
  await person.page.waitForFunction(() => {
    const stream = document.querySelector<HTMLVideoElement>("video.theirs")?.srcObject as MediaStream | null | undefined;
    return stream?.getAudioTracks().some(({ muted, readyState }) => !muted && readyState === "live") === true;
  });
}
