import { afterAll, afterEach, beforeAll, it } from "vitest";
import { CHINESE, PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("the sign-in", async () => {
  const stranger = await world.stranger("Alice");
  await stranger.sees(stranger.page.getByLabel("Your name"));
  await stranger.photographs("sign-in-desktop");
  const chinese = await world.stranger("王小明", { viewport: PHONE, locale: CHINESE });
  await chinese.sees(chinese.page.getByRole("textbox"));
  await chinese.photographs("sign-in-phone");
});

it("a call, from an English desktop to a Chinese phone", async () => {
  const alice = await world.person("Alice");
  const ming = await world.person("王小明", { viewport: PHONE, locale: CHINESE });
  await alice.photographs("call-nobody-desktop");
  await ming.photographs("call-nobody-phone");

  await alice.turnsTo("王小明");
  await alice.says("Hello! Do you have a minute for the drawings?");
  await ming.turnsTo("Alice");
  await ming.says("有的，我正在看第三页。");
  await alice.calls("王小明", "audio");
  await ming.hearsRing("Alice");
  await ming.presses(ming.say("call.reject"));
  await alice.reads("王小明 declined");
  await alice.photographs("call-declined-desktop");
  await alice.presses("Close");
  await ming.says("马上，我接一下电脑。");

  await alice.presses("Timeline");
  await alice.calls("王小明");
  await ming.hearsRing("Alice");
  await alice.photographs("call-calling-desktop");
  await ming.photographs("call-ringing-phone");
  await ming.presses(ming.say("call.accept"));
  await Promise.all([alice.seesMovingPictures(), ming.seesMovingPictures()]);
  await alice.photographs("call-talking-desktop");
  await ming.photographs("call-talking-phone");
  await ming.presses(ming.say("call.cameraOff"));
  await alice.reads("王小明 has the camera off");
  await alice.photographs("call-camera-off-desktop");
  await alice.presses("Hang up");
  await ming.reads(ming.say("over.hungUp"));
  await ming.photographs("call-over-phone");
  await ming.presses(ming.say("call.close"));
  await alice.presses("Close");
  await alice.photographs("call-conversation-desktop");
  await ming.photographs("call-conversation-phone");
  await ming.presses(ming.say("timeline.title"));
  await ming.photographs("timeline-phone");
  await ming.presses(ming.say("timeline.hide"));
  await ming.presses(ming.say("me.menu", { name: "王小明" }));
  await ming.photographs("menu-phone");

  await alice.losesNetwork();
  await alice.reads("You are offline.");
  await alice.photographs("offline-desktop");
});
