import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MOST_HEARD } from "../../src/media/people.js";
import { roomIDOf } from "../../src/rooms/ids.js";
import { hears, isConnected, lendsEars, receives, seesLoud } from "./ears.js";
import { PATIENCE_MS, type Person } from "./person.js";
import { CHINESE, DESKTOP, PHONE, World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

/** People of a story whose ears are measured. */
async function people(...names: string[]): Promise<Person[]> {
  const all = await Promise.all(names.map((name) => world.person(name)));
  await Promise.all(all.map(lendsEars));
  return all;
}

async function turnsOn(person: Person): Promise<void> {
  await person.presses(person.say("sound.turnOn"));
}

describe("a live room", () => {
  it("the host is heard, mutes, and is heard by whoever comes later", async () => {
    const [host, ann, bob] = (await people("Hana", "Ann", "Bob")) as [Person, Person, Person];
    await host.creates("live", "Songs");
    await ann.joins("live", "Songs");
    await host.reads("nobody hears you");
    await turnsOn(host);
    await host.reads("nobody else has it on");
    await turnsOn(ann);
    await hears(ann, 1);
    await seesLoud(ann, ".host");
    await host.reads("2 people have the sound on.");
    await receives(host, 0);

    await host.presses("Turn microphone off");
    await ann.reads("Hana has the microphone off");
    await receives(ann, 0);
    await host.presses("Turn microphone on");
    await hears(ann, 1);

    await bob.joins("live", "Songs");
    await turnsOn(bob);
    await hears(bob, 1);
    await ann.reads("3 people have the sound on.");
    await hears(ann, 1);
  });

  it("whoever takes the microphone is heard by everybody until it is taken away", async () => {
    const [host, ann, bob] = (await people("Hana-2", "Ann-2", "Bob-2")) as [Person, Person, Person];
    await host.creates("live", "Poems");
    await Promise.all([ann.joins("live", "Poems"), bob.joins("live", "Poems")]);
    for (const person of [bob, ann, host]) {
      await turnsOn(person);
    }
    await Promise.all([hears(ann, 1), hears(bob, 1)]);

    await ann.presses("Take the microphone");
    await host.presses("Admit: Ann-2");
    await Promise.all([hears(host, 1), hears(bob, 2)]);
    await seesLoud(bob, ".seat");
    await ann.sees(ann.page.getByRole("button", { name: "Turn microphone off" }));

    await host.presses("Remove Ann-2 from the microphone");
    await Promise.all([receives(host, 0), receives(bob, 1)]);
    await ann.page.getByRole("button", { name: "Turn microphone off" }).waitFor({ state: "detached" });
    expect(await devicesOpen(ann)).toBe(0);
    await hears(ann, 1);
  });

  it("a page that is closed leaves, and the sound begins anew with the next one", async () => {
    const [host, ann] = (await people("Hana-3", "Ann-3")) as [Person, Person];
    await host.creates("live", "News");
    await ann.joins("live", "News");
    await turnsOn(ann);
    await ann.reads("The sound begins as soon as Hana-3 has it on, too.");
    await turnsOn(host);
    await hears(ann, 1);
    await ann.page.reload();
    await ann.isOnline();
    await host.reads("nobody else has it on");
    await isConnected(host, 0);
    await ann.reads("The sound is off: you hear nobody.");
    await turnsOn(ann);
    await hears(ann, 1);
    // Whoever goes to another scene leaves the room's sound as well.
    await ann.visits("#/live");
    await host.reads("nobody else has it on");
  });

  it("more people than browsers can carry are told so", async () => {
    const [host, ann] = (await people("Hana-4", "Ann-4")) as [Person, Person];
    await host.creates("live", "Crowd");
    await ann.joins("live", "Crowd");
    await turnsOn(host);
    await turnsOn(ann);
    await hears(ann, 1);
    const crowd = world.crowd();
    const names = Array.from({ length: MOST_HEARD - 2 }, (_, place) => `Fan-${place}`);
    await crowd.join(roomIDOf("live", "Crowd"), names);
    await crowd.turnOn(roomIDOf("live", "Crowd"));
    await host.reads(`${MOST_HEARD} people have the sound on.`);
    await ann.presses("Turn the sound off");
    await ann.reads("The sound is off: you hear nobody.");
    await crowd.join(roomIDOf("live", "Crowd"), ["Fan-last"]);
    await crowd.turnOn(roomIDOf("live", "Crowd"));
    await host.reads(`${MOST_HEARD} people have the sound on.`);
    await turnsOn(ann);
    await ann.reads(`${MOST_HEARD} people have the sound on, and no more fit`);
    await crowd.turnOff(roomIDOf("live", "Crowd"));
    await host.reads("nobody else has it on");
    await turnsOn(ann);
    await hears(ann, 1);
  });
});

it("a pupil who is called up is heard in the class until they have finished", async () => {
  const [teacher, ann, bob] = (await people("Ms Lund", "Ann-5", "Bob-5")) as [Person, Person, Person];
  await teacher.creates("class", "Physics");
  await Promise.all([ann.joins("class", "Physics"), bob.joins("class", "Physics")]);
  for (const person of [teacher, ann, bob]) {
    await turnsOn(person);
  }
  await Promise.all([hears(ann, 1), hears(bob, 1)]);
  await teacher.presses("Raise hands!");
  await ann.presses("Raise hand");
  await teacher.presses("Call up: Ann-5");
  await ann.presses("Speak");
  await Promise.all([hears(teacher, 1), hears(bob, 2)]);
  await ann.presses("I have finished");
  await Promise.all([receives(teacher, 0), receives(bob, 1)]);
});

it("a speaker without a microphone is told why, the others that they hear nobody, and trying again helps", async () => {
  const [host, ann] = (await people("Hana-6", "Ann-6")) as [Person, Person];
  await host.creates("live", "Quiet");
  await ann.joins("live", "Quiet");
  await host.page.evaluate(() => {
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = () => {
      MediaDevices.prototype.getUserMedia = getUserMedia;
      return Promise.reject(new DOMException("refused by the story", "NotAllowedError"));
    };
  });
  await turnsOn(host);
  await host.reads("Your microphone is blocked.");
  await turnsOn(ann);
  await ann.reads("Hana-6 has no microphone: nobody hears them");
  await host.photographs("sound-blocked-desktop");
  await host.presses("Try again");
  await hears(ann, 1);
});

it("a browser that holds the sound back plays it after a press", async () => {
  const [host, ann] = (await people("Hana-7", "Ann-7")) as [Person, Person];
  await host.creates("live", "Hush");
  await ann.joins("live", "Hush");
  await ann.page.evaluate(() => {
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("refused by the story", "NotAllowedError"));
    (window as { allows?: () => void }).allows = () => {
      HTMLMediaElement.prototype.play = play;
    };
  });
  await turnsOn(host);
  await turnsOn(ann);
  await ann.reads("Your browser plays the sound once you have pressed something on this page.");
  await ann.page.evaluate(() => (window as { allows?: () => void }).allows?.());
  await ann.presses("Play");
  await hears(ann, 1);
  await ann.page.getByText("Your browser plays the sound").waitFor({ state: "detached" });
});

