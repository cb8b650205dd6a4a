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
  /** The app holds as many events as it may. */
  [1, "full"],
  /** The app holds fewer events again. */
  [1, "room"],
] as const;

/** One stream, one client. A command makes an event; its reply stands for it on the connection that asked. */
class Server {
  head = 0;
  open = false;
  down: string[] = [];
  /** Cursors of first replies by idempotency key. */
  readonly replies = new Map<number, number>();
  /** Invites by the cursor of their event. */
  readonly invites = new Map<number, string>();
  readonly executions = new Map<number, number>();

  elsewhere(): void {
    this.head += 1;
    if (this.open) {
      this.down.push(this.event(this.head));
    }
  }

  event(cursor: number): string {
    const inviteID = this.invites.get(cursor);
    const device = { deviceID: "d", platform: 7 };
    const invite = { type: "invitation.received", self: true, inviteID, inviter: "a", inviteeList: ["bob"], version: 1, device };
    const body = inviteID === undefined ? { type: "user.blocked", userID: "eve" } : invite;
    return JSON.stringify({ method: "event", params: { cursor, time: 1, ...body } });
  }

  hears(text: string): void {
    const { id, method, params } = JSON.parse(text);
    switch (method) {
      case "session.open":
        return this.#opens(id, params.cursor ?? this.head);
      case "signaling.listOpen":
        return this.#says({ id, result: { invitations: [...this.invites.values()].map(viewOf) } });
      case "session.ack":
        expect(params.cursor).toBeLessThanOrEqual(this.head);
        return id === undefined ? undefined : this.#says({ id, result: { time: 1 } });
      default:
        return this.#acts(id, params);
    }
  }

  #opens(id: number, cursor: number): void {
    this.open = true;
    this.#says({
      id,
      result: { userID: "a", time: 1, cursor, head: this.head, pingInterval: 30, limits: { frameBytes: 9_999 } },
    });
    for (let next = cursor + 1; next <= this.head; next++) {
      this.down.push(this.event(next));
    }
    if (cursor < this.head) {
      this.#says({ method: "session.caughtUp", params: { cursor: this.head } });
    }
  }

  #acts(id: number, { key, inviteID }: { key: number; inviteID?: string }): void {
    if (!this.replies.has(key)) {
      this.head += 1;
      this.replies.set(key, this.head);
      this.executions.set(key, (this.executions.get(key) ?? 0) + 1);
      if (inviteID !== undefined) {
        this.invites.set(this.head, inviteID);
      }
    }
    this.#says({ id, result: { cursor: this.replies.get(key), time: 1, ...(inviteID && { inviteID, version: 1 }) } });
  }

  #says(frame: object): void {
    this.down.push(JSON.stringify(frame));
  }
}

function viewOf(inviteID: string): object {
  return { inviteID, version: 1, status: "open", invitees: [{ userID: "bob", state: "pending" }] };
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

  constructor(dice: Dice, ownActs: boolean) {
    this.machine = new Machine({
      deviceID: "d",
      platform: 7,
      place: { userID: "a", cursor: 0 },
      renewsToken: () => false,
      // Longer than any run, so that every command gets the reply it waits for.
      requestTimeoutMs: 1e12,
      ownActs: () => ownActs,
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
        return this.#commands("signaling.invite");
      case "unrepeatable":
        return this.#commands("group.join");
      case "up":
        return this.#upGoes();
      case "down":
        return this.#downComes();
      case "double":
        if (this.server.open && this.server.head > 0) {
          this.server.down.push(this.server.event(this.server.head));
        }
        return;
      case "break":
        return this.#breaks();
      case "wake":
        return this.#wakes();
      case "nudge":
      case "full":
      case "room":
        return this.#gives({ kind: step });
    }
  }

  /** The network behaves until nothing more happens. */
  comesToRest(): void {
    this.#gives({ kind: "room" });
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

  #commands(method: "signaling.invite" | "group.join"): void {
    const key = this.commands.length;
    const params = JSON.stringify(method === "group.join" ? { key } : { key, inviteID: `i${key}`, invitee: "bob" });
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

test(`every event and every own act is told once, in order, and every command settles once (WIGWAG_SEED=${first} …)`, () => {
  for (const seed of seeds) {
    const dice = new Dice(seed);
    const ownActs = seed % 2 === 0;
    const world = new World(dice, ownActs);
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
    const invites = [...world.server.invites];
    expect(!ownActs || invites.every(([cursor]) => world.told.includes(cursor)), `${hint}: an own act was not told`).toBe(true);
    expect(
      invites.map(([, inviteID]) => world.machine.book.get(inviteID, 0)?.status),
      hint,
    ).toEqual(invites.map(() => "open"));
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
