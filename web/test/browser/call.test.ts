import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hears, lendsEars } from "./ears.js";
import { PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

describe("a video call", () => {
  it("rings, is accepted, shows both their pictures, and leaves its duration in the conversation", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann"), world.person("Bob")]);
    await ann.calls("Bob");
    await bob.hearsRing("Ann");
    await bob.presses("Accept");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);

    await bob.presses("Turn camera off");
    await ann.reads("Bob has the camera off");
    await bob.presses("Turn microphone off");
    await ann.reads("Bob has the microphone off");
    await bob.presses("Turn camera on");
    await bob.presses("Turn microphone on");
    await ann.seesMovingPictures();

    await ann.presses("Hang up");
    for (const person of [ann, bob]) {
      await person.reads("Call ended");
      await person.closes();
    }
    await ann.readsLine(/^Duration 00:\d\d$/);
    await bob.turnsTo("Ann");
    await bob.readsLine(/^Duration 00:\d\d$/);
  });

  it("by voice alone is heard on both sides, also when a camera comes to it", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-v"), world.person("Bob-v")]);
    await Promise.all([lendsEars(ann), lendsEars(bob)]);
    await ann.calls("Bob-v", "audio");
    await bob.hearsRing("Ann-v");
    await bob.presses("Accept");
    await Promise.all([hears(ann, 1), hears(bob, 1)]);
    await bob.presses("Turn camera on");
    await ann.seesMovingPictures();
    await Promise.all([hears(ann, 1), hears(bob, 1)]);
    await ann.presses("Hang up");
  });

  it("is declined", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-2"), world.person("Bob-2")]);
    await ann.calls("Bob-2");
    await bob.hearsRing("Ann-2");
    await Promise.all([ann.hearsTones(), bob.hearsTones()]);
    await bob.presses("Decline");
    await ann.reads("Bob-2 declined");
    await ann.closes();
    await ann.readsLine("Declined");
    await bob.turnsTo("Ann-2");
    await bob.readsLine("You declined");
  });

  it("is taken back", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-3"), world.person("Bob-3")]);
    await ann.calls("Bob-3", "audio");
    await bob.hearsRing("Ann-3");
    await ann.presses("Cancel");
    await bob.reads("You missed a call");
    await bob.closes();
    await bob.turnsTo("Ann-3");
    await bob.readsLine("Missed call");
  });

  it("finds the other one busy, who goes on talking", async () => {
    const [ann, bob, cem] = await Promise.all([world.person("Ann-4"), world.person("Bob-4"), world.person("Cem-4")]);
    await ann.calls("Bob-4", "audio");
    await bob.hearsRing("Ann-4");
    await bob.presses("Accept");
    await bob.sees(bob.page.getByRole("button", { name: "Hang up" }));
    await cem.turnsTo("Bob-4");
    await cem.presses("Video call to Bob-4");
    await cem.reads("Bob-4 is in another call");
    await cem.closes();
    await cem.readsLine("Busy");
    await bob.sees(bob.page.getByRole("button", { name: "Hang up" }));
  });

  it("is one when both call at once", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-13"), world.person("Bob-13")]);
    await bob.turnsTo("Ann-13");
    bob.line.holds();
    await ann.calls("Bob-13");
    await bob.presses("Video call to Ann-13");
    await bob.reads("Calling…");
    bob.line.releases();
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
    await bob.presses("Hang up");
    await ann.reads("Call ended");
  });

  it("cannot reach somebody who is nowhere, and rings when they come", async () => {
    const url = `http://127.0.0.1:${world.server.port}/v1/users/Bob-14`;
    const headers = { authorization: `Bearer ${world.server.key("shop", "users")}`, "content-type": "application/json" };
    const made = async () => (await fetch(url, { method: "PUT", headers, body: '{"nickname": "Bob-14"}' })).ok;
    await expect.poll(made, { timeout: 20_000 }).toBe(true);
    const ann = await world.person("Ann-14");
    await ann.calls("Bob-14");
    await ann.reads("Bob-14 cannot be reached now");
    const bob = await world.person("Bob-14");
    await bob.hearsRing("Ann-14");
    await ann.reads("Ringing…");
    await ann.presses("Cancel");
  });

  it("is not answered", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-5"), world.person("Bob-5", { viewport: PHONE })]);
    ann.context.setDefaultTimeout(45_000);
    await ann.calls("Bob-5");
    await bob.hearsRing("Ann-5");
    await ann.reads("Bob-5 does not answer");
    await bob.reads("You missed a call");
    await bob.closes();
    await bob.turnsTo("Ann-5");
    await bob.readsLine("Missed call");
  });

  it("is made, accepted and ended by the keyboard alone", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-11"), world.person("Bob-11")]);
    await ann.tabsTo("Call or write to…");
    await ann.page.keyboard.type("Bob-11");
    await ann.page.keyboard.press("Enter");
    await ann.sees(ann.page.getByRole("heading", { name: "Bob-11" }));
    await ann.tabsTo("Voice call to Bob-11");
    await ann.page.keyboard.press("Enter");
    await bob.hearsRing("Ann-11");
    await bob.isOn("Accept");
    await bob.page.keyboard.press("Enter");
    await ann.isOn("Hang up");
    await bob.isOn("Hang up");
    await bob.page.keyboard.press("Enter");
    await ann.reads("Call ended");
  });

  it("is over when one of both leaves the page", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-12"), world.person("Bob-12")]);
    await ann.calls("Bob-12", "audio");
    await bob.hearsRing("Ann-12");
    await bob.presses("Accept");
    await ann.sees(ann.page.getByRole("button", { name: "Hang up" }));
    await bob.sees(bob.page.getByRole("button", { name: "Hang up" }));
    // The page may have been left to be loaded again, so the other one waits for a moment.
    ann.context.setDefaultTimeout(60_000);
    await bob.page.goto("about:blank");
    await ann.reads("Bob-12 has left the page. Waiting for them to come back…");
    await ann.reads("Call ended");
  });
});

