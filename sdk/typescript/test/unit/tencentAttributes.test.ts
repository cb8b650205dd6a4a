import { expect, test } from "vitest";
import type { Wigwag } from "../../src/index.js";
import type { Account } from "../../src/tencent/account.js";
import { Attributes } from "../../src/tencent/attributes.js";
import { EVENT } from "../../src/tencent/constants.js";
import { Listeners } from "../../src/tencent/listeners.js";
import type { Attributes as Board, GroupSetAttributes } from "../../src/wire/index.js";

const groupID = "room";

/** A board whose one attribute says its version. */
const board = (version: number, fields: Partial<Board> = {}): Board => ({
  version,
  attributes: { topic: `tea ${version}` },
  ...fields,
});

/** The attributes of somebody who is signed in, with a server that answers when the test says so. */
class World {
  /** What the app was told: the topic, or a counter. */
  readonly told: string[] = [];
  readonly sent: GroupSetAttributes[] = [];
  readonly attributes: Attributes;
  readonly #reads: ((read: Board | Error) => void)[] = [];
  readonly #listeners = new Map<string, (event: object) => unknown>();

  constructor() {
    const client = {
      on: (name: string, listener: (event: object) => unknown) => this.#listeners.set(name, listener),
      groups: {
        attributes: () =>
          new Promise<Board>((resolve, reject) => {
            this.#reads.push((read) => (read instanceof Error ? reject(read) : resolve(read)));
          }),
        setAttributes: async (wish: GroupSetAttributes) => {
          this.sent.push(wish);
          return { time: 0, version: 9, counters: {} };
        },
      },
    } as unknown as Wigwag;
    const listeners = new Listeners();
    listeners.on(EVENT.GROUP_ATTRIBUTES_UPDATED, ({ data }) => this.told.push(data.groupAttributes.topic ?? "nothing"));
    listeners.on(EVENT.GROUP_COUNTER_UPDATED, ({ data }) => this.told.push(`${data.key}: ${data.value}`));
    this.attributes = new Attributes({ client: () => client } as unknown as Account, listeners);
    this.attributes.begins(client);
  }

  /** What is heard is followed at once, as far as it needs no read. */
  hears(name: string, event: object): void {
    this.#listeners.get(name)?.({ groupID, ...event });
  }

  changes(version: number, fields: object = { set: { topic: `tea ${version}` } }): void {
    this.hears("group.attributesChanged", { by: "bob", version, ...fields });
  }

  reads(): Promise<unknown> {
    return this.attributes.getGroupAttributes({ groupID }).then(({ data }) => data.groupAttributes.topic);
  }

  /** Answers the read of this number; what waits for it has gone on when this resolves. */
  async answers(number: number, read: Board | Error): Promise<void> {
    this.#reads[number]?.(read);
    await new Promise(setImmediate);
  }

  async knows(version: number): Promise<World> {
    const read = this.reads();
    await this.answers(0, board(version));
    await read;
    return this;
  }
}

test("a slow read does not bring back what has been overtaken by an event", async () => {
  const world = await new World().knows(1);
  const read = world.reads();
  world.changes(2);
  await world.answers(1, board(1));
  expect(await read, "what is known by now").toBe("tea 2");
  world.changes(3);
  expect(world.told).toEqual(["tea 2", "tea 3"]);
});

test("of two reads that cross the newer board stays, whichever is answered last", async () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const world = await new World().knows(1);
    const reads = [world.reads(), world.reads()];
    for (const number of order) {
      await world.answers(number, board(number * 10));
    }
    await Promise.all(reads);
    world.changes(21);
    expect(world.told.slice(-2), `answered ${order}`).toEqual(["tea 20", "tea 21"]);
  }
});

test("a read that nothing came before is believed whatever its version: the group may be a new one of the name", async () => {
  const world = await new World().knows(10);
  world.hears("state", { status: "open" });
  await world.answers(1, board(0, { attributes: {} }));
  world.changes(1);
  expect(world.told).toEqual(["nothing", "tea 1"]);
});

test("what is read of a group that was dismissed meanwhile is not kept", async () => {
  const world = await new World().knows(4);
  const read = world.reads();
  world.hears("group.dismissed", { by: "bob" });
  await world.answers(1, board(5));
  expect(await read).toBe("tea 5");
  world.changes(1);
  expect(world.told, "of the new group of the name").toEqual(["tea 1"]);
});

test("of a group that is only being read no version is named that there never was", () => {
  const world = new World();
  world.changes(7);
  void world.attributes.setGroupAttributes({ groupID, groupAttributes: { seat: "me" } });
  expect(world.sent).toEqual([{ groupID, set: { seat: "me" }, replace: false, ifVersion: 0 }]);
});

test("what cannot be read is read with the next event", async () => {
  const world = await new World().knows(1);
  world.changes(3);
  await world.answers(1, new Error("the line is down"));
  world.changes(4);
  await world.answers(2, board(4));
  expect(world.told).toEqual(["tea 4"]);
});

test("a counter is told when it has another value, and only then", async () => {
  const world = await new World().knows(1);
  world.changes(2, { counters: { likes: 2, constructor: 1 } });
  world.changes(3);
  world.changes(4, { counters: { likes: 5 } });
  await world.answers(1, board(4));
  expect(world.told).toEqual(["likes: 2", "constructor: 1", "tea 3", "likes: 5"]);
});
