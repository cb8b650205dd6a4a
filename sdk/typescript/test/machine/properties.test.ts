import { expect, test } from "vitest";
import type { Input } from "../../src/machine/border.js";
import { cursorOf } from "../../src/machine/heard.js";
import { Machine } from "../../src/machine/machine.js";
import { Dice } from "./dice.js";

/** What the world does next. */
const STEPS = [
  /** Somebody else makes an event for the user. */
  [4, "elsewhere"],
  /** The app gives a command that may be repeated. */
  [2, "repeatable"],
  /** The app gives a command that may not. */
  [1, "unrepeatable"],
  /** A frame reaches the server. */
  [6, "up"],
  /** A frame reaches the client. */
  [10, "down"],
  /** The server sends an event a second time. */
  [1, "double"],
  /** The connection breaks; what is on its way is lost. */
  [1, "break"],
  /** Time runs to the machine's next wish. */
  [2, "wake"],
  /** The network may have changed. */
  [1, "nudge"],
] as const;

/** One stream, one client. A command makes an event; its reply stands for it on the connection that asked. */
class Server {
  head = 0;
  open = false;
  down: string[] = [];
  /** First replies by idempotency key. */
  readonly replies = new Map<number, number>();
  readonly executions = new Map<number, number>();

  elsewhere(): void {
    this.head += 1;
    if (this.open) {
      this.down.push(event(this.head));
    }
  }

  hears(text: string): void {
    const { id, method, params } = JSON.parse(text);
    switch (method) {
      case "session.open":
        return this.#opens(id, params.cursor ?? this.head);
      case "session.ack":
        expect(params.cursor).toBeLessThanOrEqual(this.head);
        return id === undefined ? undefined : this.#says({ id, result: { time: 1 } });
      default:
        return this.#acts(id, params.key);
    }
  }

  #opens(id: number, cursor: number): void {
    this.open = true;
    this.#says({
      id,
      result: { userID: "a", time: 1, cursor, head: this.head, pingInterval: 30, limits: { frameBytes: 9_999 } },
    });
    for (let next = cursor + 1; next <= this.head; next++) {
      this.down.push(event(next));
    }
    if (cursor < this.head) {
      this.#says({ method: "session.caughtUp", params: { cursor: this.head } });
    }
  }

  #acts(id: number, key: number): void {
    if (!this.replies.has(key)) {
      this.head += 1;
      this.replies.set(key, this.head);
      this.executions.set(key, (this.executions.get(key) ?? 0) + 1);
    }
    this.#says({ id, result: { cursor: this.replies.get(key), time: 1 } });
  }

  #says(frame: object): void {
    this.down.push(JSON.stringify(frame));
  }
}

function event(cursor: number): string {
  return JSON.stringify({ method: "event", params: { cursor, time: 1, type: "user.blocked", userID: "eve" } });
}

/** A machine against a model server over a connection that breaks, delays and doubles, in random order. */
class World {
  readonly server = new Server();
  readonly commands: number[] = [];
  readonly settled = new Map<number, number>();
  readonly replied: number[] = [];
  readonly told: number[] = [];
  readonly machine: Machine;
  #up: string[] = [];
  #dialled = false;
  #open = false;
  #now = 0;

  constructor(dice: Dice) {
    this.machine = new Machine({
      deviceID: "d",
      platform: 7,
      place: { userID: "a", cursor: 0 },
      renewsToken: false,
      // Longer than any run, so that every command gets the reply it waits for.
      requestTimeoutMs: 1e12,
      ownActs: () => false,
      reconnectMs: [500, 30_000],
      random: dice.next,
    });
    this.#gives({ kind: "start" });
    this.#gives({ kind: "token", token: "t" });
  }

