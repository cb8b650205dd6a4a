import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Server } from "../server.js";
import { standInForBrowser } from "./callEngine.js";
import { MediaClients } from "./mediaClients.js";
import { OLDER_ENGINES, OlderCaller } from "./olderEngines.js";
import { People } from "./people.js";

const VIDEO = 2;

let server: Server;
let people: People;
let callers: OlderCaller[] = [];
const rooms = new MediaClients();
beforeAll(async () => {
  standInForBrowser();
  server = await Server.start();
  people = new People(server);
});
afterEach(async () => {
  await Promise.all(callers.map((caller) => caller.rests()));
  callers = [];
});
afterAll(async () => {
  await people.end();
  await server.end();
});

describe.each(Object.entries(OLDER_ENGINES))("%s", (name, engineOf) => {
  const idOf = (userID: string) => `${name.split("-")[0]}-${userID}`;
  /** Somebody with the engine, signed in. */
  const caller = (userID: string) => {
    const person = people.person(idOf(userID));
    const made = new OlderCaller(person, engineOf(person, rooms));
    callers.push(made);
    return made.ready();
  };

  test("calls, and they talk until one hangs up", async () => {
    const [ada, bob] = await Promise.all([caller("ada"), caller("bob")]);
    await ada.engine.call({ userID: idOf("bob"), type: VIDEO, roomID: 1 });
    await bob.hears("onInvited");
    await bob.engine.accept();
    await Promise.all([ada.hears("onUserEnter"), bob.hears("onUserEnter")]);
    await bob.engine.hangup();
    await ada.hears("onCallEnd");
  });

  test("is declined", async () => {
    const [cora, dan] = await Promise.all([caller("cora"), caller("dan")]);
    await cora.engine.call({ userID: idOf("dan"), type: VIDEO, roomID: 2 });
    await dan.hears("onInvited");
    await dan.engine.reject();
    expect(await cora.hears("onReject")).toMatchObject({ userID: idOf("dan") });
  });

  test("takes it back", async () => {
    const [eve, fay] = await Promise.all([caller("eve"), caller("fay")]);
    await eve.engine.call({ userID: idOf("fay"), type: VIDEO, roomID: 3 });
    await fay.hears("onInvited");
    await eve.engine.hangup();
    await fay.hears("onCallingCancel");
  });

  // The other rings for 30 s, whatever it is told.
  test.runIf(name.startsWith("tuicall"))("is told that nobody answers", async () => {
    const [gus, hal] = await Promise.all([caller("gus"), caller("hal")]);
    await gus.engine.call({ userID: idOf("hal"), type: VIDEO, roomID: 4, timeout: 2 });
    await hal.hears("onInvited");
    await Promise.all([hal.hears("onCallingCancel"), gus.hears("onNoResp")]);
  });

  test.runIf(name.startsWith("tuicall"))("is told that nobody answers who is not there", async () => {
    await server.knows(idOf("liz"));
    const max = await caller("max");
    await max.engine.call({ userID: idOf("liz"), type: VIDEO, roomID: 7, timeout: 2 });
    await max.hears("onNoResp");
  });

  // It rings for 30 s, whatever it is told, and waits 5 s more before it says so.
  test.runIf(name.startsWith("trtc-calling"))("says NO_RESP of somebody who is not there", async () => {
    await server.knows(idOf("liz"));
    const max = await caller("max");
    const { NO_RESP = "" } = max.engine.events;
    await max.engine.call({ userID: idOf("liz"), type: VIDEO, roomID: 7 });
    await expect.poll(() => max.heard(NO_RESP), { timeout: 60_000 }).toHaveLength(1);
    expect(max.heard(NO_RESP)[0]).toMatchObject({ userIDList: [idOf("liz")] });
  });

  test("is told that somebody is in a call", async () => {
    const [ian, joe, kit] = await Promise.all([caller("ian"), caller("joe"), caller("kit")]);
    await ian.engine.call({ userID: idOf("joe"), type: VIDEO, roomID: 5 });
    await joe.hears("onInvited");
    await joe.engine.accept();
    await ian.hears("onUserEnter");
    await kit.engine.call({ userID: idOf("joe"), type: VIDEO, roomID: 6 });
    await kit.hears("onLineBusy");
  });
});
