import { WigwagError } from "../errors.js";
import type { Resync, State } from "../events.js";
import type { Method } from "../wire/index.js";
import type { Command } from "./acts.js";
import type { Output } from "./border.js";
import { type Pending, Requests } from "./pending.js";
import { bytesOf } from "./text.js";

/** What goes out of a machine: outputs in their order, and the app's commands until they are settled. */
export class Outbox {
  readonly requests = new Requests();
  readonly #outputs: Output[] = [];
  /** Why the app has to be told of a resync, once everything that is open is listed. */
  resyncing: Resync["why"] | undefined;
  /** What the app watches: the params of its last `user.watch`. */
  watched: string | undefined;
  #nextID = 1;

  poll(): Output | undefined {
    return this.#outputs.shift();
  }

  push(output: Output): void {
    this.#outputs.push(output);
  }

  tell(state: State): void {
    this.push({ kind: "state", state });
  }

  /** A number that no request had before. */
  takeID(): number {
    return this.#nextID++;
  }

  /** Sends a request of the machine's own; gives its number. */
  ask(method: Method, params: string, secret?: string): number {
    const id = this.takeID();
    this.send(id, method, params, secret);
    return id;
  }

  /** Sends a request, perhaps once more. */
  send(id: number, method: Method, params: string, secret?: string): void {
    const text = frameOf(id, method, params);
    this.push(secret === undefined ? { kind: "send", text } : { kind: "send", text, secret });
  }

  /**
   * Sends the app's commands that were not sent on this connection, as far as the server takes frames of their size.
   *
   * @param first called with each command before it is sent
   */
  sendWaiting(frameBytes: number, first: (request: number, command: Command) => void): void {
    for (const [request, command] of this.requests.takeUnsent()) {
      const text = frameOf(request, command.method, command.params);
      if (bytesOf(text) <= frameBytes) {
        first(request, command);
        this.push({ kind: "send", text });
      } else {
        // The server could not say which request it was.
        this.requests.settle(request);
        this.fail(request, new WigwagError("frameTooLarge", `the request is larger than ${frameBytes} bytes`));
      }
    }
  }

  /** Completes a command that waits no more. One that its event says was carried out has not failed, whatever was heard afterwards. */
  fail(request: number, error: WigwagError, carriedOut?: object): void {
    this.push({ kind: "settle", request, outcome: carriedOut === undefined ? { error } : { result: carriedOut } });
  }

  /** Completes commands that are given up. */
  failAll(given: [number, Pending][], error: WigwagError): void {
    for (const [request, { carriedOut }] of given) {
      this.fail(request, error, carriedOut);
    }
  }
}

function frameOf(id: number, method: Method, params: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
}