  takes(step: (typeof STEPS)[number][1]): void {
    switch (step) {
      case "elsewhere":
        return this.server.elsewhere();
      case "repeatable":
        return this.#commands("signaling.accept");
      case "unrepeatable":
        return this.#commands("group.join");
      case "up":
        return this.#upGoes();
      case "down":
        return this.#downComes();
      case "double":
        if (this.server.open && this.server.head > 0) {
          this.server.down.push(event(this.server.head));
        }
        return;
      case "break":
        return this.#breaks();
      case "wake":
        return this.#wakes();
      case "nudge":
        return this.#gives({ kind: "nudge" });
    }
  }

  /** The network behaves until nothing more happens. */
  comesToRest(): void {
    for (let round = 0; round < 10_000; round++) {
      if (this.#up.length === 0 && this.server.down.length === 0) {
        if (this.#open && this.commands.every((request) => this.settled.has(request))) {
          return;
        }
        this.#wakes();
      }
      this.#upGoes();
      this.#downComes();
    }
    throw new Error("never at rest");
  }

  #commands(method: "signaling.accept" | "group.join"): void {
    const params = JSON.stringify({ key: this.commands.length });
    this.commands.push(this.machine.command(method, params, this.#now));
    this.#carriesOut();
  }

  #gives(input: Input): void {
    this.machine.handle(input, this.#now);
    this.#carriesOut();
  }

  #carriesOut(): void {
    for (let output = this.machine.poll(); output !== undefined; output = this.machine.poll()) {
      switch (output.kind) {
        case "connect":
          this.#dialled = true;
          break;
        case "disconnect":
          this.#cut();
          break;
        case "send":
          this.#up.push(output.text);
          break;
        case "event":
          this.told.push(output.event.cursor);
          break;
        case "state":
          this.#open = output.state.status === "open";
          break;
        case "settle":
          this.settled.set(output.request, (this.settled.get(output.request) ?? 0) + 1);
          this.replied.push(...[cursorOf(output.outcome)].filter((cursor) => cursor !== undefined));
          break;
      }
    }
  }

  #cut(): void {
    this.#up = [];
    this.server.down = [];
    this.server.open = false;
    this.#dialled = false;
  }

  #upGoes(): void {
    const text = this.#up.shift();
    if (text !== undefined) {
      this.server.hears(text);
    }
  }

  #downComes(): void {
    const text = this.server.down.shift();
    if (text !== undefined) {
      this.#gives({ kind: "frame", text });
    }
  }

  #breaks(): void {
    this.#cut();
    this.#gives({ kind: "disconnected", why: "cut" });
  }

  #wakes(): void {
    if (this.#dialled) {
      this.#dialled = false;
      return this.#gives({ kind: "connected" });
    }
    const wake = this.machine.nextWake() ?? Infinity;
    if (wake < 1e11) {
      this.#now = Math.max(this.#now, wake);
      this.#gives({ kind: "timePassed" });
    }
  }
}

/** 300 worlds, or the one that WIGWAG_SEED names. */
const given = process.env.WIGWAG_SEED;
const first = given === undefined ? Date.now() % 2 ** 31 : Number(given);
const seeds = Array.from({ length: given === undefined ? 300 : 1 }, (_, index) => first + index);

test(`every event is told once, in order, and every command settles once (WIGWAG_SEED=${first} …)`, () => {
  for (const seed of seeds) {
    const dice = new Dice(seed);
    const world = new World(dice);
    for (let step = 0; step < 200; step++) {
      world.takes(dice.pick(STEPS));
    }
    world.comesToRest();

    const hint = `WIGWAG_SEED=${seed}`;
    expect(world.told, hint).toEqual([...new Set(world.told)].sort((one, other) => one - other));
    const known = new Set([...world.told, ...world.replied]);
    const whole = Array.from({ length: world.server.head }, (_, index) => index + 1);
    expect(
      [...known].sort((one, other) => one - other),
      `${hint}: the stream has a hole`,
    ).toEqual(whole);
    expect(world.machine.place?.cursor, hint).toBe(world.server.head);
    expect(
      world.commands.map((request) => world.settled.get(request)),
      hint,
    ).toEqual(world.commands.map(() => 1));
    expect(
      [...world.server.executions.values()].every((count) => count === 1),
      hint,
    ).toBe(true);
  }
});
