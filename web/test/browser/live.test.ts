import { afterAll, afterEach, beforeAll, it } from "vitest";
import { roomIDOf } from "../../src/rooms/ids.js";
import { World } from "./world.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterEach(() => world.clear());

afterAll(() => world.end());

it("listeners take the microphone, are invited to it, leave it, and are removed from it", async () => {
  const [host, ann, bob] = await Promise.all([world.person("Hana"), world.person("Ann"), world.person("Bob")]);
  const everybody = [host, ann, bob];
  await host.creates("live", "Evening");
  await Promise.all([ann.joins("live", "Evening"), bob.joins("live", "Evening")]);
  await host.readsList("Audience", ["Ann", "Bob"]);

  await ann.presses("Take the microphone");
  await ann.reads("You asked for the microphone…");
  await host.presses("Admit: Ann");
  for (const person of everybody) {
    await person.readsSeats(["Ann"]);
  }
  await ann.reads("You are at microphone 1");

  await host.presses("Invite Bob to the microphone");
  await bob.reads("Hana invites you to the microphone");
  await bob.presses("Take it");
  for (const person of everybody) {
    await person.readsSeats(["Ann", "Bob"]);
  }

  await ann.presses("Leave the microphone");
  for (const person of everybody) {
    await person.readsSeats([null, "Bob"]);
  }
  await host.presses("Remove Bob from the microphone");
  for (const person of everybody) {
    await person.readsSeats([]);
  }
  await bob.reads("The host has taken the microphone back.");
  await bob.sees(bob.page.getByRole("button", { name: "Take the microphone" }));

  await host.presses("Invite Ann to the microphone");
  await ann.reads("Hana invites you to the microphone");
  await host.presses("Take back the invitation of Ann");
  await ann.page.getByText("Hana invites you to the microphone").waitFor({ state: "detached" });
});

it("the host says no, and a listener thinks better of it", async () => {
  const [host, ann] = await Promise.all([world.person("Hugo"), world.person("Ann-2")]);
  await host.creates("live", "Noon");
  await ann.joins("live", "Noon");
  await ann.presses("Take the microphone");
  await host.presses("Refuse: Ann-2");
  await ann.reads("The host said not now.");
  await ann.presses("Take the microphone");
  await host.readsList("Asking for the microphone", ["Ann-2"]);
  await ann.presses("Withdraw");
  await host.readsList("Asking for the microphone", []);
});

it("eight seats are taken, and a ninth listener waits until one is free", async () => {
  const [host, ann] = await Promise.all([world.person("Hal"), world.person("Ann-3")]);
  await host.creates("live", "Full");
  await ann.joins("live", "Full");
  const guests = Array.from({ length: 8 }, (_, number) => `guest-${number + 1}`);
  await world.crowd().join(roomIDOf("live", "Full"), guests);
  for (const guest of guests) {
    await host.presses(`Invite ${guest} to the microphone`);
    await host.sees(host.page.getByRole("button", { name: `Remove ${guest} from the microphone` }));
  }
  await ann.reads("All eight microphones are taken.");
  await ann.readsSeats(guests);
  await host.presses("Remove guest-5 from the microphone");
  await ann.presses("Take the microphone");
  await host.presses("Admit: Ann-3");
  await ann.reads("You are at microphone 5");
});

it("a page that was loaded again, and a listener who came later, see the same seats", async () => {
  const [host, ann] = await Promise.all([world.person("Hedy"), world.person("Ann-4")]);
  await host.creates("live", "Again");
  await ann.joins("live", "Again");
  await ann.presses("Take the microphone");
  await host.presses("Admit: Ann-4");
  await ann.readsSeats(["Ann-4"]);
  await ann.page.reload();
  await ann.readsSeats(["Ann-4"]);
  const bob = await world.person("Bob-4");
  await bob.joins("live", "Again");
  await bob.readsSeats(["Ann-4"]);
  await ann.presses("Leave room");
  await bob.readsSeats([]);
});
