import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import WebSocket from "ws";
import { PATIENCE_MS, type Person } from "./person.js";
import { PushService, WAKES } from "./pushService.js";
import { Sleeper } from "./sleeper.js";
import { CHINESE, PHONE, World } from "./world.js";

/** Registrations outlive a story, so the people of each have names of their own. */
let world: World;
let service: PushService;

beforeAll(async () => {
  world = await World.start({ env: WAKES });
});

// Of each story its own: what one leaves behind is not the next one's.
beforeEach(async () => {
  service = await PushService.start();
});

afterEach(async () => {
  await world.clear();
  await service.end();
});

afterAll(() => world.end());

it("a closed tab rings by the server's push, and the page that its notification opens is signed in, rings and is answered", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Bob", service)]);
  await bob.turnsOn();
  await bob.person.photographs("wake-on-desktop");
  await bob.sleeps();
  await ann.calls("Bob");
  expect(await bob.isWoken()).toMatchObject({ type: "ring", userID: "Bob" });
  await bob.sees({ title: "Ann wants to see you", body: "Click to answer.", stays: true });

  const address = await bob.presses();
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?ring=[^#]+#\/call\/Ann$/);
  await bob.person.opensTab(address);
  await bob.person.hearsRing("Ann");
  await bob.sees();
  expect(new URL(bob.person.page.url()).search).toBe("");
  await bob.person.presses("Accept");
  await ann.sees(ann.page.getByRole("timer"));
});

it("a closed tab declines by the button of the notification, and the caller reads that it rang and was declined", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Ben", service)]);
  await bob.turnsOn();
  await bob.sleeps();
  await ann.calls("Ben");
  const { text } = await service.next();
  expect(await ann.page.getByRole("dialog").getByText("Calling…").count()).toBe(1);
  await bob.isPushed(text);
  await ann.sees(ann.page.getByRole("dialog").getByText("Ringing…"));
  expect(await bob.buttons()).toEqual(["Accept", "Decline"]);
  expect(await bob.presses("decline")).toBe("nothing");
  await ann.sees(ann.page.getByRole("alertdialog").getByText("Ben declined"));
  await bob.sees();
});

it("Accept on the notification opens the page, which accepts at once, as no address of another site's can", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Bill", service)]);
  await bob.turnsOn();
  await bob.sleeps();
  await ann.calls("Bill");
  await bob.isWoken();
  const address = new URL(await bob.presses("accept"));
  await bob.person.opensTab(address.href);
  await ann.sees(ann.page.getByRole("timer"));
  await bob.person.sees(bob.person.page.getByRole("timer"));
  expect(await bob.person.page.evaluate(() => document.title)).not.toContain("☎");
  await ann.presses("Hang up");
  await ann.closes();
  await bob.person.closes();
  await bob.sleeps();

  // Whoever calls knows the name of the call, and can lead the other one to the same address.
  await ann.presses("Video call to Bill");
  const { inviteID } = await bob.isWoken();
  address.searchParams.set("ring", inviteID);
  await bob.person.opensTab(address.href);
  await bob.person.hearsRing("Ann");
  await bob.person.presses("Decline");
});

it("a page that has accepted without a microphone says that the browser waits for a press, and plays after it", async () => {
  const silent = await World.start({ env: WAKES, autoplays: false });
  try {
    const [ann, bob] = await Promise.all([silent.person("Ann"), Sleeper.of(silent, "Bob", service)]);
    await bob.turnsOn();
    await bob.sleeps();
    await ann.calls("Bob");
    await bob.isWoken();
    const address = await bob.presses("accept");
    await bob.person.context.addInitScript(() => {
      // An empty tab has no devices.
      if (navigator.mediaDevices !== undefined) {
        navigator.mediaDevices.getUserMedia = async () => {
          throw new DOMException("as the user wants it", "NotAllowedError");
        };
      }
    });
    await bob.person.opensTab(address);
    await bob.person.readsUntouched("Your browser plays Ann once you have pressed something on this page.");
    await bob.person.photographs("call-held-back-desktop");
    await bob.person.presses("Play");
    await bob.person.seesMovingPictures();
    await bob.person.page.getByText("once you have pressed something").waitFor({ state: "detached" });
    await silent.clear();
  } finally {
    await silent.end();
  }
});

