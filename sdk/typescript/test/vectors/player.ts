import { expect } from "vitest";
import { encode } from "../../src/check.js";
import { WigwagError } from "../../src/errors.js";
import type { Output, StreamPlace } from "../../src/machine/border.js";
import { Machine } from "../../src/machine/machine.js";
import { type Method, PARAM_KINDS, type SessionOpen } from "../../src/wire/index.js";
import { frameOf, Placeholders, type Refusal, type Step, type Vector } from "./frames.js";

/** What a player saw, so that a test can tell that it was not idle. */
export const seen = { sent: 0, byHand: 0, refusedHere: 0, told: 0, settled: 0, resumed: 0, stopped: 0 };

/** Plays the server of a conversation for machines, and their app. */
export class Player {
  readonly #placeholders = new Placeholders();
  readonly #connections = new Map<string, Connection>();
  readonly #vector: Vector;

  constructor(vector: Vector) {
    this.#vector = vector;
  }

  plays(): void {
    for (const [number, step] of this.#vector.steps.entries()) {
      const name = step.connect ?? step.send ?? step.receive ?? step.closed ?? step.disconnect ?? "";
      const connection = this.#connections.get(name) ?? new Connection();
      this.#connections.set(name, connection);
      try {
        this.#takes(connection, step, number);
      } catch (thrown) {
        throw new Error(`step ${number} of ${name}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown });
      }
    }
  }

  #takes(connection: Connection, step: Step, number: number): void {
    if (step.send !== undefined) {
      connection.sends(this.#placeholders.filled(frameOf(step)) as Step["frame"], this.#refusal(number));
    } else if (step.receive !== undefined) {
      connection.hears(this.#placeholders.filled(step.frame) as NonNullable<Step["frame"]>);
    } else if (step.closed !== undefined || step.disconnect !== undefined) {
      connection.ends(step.code);
    }
  }

  /** What the server answers to the frame sent in this step, if it refuses it. */
  #refusal(number: number): Refusal | undefined {
    const step = this.#vector.steps[number];
    const later = this.#vector.steps.slice(number + 1);
    const answer = later.find((one) => one.receive === step?.send && one.frame?.id === frameOf(step)?.id);
    return answer?.frame?.error;
  }
}

/** One device: a machine, as long as the conversation does what an SDK would do, else frames by hand. */
class Connection {
  #machine: Machine | undefined;
  #deviceID = "";
  #outputs: Output[] = [];
  /** Requests of the machine's by the ids of the conversation. */
  #requests = new Map<unknown, number>();
  #open = false;
  #stopped = false;

  sends(frame: Step["frame"], refusal: Refusal | undefined): void {
    const { jsonrpc, id, method, params = {} } = frame ?? {};
    const isRequest = jsonrpc === "2.0" && id !== undefined;
    if (method === "session.open" && !this.#open) {
      this.#opens(id, params as unknown as SessionOpen);
    } else if (method === "session.close") {
      this.#gives({ kind: "stop", why: new WigwagError("closed", "asked") });
      this.#sentIs("session.close", {});
      this.#open = false;
      this.#stopped = true;
    } else if (
      isRequest &&
      this.#open &&
      typeof method === "string" &&
      isCommand(method) &&
      this.#checks(method, params, refusal)
    ) {
      this.#commands(id, method, params);
    } else {
      seen.byHand += 1;
    }
  }

  hears(frame: NonNullable<Step["frame"]>): void {
    const request = this.#requests.get(frame.id);
    const id = frame.id === undefined ? {} : { id: request ?? (frame.id === null ? null : "by hand") };
    this.#outputs = [];
    this.#gives({ kind: "frame", text: JSON.stringify({ ...frame, ...id }) });
    if (frame.method === "event") {
      const { cursor, remainingMs } = frame.params ?? {};
      const ack = { kind: "send", text: JSON.stringify({ jsonrpc: "2.0", method: "session.ack", params: { cursor } }) };
      // A ring is acknowledged at once.
      const acks = remainingMs === undefined ? [] : [ack];
      expect(this.#outputs).toEqual([{ kind: "event", event: frame.params }, ...acks]);
      seen.told += 1;
    } else if (frame.method === undefined && request !== undefined) {
      this.#replied(request, frame);
    } else if (frame.method === "user.status") {
      expect(this.#outputs).toEqual([{ kind: "status", status: frame.params }]);
    } else if (frame.method === "session.caughtUp") {
      expect(this.#machine?.place?.cursor).toBe(frame.params?.cursor);
    }
  }

  ends(code: number | undefined): void {
    this.#open = false;
    if (this.#stopped) {
      return;
    }
    this.#outputs = [];
    this.#gives({ kind: "disconnected", code, why: "the conversation says so" });
    const final = code !== undefined && code >= 4500;
    if (this.#machine !== undefined) {
      expect(this.#machine.stopped !== undefined).toBe(final);
    }
    seen.stopped += final ? 1 : 0;
    this.#machine = final ? undefined : this.#machine;
  }

  #opens(id: unknown, params: SessionOpen): void {
    this.#requests.clear();
    this.#outputs = [];
    const resumes =
      this.#deviceID === params.deviceID && this.#machine?.place?.cursor === params.cursor && params.cursor !== undefined;
    if (!resumes || this.#machine === undefined) {
      this.#machine = machineFor(params);
      this.#gives({ kind: "start" });
      this.#gives({ kind: "token", token: params.token });
    } else {
      seen.resumed += 1;
      this.#gives({ kind: "nudge" });
    }
    this.#deviceID = params.deviceID;
    this.#stopped = false;
    expect(this.#outputs).toContainEqual({ kind: "connect" });
    this.#gives({ kind: "connected" });
    this.#requests.set(id, this.#sentIs("session.open", params));
  }

  /** Whether the SDK would send it; what it refuses by itself, the server must refuse in the same words for programs. */
  #checks(method: Method, params: object, refusal: Refusal | undefined): boolean {
    try {
      encode(method, params);
      return true;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(WigwagError);
      const { code, reason, retryable, field } = thrown as WigwagError;
      expect({ code, data: { reason, retryable, field } }).toEqual({ code: refusal?.code, data: refusal?.data });
      seen.refusedHere += 1;
      return false;
    }
  }

  #commands(id: unknown, method: Method, params: object): void {
    this.#outputs = [];
    const request = this.#machine?.command(method, encode(method, params), NOW) ?? Number.NaN;
    this.#drain();
    if (JSON.stringify(params).length > 65_536) {
      expect(this.#outputs).toMatchObject([{ kind: "settle", request, outcome: { error: { reason: "frameTooLarge" } } }]);
      return;
    }
    expect(this.#sentIs(method, params)).toBe(request);
    this.#requests.set(id, request);
    seen.sent += 1;
  }

  #replied(request: number, frame: NonNullable<Step["frame"]>): void {
    const settled = this.#outputs.find((output) => output.kind === "settle");
    const state = this.#outputs.find((output) => output.kind === "state")?.state;
    if (settled === undefined) {
      // The reply to session.open.
      this.#open = frame.error === undefined;
      expect(state?.status).toMatch(frame.error === undefined ? /^open$/ : /^closed$|^reconnecting$/);
      const result = frame.result as { openInvitations?: unknown } | undefined;
      const told = this.#outputs.find((output) => output.kind === "resync")?.resync.openInvitations;
      expect(told).toEqual(result?.openInvitations);
      return;
    }
    seen.settled += 1;
    expect(settled.request).toBe(request);
    if ("error" in settled.outcome) {
      const { code, message, reason, retryable, field, retryAfterMs, outcome } = settled.outcome.error;
      expect({ code, message, data: { reason, retryable, field, retryAfterMs, outcome } }).toEqual(frame.error);
    } else {
      expect(settled.outcome.result).toEqual(frame.result);
    }
  }

  /** The frame that was sent is this request; gives its id. */
  #sentIs(method: Method, params: object): number {
    const sent = this.#outputs.filter((output) => output.kind === "send").map((output) => JSON.parse(output.text));
    expect(sent).toEqual([{ jsonrpc: "2.0", id: expect.any(Number), method, params }]);
    return sent[0].id;
  }

  #gives(input: Parameters<Machine["handle"]>[0]): void {
    this.#machine?.handle(input, NOW);
    this.#drain();
  }

  #drain(): void {
    for (let output = this.#machine?.poll(); output !== undefined; output = this.#machine?.poll()) {
      this.#outputs.push(output);
    }
  }
}

/** Time stands still: no time-out of the machine's belongs to a conversation. */
const NOW = 0;

function machineFor({ deviceID, platform, userID, cursor, token }: SessionOpen): Machine {
  const place: StreamPlace | undefined =
    cursor === undefined ? undefined : { userID: String(token).split(" of ")[1] ?? "", cursor };
  return new Machine({
    deviceID,
    platform,
    userID,
    place,
    renewsToken: () => false,
    ownActs: () => false,
    requestTimeoutMs: 10_000,
    reconnectMs: [500, 30_000],
    random: () => 0,
  });
}

function isCommand(method: string): method is Method {
  return method in PARAM_KINDS && !method.startsWith("session.");
}
