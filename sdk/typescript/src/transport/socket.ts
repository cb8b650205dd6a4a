import { wordsOf } from "../errors.js";
import { Turns } from "./turns.js";

/** What the SDK needs of a WebSocket: the part that browsers, Node 22, React Native and the package `ws` have in common. */
export interface WebSocketLike {
  /** Sends a text frame. */
  send(text: string): void;
  /** Closes it. */
  close(code?: number): void;
  /** Called when it is open. */
  onopen: ((event: never) => unknown) | null;
  /** Called with each frame. */
  onmessage: ((event: never) => unknown) | null;
  /** Called when it is closed, for whatever reason. */
  onclose: ((event: never) => unknown) | null;
  /** Called before `onclose` when something failed. */
  onerror: ((event: never) => unknown) | null;
}

/** Makes WebSockets, such as `globalThis.WebSocket` or the default export of `ws`. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** What is heard of a connection. Nothing is heard after `hangUp` or `ended`. */
export interface Line {
  connected(): void;
  text(text: string): void;
  ended(code: number | undefined, why: string): void;
}

/** A connection, or the attempt to make one. */
export class Link {
  #socket: WebSocketLike | undefined;
  #line: Line | undefined;
  readonly #turns = new Turns();

  constructor(make: WebSocketConstructor, url: string, line: Line) {
    this.#line = line;
    try {
      this.#socket = new make(url);
      this.#listen(this.#socket);
    } catch (thrown) {
      // Told later, like every other failure to connect.
      setTimeout(() => this.#end(undefined, wordsOf(thrown)));
    }
  }

  /** Sends a frame; a socket that can no longer send tells its end by itself. */
  send(text: string): void {
    try {
      this.#socket?.send(text);
    } catch (thrown) {
      this.#end(undefined, wordsOf(thrown));
    }
  }

  /** Ends it from this side. Frames that were sent before still go out. */
  hangUp(): void {
    const socket = this.#socket;
    this.#line = undefined;
    this.#socket = undefined;
    if (socket === undefined) {
      return;
    }
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    // An error still needs somebody who listens, or Node ends the process.
    socket.onerror = () => {};
    try {
      socket.close(1000);
    } catch {
      // A kind that cannot be closed before it is open: when it is, nobody listens.
    }
  }

  #listen(socket: WebSocketLike): void {
    let failure = "the connection was lost";
    socket.onopen = () => this.#turns.take(() => this.#line?.connected());
    socket.onmessage = ({ data }: { data: unknown }) => this.#turns.take(() => this.#hear(data));
    socket.onerror = (event: { message?: unknown }) => {
      failure = typeof event?.message === "string" && event.message !== "" ? event.message : failure;
    };
    socket.onclose = ({ code, reason }: { code?: number; reason?: string }) => {
      this.#turns.take(() => this.#end(code, reason || failure));
    };
  }

  #hear(data: unknown): void {
    if (typeof data === "string") {
      this.#line?.text(data);
    } else {
      this.#end(undefined, "a frame that is not text");
    }
  }

  #end(code: number | undefined, why: string): void {
    const line = this.#line;
    this.hangUp();
    line?.ended(code, why);
  }
}