it("a press that comes too late, or to a server that does not answer, says so, and can be repeated", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Bert", service, CHINESE)]);
  const { say, line } = bob.person;
  await bob.turnsOn();
  await bob.sleeps();
  await ann.calls("Bert", "audio");
  await bob.isWoken();
  expect(await bob.buttons()).toEqual([say("call.accept"), say("call.reject")]);
  line.cut();
  await bob.presses("decline");
  await bob.sees({ title: "Ann", body: say("wake.notDeclinedAway"), stays: false });
  expect(await bob.buttons()).toHaveLength(2);
  line.mend();
  await bob.presses("decline");
  await ann.sees(ann.page.getByRole("alertdialog").getByText("Bert declined"));
  await bob.sees();
  await ann.closes();

  await ann.presses("Voice call to Bert");
  await bob.isWoken();
  await ann.presses("Cancel");
  await ann.closes();
  // The push that says so is still under way.
  const { text } = await service.next();
  await bob.presses("decline");
  await bob.sees({ title: "Ann", body: say("over.missed"), stays: false });
  await bob.isPushed(text);
  await bob.sees({ title: "Ann", body: say("over.missed"), stays: false });

  await ann.presses("Voice call to Bert");
  await bob.isWoken();
  expect(await bob.presses("accept", "opens nothing")).toBe("nothing");
  await bob.sees(
    { title: "Ann", body: say("over.missed"), stays: false },
    { title: "Ann", body: say("wake.notOpened"), stays: false },
  );
});

it("an open page that nobody sees accepts and declines by the buttons, too", async () => {
  const [ann, owner] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Bela", service)]);
  await owner.turnsOn();
  await looksAway(owner.person, true);
  const rings = { title: "Ann wants to see you", body: "Click to answer.", stays: true };
  await ann.calls("Bela");
  await owner.sees(rings);
  expect(await owner.presses("decline")).toBe("nothing");
  await ann.sees(ann.page.getByRole("alertdialog").getByText("Bela declined"));
  await ann.closes();
  await ann.presses("Video call to Bela");
  await owner.sees(rings);
  expect(await owner.presses("accept")).toBe("focused");
  await ann.sees(ann.page.getByRole("timer"));
  await owner.sees();
});

it("what is over says so where it rang, and the page that is opened too late says how it ended", async () => {
  const [ann, bob] = await Promise.all([world.person("Ann"), Sleeper.of(world, "小波", service, CHINESE)]);
  await bob.turnsOn();
  await bob.person.page.setViewportSize(PHONE);
  await bob.person.photographs("wake-on-phone");
  await bob.person.page.setViewportSize({ width: 844, height: 390 });
  // Everything in the menu can be reached in a window that is lower than it.
  await bob.person.page.getByRole("button", { name: bob.person.say("me.signOut") }).click({ trial: true });
  await bob.sleeps();
  await ann.calls("小波", "audio");
  const { inviteID } = await bob.isWoken();
  await bob.sees({ title: "Ann邀请您语音通话", body: "点击接听。", stays: true });
  await ann.presses("Cancel");
  expect(await bob.isWoken()).toMatchObject({ type: "over", inviteID });
  await bob.sees({ title: "Ann", body: bob.person.say("over.missed"), stays: false });

  // A late delivery does not ring again, and neither does one whose time is over.
  await bob.isPushed(ring({ inviteID, userID: "~5bCP5rOi", id: "again" }));
  await bob.isPushed(ring({ inviteID: "late", userID: "~5bCP5rOi", deadline: Date.now() - 60_000 }));
  const missed = { title: "Ann", body: bob.person.say("over.missed"), stays: false };
  await bob.sees(missed, missed);

  await bob.person.opensTab(`/?ring=${inviteID}#/call/Ann`);
  await bob.person.sees(bob.person.page.getByRole("alert").getByText(bob.person.say("over.missed")));
  await bob.sees();
  await bob.person.photographs("wake-too-late-desktop");
});

it("beside a page that the user sees nothing else rings, and one that rings unseen shows a notification", async () => {
  const [ann, owner] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Bea", service)]);
  await owner.turnsOn();
  await ann.calls("Bea");
  await owner.person.hearsRing("Ann");
  const inviteID = (await ann.page.evaluate(() => sessionStorage.getItem("wigwag.calling"))) ?? "";
  await owner.isPushed(ring({ inviteID, userID: "Bea", id: "a push that was late" }));
  expect(await owner.shown()).toEqual([]);

  await looksAway(owner.person, true);
  await owner.sees({ title: "Ann wants to see you", body: "Click to answer.", stays: true });
  expect(await owner.presses()).toBe("focused");
  await looksAway(owner.person, false);
  await owner.sees();
  await owner.person.hearsRing("Ann");
  await looksAway(owner.person, true);
  await owner.sees({ title: "Ann wants to see you", body: "Click to answer.", stays: true });
  await ann.presses("Cancel");
  await owner.sees();
});

