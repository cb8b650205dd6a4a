import { afterAll, afterEach, beforeAll, it } from "vitest";
import { roomIDOf } from "../../src/rooms/ids.js";
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
  await alice.restsPointer();
  await ming.presses(ming.say("call.reject"));
  await alice.reads("王小明 declined");
  await alice.photographs("call-declined-desktop");
  await alice.closes();
  await ming.says("马上，我接一下电脑。");

  await alice.presses("Timeline");
  await alice.calls("王小明");
  await ming.hearsRing("Alice");
  // At once: the call rings for 30 s, and a busy machine takes most of that for one after the other.
  await Promise.all([alice.photographs("call-calling-desktop"), ming.photographs("call-ringing-phone")]);
  await ming.presses(ming.say("call.accept"));
  await Promise.all([alice.seesMovingPictures(), ming.seesMovingPictures()]);
  await alice.photographs("call-talking-desktop");
  await ming.photographs("call-talking-phone");
  await ming.presses(ming.say("call.cameraOff"));
  await alice.reads("王小明 has the camera off");
  await alice.photographs("call-camera-off-desktop");
  await ming.restsPointer();
  await alice.presses("Hang up");
  await ming.reads(ming.say("over.hungUp"));
  await ming.photographs("call-over-phone");
  await ming.closes();
  await alice.closes();
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

it("a class, taught from a desktop, seen on a Chinese phone", async () => {
  const teacher = await world.person("Ms Okafor");
  const ming = await world.person("李小红", { viewport: PHONE, locale: CHINESE });
  await teacher.visits("#/class");
  await teacher.photographs("class-lobby-desktop");
  await teacher.creates("class", "History 7");
  await ming.joins("class", "History 7");
  await world.crowd().join(roomIDOf("class", "History 7"), PUPILS);
  await teacher.reads(`${PUPILS.length + 2} people`);
  await teacher.says("Who can tell us about the canal?");
  await teacher.photographs("class-idle-desktop");
  await teacher.presses("Raise hands!");
  await ming.presses(ming.say("class.raise"));
  await ming.page.waitForFunction((count) => document.querySelectorAll("ol.hands li").length === count, PUPILS.length + 1);
  await teacher.photographs("class-hands-desktop");
  await ming.photographs("class-raised-phone");
  await teacher.presses("Call up: 李小红");
  await ming.reads(ming.say("class.called", { name: "Ms Okafor" }));
  await ming.photographs("class-called-phone");
  await ming.presses(ming.say("class.speak"));
  await teacher.reads("李小红 has the floor");
  await teacher.photographs("class-speaking-desktop");
  await ming.photographs("class-speaking-phone");
  await ming.page.locator(".room-chat").scrollIntoViewIfNeeded();
  await ming.photographs("class-chat-phone");
});

it("a live room, hosted from a Chinese desktop, heard on a phone", async () => {
  const host = await world.person("陈晨", { locale: CHINESE });
  const ann = await world.person("Ann", { viewport: PHONE });
  await ann.visits("#/live");
  await ann.photographs("live-lobby-phone");
  await host.creates("live", "晚间音乐");
  await ann.joins("live", "晚间音乐");
  await ann.photographs("live-listening-phone");
  const guests = PUPILS.slice(0, 9);
  await world.crowd().join(roomIDOf("live", "晚间音乐"), guests);
  for (const guest of guests.slice(0, 4)) {
    await host.presses(host.say("live.invite", { name: guest }));
    await host.sees(host.page.getByRole("button", { name: host.say("live.remove", { name: guest }) }));
  }
  await ann.presses("Take the microphone");
  await host.says("欢迎来到晚间音乐，想唱歌的朋友请上麦！");
  await host.presses(host.say("timeline.title"));
  await host.photographs("live-host-desktop");
  await ann.photographs("live-asking-phone");
  await host.presses(`${host.say("live.admit")}: Ann`);
  await ann.reads("You are at microphone 5");
  await ann.photographs("live-seated-phone");
});

const PUPILS = ["Amara", "Ben", "Chidi", "Dana", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kenji", "Lotte"];
