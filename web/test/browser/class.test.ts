import { afterAll, afterEach, beforeAll, it } from "vitest";
import { roomIDOf } from "../../src/rooms/ids.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("hands go up, everybody sees the list, and the teacher calls one up to speak", async () => {
  const [teacher, ann, bob] = await Promise.all([world.person("Ms-Lin"), world.person("Ann"), world.person("Bob")]);
  await teacher.creates("class", "Music");
  await teacher.reads("Nobody is here yet.");
  await ann.joins("class", "Music");
  await bob.joins("class", "Music");
  await ann.reads("Wait until Ms-Lin asks for hands.");
  await teacher.reads("3 people");

  await teacher.presses("Raise hands!");
  await bob.presses("Raise hand");
  await bob.reads("Your hand is up, number 1 of 1");
  await ann.presses("Raise hand");
  for (const person of [teacher, ann, bob]) {
    await person.readsList("Raised hands", ["Bob", "Ann"]);
  }
  await bob.presses("Lower hand");
  await bob.presses("Raise hand");
  for (const person of [teacher, ann, bob]) {
    await person.readsList("Raised hands", ["Ann", "Bob"]);
  }

  await teacher.presses("Call up: Ann");
  await ann.reads("Ms-Lin calls you up");
  await ann.presses("Speak");
  await ann.reads("You have the floor");
  await bob.reads("Ann has the floor");
  await teacher.readsList("Raised hands", ["Bob"]);
  await ann.presses("I have finished");
  await teacher.presses("Call up: Bob");
  await bob.presses("Not now");
  await teacher.readsList("Raised hands", []);
  await teacher.presses("End the round");
  await bob.reads("The round is over");
});

it("who comes late is asked too, and reads what happened before", async () => {
  const [teacher, ann] = await Promise.all([world.person("Mr-Wu"), world.person("Ann-2")]);
  await teacher.creates("class", "Physics");
  await ann.joins("class", "Physics");
  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-2"]);
  const bob = await world.person("Bob-2");
  await bob.joins("class", "Physics");
  await bob.readsList("Raised hands", ["Ann-2"]);
  await bob.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-2", "Bob-2"]);
  await teacher.page.reload();
  await teacher.readsList("Raised hands", ["Ann-2", "Bob-2"]);
});

it("a pupil who was offline meanwhile sees the same list", async () => {
  const [teacher, ann, bob] = await Promise.all([world.person("Mr-Xu"), world.person("Ann-3"), world.person("Bob-3")]);
  await teacher.creates("class", "Art");
  await Promise.all([ann.joins("class", "Art"), bob.joins("class", "Art")]);
  await teacher.reads("3 people");
  await bob.losesNetwork();
  await bob.reads("You are offline.");
  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-3"]);
  await bob.findsNetwork();
  await bob.readsList("Raised hands", ["Ann-3"]);
  await bob.presses("Raise hand");
  await teacher.readsList("Raised hands", ["Ann-3", "Bob-3"]);
});

it("fifty pupils raise their hands in one room", async () => {
  const [teacher, ann] = await Promise.all([world.person("Ms-Ma"), world.person("Ann-4")]);
  await teacher.creates("class", "Everybody");
  await ann.joins("class", "Everybody");
  const many = Array.from({ length: 49 }, (_, number) => `pupil-${String(number + 1).padStart(2, "0")}`);
  await world.crowd().join(roomIDOf("class", "Everybody"), many);
  await teacher.reads("51 people");

  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await ann.page.waitForFunction((count) => document.querySelectorAll("ol.hands li").length === count, 50);
  const list = await ann.page.locator("ol.hands li .name").allTextContents();
  await teacher.readsList("Raised hands", list);
  await teacher.presses("Call up: pupil-49");
  await ann.reads("pupil-49 has the floor");
});

it("a call-up is taken back, and whose hand is taken down is told", async () => {
  const [teacher, ann] = await Promise.all([world.person("Ms-Ito"), world.person("Ann-5")]);
  await teacher.creates("class", "Chess");
  await teacher.reads("1 person");
  await teacher.reads(/nobody hears you/);
  await ann.joins("class", "Chess");
  await teacher.reads("2 people");
  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await teacher.presses("Call up: Ann-5");
  await ann.reads("Ms-Ito calls you up");
  await teacher.presses("Take back the call-up of Ann-5");
  await ann.reads("Your hand is up, number 1 of 1");
  await teacher.presses("Take down: Ann-5");
  await ann.reads("Your turn is over: Ms-Ito has moved on.");
  await ann.presses("Raise hand");
  await teacher.presses("Call up: Ann-5");
  await ann.presses("Speak");
  await teacher.presses("Thank you, Ann-5");
  await ann.reads("Your turn is over: Ms-Ito has moved on.");
});

it("a room that nobody has opened is not said to be closed", async () => {
  const ann = await world.person("Ann-6");
  await ann.visits("#/class/Nowhere");
  await ann.reads("There is no room of this name.");
  await ann.photographs("class-absent-desktop");
  const teacher = await world.person("Mr-Oz");
  await teacher.creates("class", "Somewhere");
  await ann.visits("#/class/Somewhere");
  await ann.reads("Wait until Mr-Oz asks for hands.");
  await teacher.presses("Close room for all");
  await teacher.presses("Really close?");
  await ann.reads("This room is closed.");
});
