import { expect } from "vitest";
import { encode, isObject } from "../../src/check.js";
import type { Input, Output, StreamPlace } from "../../src/machine/border.js";
import { Machine } from "../../src/machine/machine.js";
import type { Method, Platform } from "../../src/wire/index.js";

/** A story of one client (spec/vectors/client/README.md). */
export interface Story {
  about: string;
  client: { userID?: string; deviceID: string; platform: Platform; place?: StreamPlace; ownActs?: boolean };
  steps: StoryStep[];
}

type Json = Record<string, unknown>;

/** A step of a story, by its first field. */
export type StoryStep =
  // What the client gets.
  | { token: string }
  | { connected: true }
  | { receives: Json }
  | { disconnected: number }
  | { passes: number }
  // What the app does.
  | { commands: string; method: Method; params: Json }
  | { full: boolean }
  // What the client does.
  | Deed
  // What it knows.
  | { place: StreamPlace }
  | { book: Record<string, Json | null> }
  | { calls: Record<string, Json | null> };

type Deed =
  | { asks: "token" | "connection" }
  | { sends: Json }
  | { drops: "connection" }
  | {
      tells:
        | { state: string }
        | { event: Json }
        | { resync: string; openInvitations: Json[] }
        | { ringOver: string }
        | { status: Json };
    }
  | { settles: string; result?: Json; error?: string };

/** Replays a story for a machine, with a clock of its own. */
export class Teller {
  readonly #machine: Machine;
  readonly #ids = new Map<string, unknown>();
  readonly #commands = new Map<number, string>();
  /** What the client has done and the story has not told yet. */
  #deeds: Deed[] = [];
  #now = 1_000;