describe("the card about a call's end", () => {
  it("goes by itself, and leaves its news to screen readers", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-14"), world.person("Bob-14")]);
    await ann.calls("Bob-14", "audio");
    await bob.hearsRing("Ann-14");
    await bob.presses("Decline");
    await ann.reads("Bob-14 declined");
    await ann.page.getByRole("alertdialog").waitFor({ state: "detached" });
    await ann.page.getByRole("status").getByText("Bob-14 declined").waitFor({ state: "attached" });
    await ann.isOn("Voice call to Bob-14");
    await ann.says("Later, then?");
  });

  it("stays while the pointer is on it, and goes with Escape", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-15"), world.person("Bob-15")]);
    await ann.calls("Bob-15", "audio");
    await bob.hearsRing("Ann-15");
    await ann.restsPointer();
    await bob.presses("Decline");
    await ann.isOn("Close");
    await setTimeout(LONGER_THAN_THE_CARD_MS);
    await ann.isOn("Close");
    await ann.page.keyboard.press("Escape");
    await ann.page.getByRole("alertdialog").waitFor({ state: "detached" });
  });
});

describe("while it rings", () => {
  it("the network may be away for five seconds", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-7"), world.person("Bob-7")]);
    await ann.calls("Bob-7");
    await bob.hearsRing("Ann-7");
    await bob.losesNetwork();
    await bob.reads("You are offline.");
    await setTimeout(OFFLINE_MS);
    await bob.findsNetwork();
    await bob.isOnline();
    await bob.presses("Accept");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
  });

  it("and what happens meanwhile is told when the network is back", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-8"), world.person("Bob-8")]);
    await ann.calls("Bob-8");
    await bob.hearsRing("Ann-8");
    await bob.losesNetwork();
    await bob.reads("You are offline.");
    await ann.presses("Cancel");
    await ann.reads("Call cancelled");
    await bob.findsNetwork();
    await bob.reads("You missed a call");
  });

  it("one may close the tab and open another, and the other one load the page again", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-9"), world.person("Bob-9")]);
    await ann.calls("Bob-9");
    await bob.hearsRing("Ann-9");
    await bob.page.close();
    await bob.opensTab();
    await bob.signsIn();
    await bob.hearsRing("Ann-9");
    await ann.page.reload();
    await ann.reads("Ringing…");
    await bob.presses("Accept");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
  });

  it("two tabs ring, and one stops when the other answers", async () => {
    const [ann, bob] = await Promise.all([world.person("Ann-10"), world.person("Bob-10")]);
    const first = bob.page;
    await bob.opensTab();
    await bob.signsIn();
    await ann.calls("Bob-10");
    await bob.hearsRing("Ann-10");
    const second = bob.page;
    bob.page = first;
    await bob.hearsRing("Ann-10");
    await bob.presses("Accept");
    await Promise.all([ann.seesMovingPictures(), bob.seesMovingPictures()]);
    bob.page = second;
    await bob.reads("Answered on another device");
    expect(await second.locator("video").count()).toBe(0);
  });
});

/** As long as a ride in a lift, or a change from one network to another. */
const OFFLINE_MS = 5_000;

/** The card stays for six seconds when nobody attends to it. */
const LONGER_THAN_THE_CARD_MS = 8_000;
