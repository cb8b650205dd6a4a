import { afterAll, afterEach, beforeAll, it } from "vitest";
import { World } from "../world.js";
import { Kit } from "./kit.js";
import { REACT, Site } from "./site.js";

let world: World;
/** An app for React, and one for Vue. */
let site: Site;
let vue: Site;

beforeAll(async () => {
  [world, site, vue] = await Promise.all([World.start(), Site.start(REACT), Site.start()]);
});

afterEach(() => world.clear());

afterAll(async () => {
  site?.end();
  vue?.end();
  await world?.end();
});

const kit = (name: string) => Kit.open(world, site, name);

it("a page for React calls another: both see each other until one hangs up", async () => {
  const [ann, bob] = await Promise.all([kit("ann"), kit("bob")]);
  await ann.calls("bob");
  await bob.presses("Accept");
  await Promise.all([ann.seesMovingPicturesOf("bob"), bob.seesMovingPicturesOf("ann")]);
  await bob.photographs("tencent-react-call");
  await ann.presses("Hang up");
  await Promise.all([ann.isBack(), bob.isBack()]);
});

it("a page for React is declined, and takes a call back", async () => {
  const [cora, dan] = await Promise.all([kit("cora"), kit("dan")]);
  await cora.calls("dan");
  await dan.presses("Decline");
  await Promise.all([cora.isBack(), dan.isBack()]);

  await dan.calls("cora");
  await cora.reads("Accept");
  await dan.presses("Hang up");
  await Promise.all([cora.isBack(), dan.isBack()]);
});

it("a page for React, one for Vue and the web app call each other", async () => {
  const [eve, fay, gil] = await Promise.all([kit("eve"), Kit.open(world, vue, "fay"), world.person("Gil")]);
  await eve.calls("fay");
  await fay.presses("Accept");
  await Promise.all([eve.seesMovingPicturesOf("fay"), fay.seesMovingPicturesOf("eve")]);
  await fay.presses("Hang up");
  await Promise.all([eve.isBack(), fay.isBack()]);

  await gil.calls("eve");
  await eve.presses("Accept");
  await Promise.all([gil.seesMovingPictures(), eve.seesMovingPicturesOf("Gil")]);
  await eve.presses("Hang up");
  await gil.reads("Call ended");
});

it("in a group, three pages for React see each other", async () => {
  const [hal, ida, joe] = await Promise.all([kit("hal"), kit("ida"), kit("joe")]);
  await hal.createsGroup("choir", ["ida", "joe"]);
  await hal.callsGroup("choir", ["ida"]);
  await ida.presses("Accept");
  await Promise.all([hal.seesMovingPicturesOf("ida"), ida.seesMovingPicturesOf("hal")]);
  await joe.joinsGroup("choir", await hal.room());
  await Promise.all([
    ...[hal, ida].map((one) => one.seesMovingPicturesOf("joe")),
    ...["hal", "ida"].map((one) => joe.seesMovingPicturesOf(one)),
  ]);
  await ida.presses("Hang up");
  await hal.misses("ida");
  await joe.seesMovingPicturesOf("hal");
  await joe.invitesToo("ida");
  await ida.presses("Accept");
  await Promise.all(["hal", "joe"].map((one) => ida.seesMovingPicturesOf(one)));
});
