import { afterAll, afterEach, beforeAll, it } from "vitest";
import { World } from "../world.js";
import { Kit } from "./kit.js";
import { CALLING, OLDER, Site } from "./site.js";

let world: World;
/** Apps on TUICallKit 2, on trtc-calling-js, and on TUICallKit 3. The first two stand on trtc-js-sdk 4. */
let site: Site;
let calling: Site;
let newer: Site;

beforeAll(async () => {
  world = await World.start();
  [site, calling, newer] = await Promise.all([Site.start(OLDER), Site.start(CALLING), Site.start()]);
});

afterEach(() => world.clear());

afterAll(async () => {
  site?.end();
  calling?.end();
  newer?.end();
  await world?.end();
});

const kit = (name: string) => Kit.open(world, site, name);

it("a page on TUICallKit 2 calls another: both see each other until one hangs up", async () => {
  const [ann, bob] = await Promise.all([kit("ann"), kit("bob")]);
  await ann.calls("bob");
  await bob.presses("Accept");
  await Promise.all([ann.seesMovingPicturesOf("bob"), bob.seesMovingPicturesOf("ann")]);
  await bob.presses("Hang up");
  await Promise.all([ann.isBack(), bob.isBack()]);
});

it("a page on TUICallKit 2 is declined, and takes a call back", async () => {
  const [cora, dan] = await Promise.all([kit("cora"), kit("dan")]);
  await cora.calls("dan");
  await dan.presses("Decline");
  await Promise.all([cora.isBack(), dan.isBack()]);

  await dan.calls("cora");
  await cora.reads("Accept");
  await dan.presses("Hang up");
  await Promise.all([cora.isBack(), dan.isBack()]);
});

it("pages on TUICallKit 2 and 3 and the web app call each other; who is in a call is busy", async () => {
  const [eve, fay, gil] = await Promise.all([kit("eve"), Kit.open(world, newer, "fay"), world.person("Gil")]);
  await eve.calls("fay");
  await fay.presses("Accept");
  const meet = () => Promise.all([eve.seesMovingPicturesOf("fay"), fay.seesMovingPicturesOf("eve")]);
  await meet();
  await gil.turnsTo("eve");
  await gil.presses("Video call to eve");
  await gil.reads("eve is in another call");
  await fay.presses("Hang up");
  await Promise.all([eve.isBack(), fay.isBack()]);
  await fay.calls("eve");
  await eve.presses("Accept");
  await meet();
  await eve.presses("Hang up");
  await Promise.all([eve.isBack(), fay.isBack()]);
});

it("the web app calls a page on TUICallKit 2, and is called by it", async () => {
  const [hal, ida] = await Promise.all([kit("hal"), world.person("Ida")]);
  await ida.calls("hal");
  await hal.presses("Accept");
  await Promise.all([ida.seesMovingPictures(), hal.seesMovingPicturesOf("Ida")]);
  await ida.presses("Hang up");
  await hal.isBack();
  await ida.closes();

  await hal.calls("Ida");
  await ida.hearsRing("hal");
  await ida.presses("Accept");
  await Promise.all([ida.seesMovingPictures(), hal.seesMovingPicturesOf("Ida")]);
  await hal.presses("Hang up");
  await ida.reads("Call ended");
});

it("a page on trtc-calling-js and one on TUICallKit 2 call each other", async () => {
  const [joe, kim] = await Promise.all([Kit.open(world, calling, "joe"), kit("kim")]);
  const meet = () => Promise.all([joe.seesMovingPicturesOf("kim"), kim.seesMovingPicturesOf("joe")]);
  await kim.calls("joe");
  await joe.page.getByRole("button", { name: "Accept" }).click();
  await meet();
  await joe.page.getByRole("button", { name: "Hang up" }).click();
  await kim.isBack();
});

it("three pages on TUICallKit 2 of a group see each other, and it goes on when one leaves", async () => {
  const [liv, max, nia] = await Promise.all([kit("liv"), kit("max"), kit("nia")]);
  await liv.createsGroup("band", ["max", "nia"]);
  await liv.callsGroup("band", ["max", "nia"]);
  await max.presses("Accept");
  await Promise.all([liv.seesMovingPicturesOf("max"), max.seesMovingPicturesOf("liv")]);
  await nia.presses("Accept");
  await Promise.all([
    ...[liv, max].map((one) => one.seesMovingPicturesOf("nia")),
    ...["liv", "max"].map((one) => nia.seesMovingPicturesOf(one)),
  ]);
  await max.presses("Hang up");
  await Promise.all([max.isBack(), liv.misses("max"), nia.misses("max")]);
  await Promise.all([liv.seesMovingPicturesOf("nia"), nia.seesMovingPicturesOf("liv")]);
  await nia.presses("Hang up");
  await Promise.all([nia.isBack(), liv.isBack()]);
});