it("whoever signs out is not rung for whoever uses the browser next, and nothing of them is left", async () => {
  const [ann, owner] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Dave", service)]);
  await owner.turnsOn();
  await owner.isPushed(ring({ inviteID: "i", userID: "Dave" }));
  expect(await owner.shown()).toHaveLength(1);
  await owner.person.presses("Sign out");
  await owner.person.sees(owner.person.page.getByLabel("Your name"));
  await owner.isLetGo();
  await owner.hasLeft();
  await owner.person.page.reload();
  await owner.person.sees(owner.person.page.getByLabel("Your name"));

  const carol = await Sleeper.next(owner, "Carol");
  await carol.opensMenu();
  await carol.person.sees(carol.person.page.getByText(carol.person.say("wake.offMore")));
  await carol.person.photographs("wake-off-desktop");
  await carol.person.page.keyboard.press("Escape");
  await carol.turnsOn();
  await carol.isPushed(ring({ inviteID: "of-dave", userID: "Dave" }));
  expect(await carol.shown()).toEqual([]);
  await carol.sleeps();
  await ann.turnsTo("Dave");
  await ann.presses("Video call to Dave");
  await ann.sees(ann.page.getByRole("dialog").getByText("Dave cannot be reached now"));
  await ann.presses("Cancel");
  await ann.closes();
  await ann.calls("Carol");
  // Dave has no registration, so the first push is not his.
  expect(await carol.isWoken()).toMatchObject({ type: "ring", userID: "Carol" });
  expect(carol.person.flaws).toEqual([]);
});

it("another key of the server's and another subscription of the browser's are registered, with and without a page", async () => {
  const [ann, owner] = await Promise.all([world.person("Ann"), Sleeper.of(world, "Eve", service)]);
  await owner.turnsOn();
  // As if the operator had changed the keys since.
  await owner.person.page.evaluate(() => localStorage.setItem("test.subscribedWith", "[1]"));
  await owner.person.page.reload();
  await owner.person.isOnline();
  await owner.opensMenu();
  await owner.person.sees(owner.person.page.getByText(owner.person.say("wake.onMore")));
  await owner.sleeps();
  await ann.calls("Eve");
  expect((await service.next()).path).toBe("/2");
  await ann.presses("Cancel");
  expect((await service.next()).path).toBe("/2");
  await ann.closes();

  await owner.losesSubscription("/2");
  await ann.calls("Eve");
  expect((await service.next()).path).toBe("/renewed");
});

it("turned on by another user's tab, or turned off in another of one's own, it is off", async () => {
  const owner = await Sleeper.of(world, "Finn", service);
  const firsts = owner.person.page;
  await owner.person.opensTab();
  const carol = await Sleeper.next(owner, "Carol");
  owner.person.page = firsts;
  await owner.turnsOn();
  await carol.opensMenu();
  await carol.chooses("on");
  await carol.person.sees(carol.person.page.getByText(carol.person.say("wake.onMore")));
  await owner.person.sees(firsts.getByText(owner.person.say("wake.offMore")));
  await owner.chooses("on");
  await carol.person.sees(carol.person.page.getByText(carol.person.say("wake.offMore")));

  // A new tab comes in as Finn, for whom this browser rings.
  await owner.person.opensTab();
  await owner.person.isOnline();
  await owner.opensMenu();
  await owner.person.sees(owner.person.page.getByText(owner.person.say("wake.onMore")));
  await owner.chooses("off");
  await owner.person.sees(firsts.getByText(owner.person.say("wake.offMore")));
  await owner.isLetGo();
  expect(carol.person.flaws).toEqual([]);
});

it("a token is kept for the page that is opened next, and a sign-in that the server takes no more is let go", async () => {
  const strict = await World.start({ dev: false, env: WAKES });
  try {
    const bob = await Sleeper.outside(strict, "bob", service);
    const token = strict.server.token("bob");
    await bob.person.page.getByLabel("User ID").fill("bob");
    await bob.person.page.getByLabel("Token (UserSig or JWT)").fill(token);
    await bob.person.presses("Come in");
    await bob.person.isOnline();
    await bob.turnsOn();
    await bob.sleeps();
    await bob.person.opensTab();
    await bob.person.isOnline();
    await bob.sleeps();
    await takesTokensBack(strict, "bob");
    await expect.poll(() => isRefused(strict, token), { timeout: PATIENCE_MS }).toBe(true);
    await bob.person.opensTab();
    await bob.person.reads(bob.person.say("signIn.refused"));
    await bob.isLetGo();
    await bob.person.page.reload();
    await bob.person.sees(bob.person.page.getByLabel("User ID"));
    expect(await bob.person.page.getByText(bob.person.say("signIn.refused")).count()).toBe(0);
    await strict.clear();
  } finally {
    await strict.end();
  }
});