it("whoever has the sound on is busy for callers, rings nobody, and finds no call of it in a list", async () => {
  const [host, ann, bob] = (await people("Hana-8", "Ann-8", "Bob-8")) as [Person, Person, Person];
  await host.creates("live", "Busy");
  await ann.joins("live", "Busy");
  await ann.reads("whoever calls you finds you busy");
  await turnsOn(host);
  await turnsOn(ann);
  await hears(ann, 1);
  expect(await ann.page.evaluate(() => (window as { tones?: number }).tones)).toBeUndefined();
  expect(await host.page.evaluate(() => (window as { tones?: number }).tones)).toBeUndefined();
  await bob.turnsTo("Ann-8");
  await bob.presses("Video call to Ann-8");
  await bob.reads("Ann-8 is in another call");
  await hears(ann, 1);

  await ann.visits("#/call");
  await host.reads("nobody else has it on");
  await ann.page.getByRole("button", { name: /^Recent calls/ }).click();
  await ann.sees(ann.page.locator(".contacts li").getByText("Bob-8"));
  await expect.poll(() => ann.page.locator(".contacts li").count(), { timeout: PATIENCE_MS }).toBe(1);
});

it("whoever is in a call is not taken out of it", async () => {
  const [ann, bob] = (await people("Ann-9", "Bob-9")) as [Person, Person];
  await ann.creates("live", "Later");
  await ann.visits("#/call");
  await ann.calls("Bob-9", "audio");
  await bob.hearsRing("Ann-9");
  await bob.presses("Accept");
  await hears(bob, 1);
  const tablet = await world.person("Ann-9");
  await tablet.joins("live", "Later");
  await turnsOn(tablet);
  await tablet.reads("You are in a call. Hang up first, then turn the sound on.");
  await hears(bob, 1);
});

it("where the server's calls have no media, the page says so before anybody speaks", async () => {
  const silent = await World.start({ env: { WIGWAG_CALLS_PROVIDER: "none" } });
  try {
    const [host, ann] = await Promise.all([silent.person("Hana"), silent.person("Ann")]);
    await host.creates("live", "Signals");
    await ann.joins("live", "Signals");
    await Promise.all([host.reads(/It carries no sound/), ann.reads(/It carries no sound/)]);
    expect(await ann.page.getByRole("button", { name: "Turn the sound on" }).count()).toBe(0);
    expect(await devicesOpen(host)).toBe(0);
    await host.presses("Invite Ann to the microphone");
    await ann.presses("Take it");
    await ann.reads("You are at microphone 1");
    await silent.clear();
  } finally {
    await silent.end();
  }
});

it("the sound in both languages, both appearances and three sizes", async () => {
  const [host, ming] = await Promise.all([
    world.person("陈晨-s", { locale: CHINESE }),
    world.person("Ann-s", { viewport: PHONE }),
  ]);
  await host.creates("live", "合唱");
  await ming.joins("live", "合唱");
  await host.photographs("sound-off-desktop");
  await ming.photographs("sound-off-phone");
  await turnsOn(host);
  await host.photographs("sound-waiting-desktop");
  await turnsOn(ming);
  await ming.presses("Take the microphone");
  await host.presses(`${host.say("live.admit")}: Ann-s`);
  await seesLoud(host, ".seat");
  await host.photographs("sound-on-desktop");
  await ming.photographs("sound-on-phone");
  await ming.page.setViewportSize({ width: 844, height: 390 });
  await ming.photographs("sound-on-sideways");
  await ming.presses("Turn microphone off");
  await host.sees(host.page.getByText(host.say("sound.muted", { name: "Ann-s" })));
  await host.page.setViewportSize(PHONE);
  await host.photographs("sound-on-phone-zh");
  await host.page.setViewportSize(DESKTOP);
  await host.photographs("sound-muted-desktop");
});

/** How many microphones this page has open. */
function devicesOpen(person: Person): Promise<number> {
  return person.page.evaluate(() => {
    const { kept = [] } = window as { kept?: RTCPeerConnection[] };
    return kept.flatMap((connection) => connection.getSenders()).filter(({ track }) => track?.readyState === "live").length;
  });
}
