import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import WebSocket from "ws";
import { type AnyEvent, type State, Wigwag, WigwagError, type WigwagOptions } from "../../src/index.js";
import { Server } from "./server.js";

/** A server and people. */
export class World {
  readonly server: Server;
  readonly #devices: Device[] = [];

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(config = ""): Promise<World> {
    return new World(await Server.start(config));
  }

  /** Signs users in once, so that they exist. */
  async knows(...userIDs: string[]): Promise<void> {
    for (const userID of userIDs) {
      const device = this.device(userID);
      await device.client.connect();
      await device.client.close();
    }
  }

  /** A device that is not connected yet. */
  device(userID: string, options: Partial<WigwagOptions> = {}): Device {
    const { url } = this.server;
    const client = new Wigwag({
      url,
      token: () => this.server.token(userID),
      deviceID: `${userID}-${this.#devices.length}`,
      webSocket: WebSocket,
      ...options,
    });
    const device = new Device(userID, client);
    this.#devices.push(device);
    return device;
  }

  async connected(userID: string, options: Partial<WigwagOptions> = {}): Promise<Device> {
    const device = this.device(userID, options);
    await device.client.connect();
    return device;
  }

  async end(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.client.close()));
    await this.server.end();
  }
}

/** A client with a notebook of all it was told. */
export class Device {
  readonly heard: AnyEvent[] = [];
  readonly states: State[] = [];
  readonly #next = new Set<() => void>();
  #read = 0;

  constructor(
    readonly userID: string,
    readonly client: Wigwag,
  ) {
    client.on("event", (event) => this.#noted(() => this.heard.push(event)));
    client.on("state", (state) => this.#noted(() => this.states.push(state)));
  }

  /** The next event is of this type and has these fields. */
  async hears(type: string, fields: object = {}): Promise<AnyEvent> {
    await this.#until(() => this.heard.length > this.#read, `${this.userID} hears ${type}`);
    const event = this.heard[this.#read] as AnyEvent;
    this.#read += 1;
    expect(event).toMatchObject({ type, ...fields });
    return event;
  }

  /** The connection comes to be in this state. */
  async comesTo(status: State["status"]): Promise<State> {
    await this.#until(() => this.client.state.status === status, `${this.userID} is ${status}`);
    return this.client.state;
  }

  /** Everything was heard that was to be heard: what the server answers next comes after it. */
  async hearsNothingElse(): Promise<void> {
    await this.client.signaling.listOpen();
    expect(this.heard.slice(this.#read)).toEqual([]);
  }

  #noted(note: () => void): void {
    note();
    for (const next of this.#next) {
      next();
    }
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    if (isSo()) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        clearTimeout(deadline);
        this.#next.delete(look);
      };
      const look = () => {
        if (isSo()) {
          done();
          resolve();
        }
      };
      const deadline = setTimeout(() => {
        done();
        reject(new Error(`in vain: ${what}; heard ${JSON.stringify(this.heard.slice(this.#read))}`));
      }, 20_000);
      this.#next.add(look);
    });
  }
}

/** The error that `promise` rejects with. */
export async function refused(promise: Promise<unknown>): Promise<WigwagError> {
  const outcome = await promise.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome && outcome.error instanceof WigwagError) {
    return outcome.error;
  }
  throw new Error(`no WigwagError: ${JSON.stringify(outcome)}`);
}

/** Whether events came in the order of the stream, none twice. */
export function inOrder(events: AnyEvent[]): boolean {
  const cursors = events.map((event) => event.cursor);
  return isDeepStrictEqual(
    cursors,
    [...new Set(cursors)].sort((one, other) => one - other),
  );
}