  constructor({ client }: Story) {
    const { ownActs = false, ...settings } = client;
    this.#machine = new Machine({
      ...settings,
      ownActs: () => ownActs,
      renewsToken: () => true,
      requestTimeoutMs: 10_000,
      reconnectMs: [500, 30_000],
      random: () => 0.5,
    });
    this.#gives({ kind: "start" });
  }

  tells(steps: readonly StoryStep[]): void {
    for (const [number, step] of steps.entries()) {
      try {
        this.#takes(step);
      } catch (thrown) {
        throw new Error(`step ${number}, ${JSON.stringify(step)}: ${thrown instanceof Error ? thrown.message : thrown}`, {
          cause: thrown,
        });
      }
    }
    this.#isQuiet();
  }

  #takes(step: StoryStep): void {
    if ("place" in step) {
      expect(this.#machine.place ?? null).toEqual(step.place);
    } else if ("book" in step) {
      this.#knows(step.book);
    } else if ("calls" in step) {
      this.#knowsCalls(step.calls);
    } else if (isDeed(step)) {
      this.#did(step);
    } else {
      this.#isQuiet();
      this.#happens(step);
    }
  }

  #happens(step: Exclude<StoryStep, Deed | { place: StreamPlace } | { book: unknown } | { calls: unknown }>): void {
    if ("token" in step) {
      this.#gives({ kind: "token", token: step.token });
    } else if ("connected" in step) {
      this.#gives({ kind: "connected" });
    } else if ("receives" in step) {
      this.#gives({ kind: "frame", text: JSON.stringify(this.#named(step.receives)) });
    } else if ("disconnected" in step) {
      this.#gives({ kind: "disconnected", code: step.disconnected || undefined, why: "the story says so" });
    } else if ("full" in step) {
      this.#gives({ kind: step.full ? "full" : "room" });
    } else if ("passes" in step) {
      this.#passes(step.passes);
    } else {
      const request = this.#machine.command(step.method, encode(step.method, step.params), this.#now);
      this.#commands.set(request, step.commands);
      this.#collects();
    }
  }

  #passes(ms: number): void {
    const until = this.#now + ms;
    for (let wake = this.#machine.nextWake(); wake !== undefined && wake <= until; wake = this.#machine.nextWake()) {
      this.#now = Math.max(this.#now, wake);
      this.#gives({ kind: "timePassed" });
    }
    this.#now = until;
    this.#gives({ kind: "timePassed" });
  }

  #gives(input: Input): void {
    this.#machine.handle(input, this.#now);
    this.#collects();
  }

  #collects(): void {
    for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) {
      this.#deeds.push(this.#deedOf(output));
    }
  }

  #deedOf(output: Output): Deed {
    switch (output.kind) {
      case "fetchToken":
        return { asks: "token" };
      case "connect":
        return { asks: "connection" };
      case "disconnect":
        return { drops: "connection" };
      case "send":
        return { sends: JSON.parse(output.text) };
      case "state":
        return { tells: { state: output.state.status } };
      case "event":
        return { tells: { event: { ...output.event, ...(output.own === undefined ? {} : { own: true }) } } };
      case "resync":
        return { tells: { resync: output.resync.why, openInvitations: output.resync.openInvitations as object[] as Json[] } };
      case "ringOver":
        return { tells: { ringOver: output.inviteID } };
      case "status":
        return { tells: { status: output.status as unknown as Json } };
      case "settle": {
        const { outcome, request } = output;
        const settles = this.#commands.get(request) ?? "";
        return "error" in outcome ? { settles, error: outcome.error.reason } : { settles, result: outcome.result as Json };
      }
    }
  }

  /** The next thing that the client did is this one; what a story need not tell is passed over. */
  #did(step: Deed): void {
    let deed = this.#deeds.shift();
    while (deed !== undefined && needsNoTelling(deed) && !matches(this.#bound(deed), this.#bound(step))) {
      deed = this.#deeds.shift();
    }
    if (deed !== undefined && "sends" in deed && "sends" in step) {
      this.#binds(step.sends.id, deed.sends.id);
    }
    expectLike(deed, this.#named(step));
  }

  #isQuiet(): void {
    expect(this.#deeds.filter((deed) => !needsNoTelling(deed))).toEqual([]);
    this.#deeds = [];
  }

  #binds(name: unknown, id: unknown): void {
    if (typeof name === "string" && name.startsWith("$") && !this.#ids.has(name)) {
      this.#ids.set(name, id);
    }
  }

  #named<T extends object>(step: T): T {
    return JSON.parse(JSON.stringify(step), (_, value) => this.#ids.get(value) ?? value);
  }

  #bound(deed: Deed): object {
    return "sends" in deed ? { sends: { method: deed.sends.method, hasID: "id" in deed.sends } } : deed;
  }

  #knows(book: Record<string, Json | null>): void {
    for (const [inviteID, expected] of Object.entries(book)) {
      const view = this.#machine.book.get(inviteID, this.#now);
      expectLike(view && { ...view, invitees: byUser(view.invitees) }, expected, inviteID);
    }
  }

  #knowsCalls(calls: Record<string, Json | null>): void {
    for (const [callID, expected] of Object.entries(calls)) {
      const view = this.#machine.book.calls.get(callID, this.#now);
      expectLike(view && { ...view, people: byUser(view.people) }, expected, callID);
    }
  }
}

function byUser(users: readonly { readonly userID: string; readonly state: string }[]): Record<string, string> {
  return Object.fromEntries(users.map(({ userID, state }) => [userID, state]));
}

function isDeed(step: StoryStep): step is Deed {
  return ["asks", "sends", "drops", "tells", "settles"].some((field) => field in step);
}

/** Acks that want no reply, and states. */
function needsNoTelling(deed: Deed): boolean {
  return "tells" in deed
    ? "state" in deed.tells
    : "sends" in deed && deed.sends.method === "session.ack" && !("id" in deed.sends);
}

function matches(deed: object, step: object): boolean {
  return JSON.stringify(deed) === JSON.stringify(step);
}

/** Fails unless `actual` has what the story names: objects may have more fields, lists are as long as it says, and null is nothing. */
function expectLike(actual: unknown, expected: unknown, what?: string): void {
  if (!isLike(actual, expected)) {
    // In vain, and with a picture of the difference.
    expect(actual, what).toEqual(expected);
    throw new Error(`${what} is not like ${JSON.stringify(expected)}`);
  }
}

function isLike(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, at) => isLike(actual[at], item));
  }
  if (isObject(expected)) {
    return isObject(actual) && Object.entries(expected).every(([field, value]) => isLike(actual[field], value));
  }
  return expected === null ? actual === undefined : actual === expected;
}