it("nobody is asked at load, and whoever says no is told what to do", async () => {
  const ann = await world.stranger("Ann");
  await ann.context.addInitScript(() => {
    const counted = window as { asked?: number };
    counted.asked = 0;
    let permission: NotificationPermission = "default";
    Object.defineProperty(Notification, "permission", { get: () => permission });
    Notification.requestPermission = async () => {
      counted.asked = (counted.asked ?? 0) + 1;
      permission = "denied";
      return permission;
    };
  });
  await ann.page.reload();
  await ann.signsIn();
  await ann.presses(ann.say("me.menu", { name: "Ann" }));
  await ann.sees(ann.page.getByText(ann.say("wake.offMore")));
  const asked = () => ann.page.evaluate(() => (window as { asked?: number }).asked);
  expect(await asked()).toBe(0);
  await ann.page.getByRole("radio", { name: "Ring", exact: true }).click({ force: true });
  await ann.sees(ann.page.getByText(ann.say("wake.denied")));
  expect(await asked()).toBe(1);
  expect(await ann.page.getByRole("radio", { name: "Ring", exact: true }).count()).toBe(0);
  await ann.photographs("wake-denied-desktop");
});

it("a browser that cannot, and a server that is not set up, are said", async () => {
  const ann = await world.stranger("Ann");
  await ann.context.addInitScript(() => Reflect.deleteProperty(window, "PushManager"));
  await ann.page.reload();
  await ann.signsIn();
  await ann.presses(ann.say("me.menu", { name: "Ann" }));
  await ann.sees(ann.page.getByText(ann.say("wake.unsupported")));

  const bo = await world.stranger("Bo", { locale: CHINESE });
  await bo.context.addInitScript(() => {
    Reflect.deleteProperty(window, "PushManager");
    // What browsers of iPhones say of a page that is not on the Home Screen.
    Object.defineProperty(navigator, "standalone", { value: false });
  });
  await bo.page.reload();
  await bo.signsIn();
  await bo.page.setViewportSize(PHONE);
  await bo.presses(bo.say("me.menu", { name: "Bo" }));
  await bo.sees(bo.page.getByText(bo.say("wake.notInstalled")));
  await bo.photographs("wake-not-installed-phone");

  const plain = await World.start();
  try {
    const bob = await plain.person("Bob", { permissions: ["notifications"] });
    await bob.presses(bob.say("me.menu", { name: "Bob" }));
    await bob.sees(bob.page.getByText(bob.say("wake.notSetUp")));
    await plain.clear();
  } finally {
    await plain.end();
  }
});

/** As the operator does it. A new key counts within a second. */
async function takesTokensBack({ server }: World, userID: string): Promise<void> {
  const headers = { Authorization: `Bearer ${server.key("shop", "tokens")}` };
  const ask = async () =>
    (await fetch(`http://127.0.0.1:${server.port}/v1/users/${userID}/tokens`, { method: "DELETE", headers })).status;
  await expect.poll(ask, { timeout: PATIENCE_MS }).toBe(200);
}

/** Whether the server lets nobody in with this token: it learns within a second of what was taken back. */
async function isRefused({ server }: World, token: string): Promise<boolean> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/v1/ws`);
  try {
    await once(socket, "open");
    const answered = once(socket, "message");
    const params = { token, deviceID: "probe", platform: 7 };
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.open", params }));
    const [answer] = await answered;
    return "error" in JSON.parse(String(answer));
  } finally {
    socket.close();
  }
}

/** A push as the server makes it. */
function ring(more: { inviteID: string; userID: string; id?: string; deadline?: number }): string {
  const call = { callID: more.inviteID, roomID: "r", mediaType: "video" };
  return JSON.stringify({ type: "ring", id: "psh", inviter: "Ann", createdAt: 1, deadline: Date.now() + 60_000, call, ...more });
}

/** The user goes to another tab, or comes back. */
async function looksAway({ page }: Person, away: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    },
    away ? "hidden" : "visible",
  );
}
