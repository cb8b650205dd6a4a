import { expect } from "vitest";
import { Book } from "../../src/book/book.js";
import type { WigwagError } from "../../src/errors.js";
import type { State } from "../../src/events.js";
import type { Input, Output, Settings } from "../../src/machine/border.js";
import { Machine } from "../../src/machine/machine.js";
import type { Method } from "../../src/wire/index.js";

/** A machine with a clock and a notebook. */
export class World {
  readonly machine: Machine;
  now = 1_000;
  #state: State = { status: "idle" };

  constructor(settings: Partial<Settings> = {}, book = new Book()) {
    const defaults: Settings = {
      deviceID: "d",
      platform: 7,
      renewsToken: () => true,
      requestTimeoutMs: 10_000,
      ownActs: () => false,
      reconnectMs: [500, 30_000],
      random: () => 0.5,
    };
    this.machine = new Machine({ ...defaults, ...settings }, book);
  }

  /** One that was signed in before, and knows what was open. */
  static at(cursor: number, settings: Partial<Settings> = {}): World {
    const book = new Book();
    book.list([], book.edition, 0);
    return new World({ place: { userID: "alice", cursor }, ...settings }, book);
  }

  get state(): State {
    return this.#state;
  }

  gets(input: Input): Output[] {
    this.machine.handle(input, this.now);
    return this.#outputs();
  }

  hears(frame: object | string): Output[] {
    return this.gets({ kind: "frame", text: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  asks(method: Method, params = "{}"): { request: number; outputs: Output[] } {
    const request = this.machine.command(method, params, this.now);
    return { request, outputs: this.#outputs() };
  }

  passes(ms: number): Output[] {
    this.now += ms;
    return this.gets({ kind: "timePassed" });
  }

  wakes(): Output[] {
    this.now = this.machine.nextWake() ?? this.now;
    return this.gets({ kind: "timePassed" });
  }

  /** From nothing to a connection that is being made. */
  dials(): void {
    this.gets({ kind: "start" });
    this.gets({ kind: "token", token: "t" });
  }

  /** Signs in on a connection that is being made; gives what followed the reply. */
  opens(cursor: number, head = cursor, more: object = {}): Output[] {
    const [sent] = this.gets({ kind: "connected" });
    expect(sent).toMatchObject({ kind: "send", text: expect.stringContaining('"method":"session.open"') });
    return this.hears(opened(idOf(sent), cursor, head, more));
  }

  waitsAndOpens(cursor: number, head = cursor): Output[] {
    expect(this.wakes()).toContainEqual({ kind: "connect" });
    return this.opens(cursor, head);
  }

  isCut(code?: number): Output[] {
    return this.gets({ kind: "disconnected", code, why: "cut" });
  }

  #outputs(): Output[] {
    const outputs: Output[] = [];
    for (let output = this.machine.poll(); output !== undefined; output = this.machine.poll()) {
      outputs.push(output);
      if (output.kind === "state") {
        this.#state = output.state;
      }
    }
    return outputs;
  }
}

export function opened(id: number, cursor: number, head = cursor, more: object = {}): object {
  const limits = { dataBytes: 16_384, frameBytes: 65_536, invitees: 9, commandsPerSecond: 20, commandBurst: 40 };
  return { jsonrpc: "2.0", id, result: { userID: "alice", time: 1, cursor, head, pingInterval: 30, limits, ...more } };
}

export function event(cursor: number, more: object = {}): object {
  return { jsonrpc: "2.0", method: "event", params: { cursor, time: 5, type: "user.blocked", userID: "eve", ...more } };
}

export function caughtUp(cursor: number): object {
  return { jsonrpc: "2.0", method: "session.caughtUp", params: { cursor } };
}

export function done(id: number, cursor: number): object {
  return { jsonrpc: "2.0", id, result: { cursor, time: 1 } };
}

export function refusal(id: number, reason: string, retryable = false, more: object = {}): object {
  return { jsonrpc: "2.0", id, error: { code: 1, message: "no", data: { reason, retryable, ...more } } };
}

export function idOf(output: Output | undefined): number {
  return output?.kind === "send" ? JSON.parse(output.text).id : Number.NaN;
}

export function toldCursors(outputs: Output[]): number[] {
  return outputs.flatMap((output) => (output.kind === "event" ? [output.event.cursor] : []));
}

export function sentIDs(outputs: Output[]): number[] {
  return outputs.filter((output) => output.kind === "send").map(idOf);
}

export function settled(outputs: Output[]): { request: number; error?: WigwagError }[] {
  return outputs.flatMap((output) => {
    if (output.kind !== "settle") {
      return [];
    }
    const { request, outcome } = output;
    return "error" in outcome ? [{ request, error: outcome.error }] : [{ request }];
  });
}

export function hangsUp(outputs: Output[]): boolean {
  return outputs.some((output) => output.kind === "disconnect");
}
