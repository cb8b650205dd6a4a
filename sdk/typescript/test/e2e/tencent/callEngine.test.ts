import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreateOptions } from "../../../src/tencent/index.js";
import { Server } from "../server.js";
import { Caller, standInForBrowser } from "./callEngine.js";
import { MediaRooms } from "./mediaRooms.js";
import { People } from "./people.js";

const VIDEO = 2;

let server: Server;
let people: People;
const rooms = new MediaRooms();
beforeAll(async () => {
  standInForBrowser();
  server = await Server.start();
  people = new People(server);
});
afterAll(async () => {
  await people.end();
  await server.end();
});

/** Somebody with Tencent's call engine, signed in. */
const caller = (userID: string, options: Partial<CreateOptions> = {}) =>
  new Caller(people.person(userID, { groupSignaling: "invitees", ...options }), rooms).ready();

describe("tuicall-engine-webrtc calls tuicall-engine-webrtc", () => {
  test("and they talk until one hangs up", async () => {
    const [ada, bob] = await Promise.all([caller("ada"), caller("bob")]);
    await ada.engine.call({ userID: "bob", type: VIDEO, roomID: 1 });
    expect(await bob.hears("onCallReceived")).toMatchObject({
      callerId: "ada",
      calleeIdList: ["bob"],
      callMediaType: VIDEO,
      roomID: 1,
    });
    await bob.engine.accept();
    await Promise.all([ada.hears("onUserAccept"), ada.hears("onUserEnter"), ada.hears("onCallBegin"), bob.hears("onCallBegin")]);
    await bob.engine.hangup();
    await Promise.all([ada.hears("onCallEnd"), bob.hears("onCallEnd")]);
  });

  test("and is declined", async () => {
    const [cora, dan] = await Promise.all([caller("cora"), caller("dan")]);
    await cora.engine.call({ userID: "dan", type: VIDEO, roomID: 2 });
    await dan.hears("onCallReceived");
    await dan.engine.reject();
    expect(await cora.hears("onReject")).toMatchObject({ userID: "dan" });
  });

  test("and takes it back", async () => {
    const [eve, fay] = await Promise.all([caller("eve"), caller("fay")]);
    await eve.engine.call({ userID: "fay", type: VIDEO, roomID: 3 });
    await fay.hears("onCallReceived");
    await eve.engine.hangup();
    await fay.hears("onCallingCancel");
  });

  test("and nobody answers", async () => {
    const [gus, hal] = await Promise.all([caller("gus"), caller("hal")]);
    await gus.engine.call({ userID: "hal", type: VIDEO, roomID: 4, timeout: 2 });
    await hal.hears("onCallReceived");
    await Promise.all([hal.hears("onCallingCancel"), gus.hears("onNoResp")]);
  });

  test("and nobody is there to answer", async () => {
    await server.knows("liz");
    const max = await caller("max");
    await max.engine.call({ userID: "liz", type: VIDEO, roomID: 8, timeout: 2 });
    await max.hears("onNoResp");
  });

  test("and who is in a call is busy", async () => {
    const [ian, joe, kit] = await Promise.all([caller("ian"), caller("joe"), caller("kit")]);
    await ian.engine.call({ userID: "joe", type: VIDEO, roomID: 5 });
    await joe.hears("onCallReceived");
    await joe.engine.accept();
    await ian.hears("onCallBegin");
    await kit.engine.call({ userID: "joe", type: VIDEO, roomID: 6 });
    expect(await kit.hears("onLineBusy")).toMatchObject({ userID: "joe" });
  });
});

describe("in a group", () => {
  /** A group of these people, the first its owner. */
  async function groupOf(groupID: string, members: readonly string[]): Promise<void> {
    const owner = await people.ready(`${groupID}-owner`);
    for (const userID of members) {
      await people.ready(userID, { deviceID: "first" });
    }
    await owner.chat.createGroup({ type: "Public", groupID, name: groupID, memberList: members.map((userID) => ({ userID })) });
  }

  test("those who are invited ring, and nobody else", async () => {
    await groupOf("team", ["lou", "mia", "ned", "oda"]);
    const [lou, mia, ned, oda] = await Promise.all(["lou", "mia", "ned", "oda"].map((userID) => caller(userID)));
    if (lou === undefined || mia === undefined || ned === undefined || oda === undefined) {
      throw new Error("unreachable");
    }
    await lou.engine.groupCall({ userIDList: ["mia", "ned"], type: VIDEO, groupID: "team", roomID: 7 });
    await Promise.all([mia.hears("onCallReceived"), ned.hears("onCallReceived")]);
    await mia.engine.accept();
    await lou.hears("onUserAccept");
    await oda.hearsNo("onCallReceived");
    await ned.engine.reject();
    await lou.hears("onReject");
    await lou.engine.inviteUser({ userIDList: ["oda"] });
    await oda.hears("onCallReceived");
    await oda.engine.accept();
    await mia.hears("onUserEnter", ({ userID }) => userID === "oda");
  });
});
