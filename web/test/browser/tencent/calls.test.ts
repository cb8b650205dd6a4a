import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { People } from "../../../../sdk/typescript/test/e2e/tencent/people.js";
import { Signaler } from "../../../../sdk/typescript/test/e2e/tencent/tsignaling.js";
import { SHAPE_OF_DRAWING } from "../drawing.js";
import { World } from "../world.js";
import { Kit } from "./kit.js";
import { Site } from "./site.js";

let world: World;
let site: Site;

beforeAll(async () => {
  [world, site] = await Promise.all([World.start(), Site.start()]);
});

afterEach(() => world.clear());

afterAll(async () => {
  site?.end();
  await world?.end();
});

const kit = (name: string) => Kit.open(world, site, name);

it("a page on TUICallKit calls another: both see each other until one hangs up", async () => {
  const [ann, bob] = await Promise.all([kit("ann"), kit("bob")]);
  await ann.calls("bob");
  await bob.reads("Accept");
  await bob.presses("Accept");
  await Promise.all([ann.seesMovingPicturesOf("bob"), bob.seesMovingPicturesOf("ann")]);
  await bob.photographs("tencent-call");
  await bob.presses("Hang up");
  await Promise.all([ann.isBack(), bob.isBack()]);
});

it("the web app and a page on TUICallKit call each other, and see each other", async () => {
  const [cora, dan] = await Promise.all([world.person("Cora"), kit("dan")]);
  const meet = () => Promise.all([cora.seesMovingPictures(), dan.seesMovingPicturesOf("Cora")]);
  await cora.calls("dan");
  await dan.presses("Accept");
  await meet();
  await dan.presses("Hang up");
  await cora.reads("Call ended");
  await cora.closes();

  await dan.calls("Cora");
  await cora.hearsRing("dan");
  await cora.presses("Accept");
  await meet();
  await cora.presses("Hang up");
  await dan.isBack();
});

it("an app on tsignaling and a page on TUICallKit call each other", async () => {
  const people = new People({ url: world.server.url, userSig: (userID) => world.server.token(userID) });
  try {
    const [eve, fay] = await Promise.all([kit("eve"), new Signaler(people.person("fay")).ready()]);
    const { inviteID } = await fay.app.invite({ userID: "eve", data: videoCall(7), timeout: 30 });
    await eve.presses("Accept");
    expect(await fay.hears("ts_invitee_accepted")).toMatchObject({ inviteID, invitee: "eve" });
    await fay.app.invite({ userID: "eve", data: HANG_UP, timeout: 0 });
    await eve.isBack();

    await eve.calls("fay");
    const rang = (await fay.hears("ts_new_invitation_received")) as { inviteID: string; data: string };
    expect(JSON.parse(rang.data)).toMatchObject({ businessID: "av_call", call_type: 2 });
    await fay.app.accept({ inviteID: rang.inviteID, data: videoCall(7) });
    await eve.reads(/^00:00:0\d$/);
    await eve.presses("Hang up");
    await eve.isBack();
  } finally {
    await people.end();
  }
});

it("who is in a call is busy, and three of a group see each other", async () => {
  const [gil, hal, ida] = await Promise.all([kit("gil"), kit("hal"), kit("ida")]);
  await gil.createsGroup("choir", ["hal", "ida"]);
  await gil.callsGroup("choir", ["hal"]);
  await hal.presses("Accept");
  await Promise.all([gil.seesMovingPicturesOf("hal"), hal.seesMovingPicturesOf("gil")]);
  await Promise.all([ida.reads("busy"), ida.calls("hal")]);
  await ida.isBack();

  await ida.joinsGroup("choir", await gil.room());
  await Promise.all([
    ...[gil, hal].map((one) => one.seesMovingPicturesOf("ida")),
    ...["gil", "hal"].map((one) => ida.seesMovingPicturesOf(one)),
  ]);
  await hal.presses("Hang up");
  await gil.misses("hal");
  await ida.seesMovingPicturesOf("gil");
  await ida.invitesToo("hal");
  await hal.presses("Accept");
  await Promise.all(["gil", "ida"].map((one) => hal.seesMovingPicturesOf(one)));
});

it("a shared screen takes the place of the camera's picture, until it is shared no more", async () => {
  const [kim, lea] = await Promise.all([kit("kim"), kit("lea")]);
  await kim.calls("lea");
  await lea.presses("Accept");
  await lea.seesMovingPicturesOf("kim");
  await kim.sharesScreen();
  await lea.seesShapeOf("kim", SHAPE_OF_DRAWING);
  await lea.seesMovingPicturesOf("kim");
  await kim.sharesScreenNoMore();
  await lea.seesShapeOf("kim", 4 / 3);
  await kim.presses("Hang up");
  await lea.isBack();
});

/** What TRTCCalling and its like say in an invitation. */
function videoCall(room: number): string {
  return JSON.stringify({ version: 4, businessID: "av_call", call_type: 2, data: { cmd: "videoCall", room_id: room } });
}

const HANG_UP = JSON.stringify({ version: 4, businessID: "av_call", call_type: 2, call_end: 0, data: { cmd: "hangup" } });
