import type { WebSocketConstructor, WebSocketLike } from "./socket.js";

/** The connection of a mini program, as `wx.connectSocket` and `uni.connectSocket` give it. */
export interface SocketTask {
  /** Sends a text frame; `fail` when it could not. */
  send(options: { data: string; fail: (failure: Failure) => void }): void;
  /** Closes it. */
  close(options: { code?: number | undefined }): void;
  /** Adds a listener of its opening. */
  onOpen(listener: () => void): void;
  /** Adds a listener of its frames: a text, or an ArrayBuffer. */
  onMessage(listener: (event: { data: unknown }) => void): void;
  /** Adds a listener of its failures; some phones tell nothing after this. */
  onError(listener: (failure: Failure) => void): void;
  /** Adds a listener of its end. */
  onClose(listener: (end: { code?: number; reason?: string }) => void): void;
}

/** Why something failed, in the words of the mini program's host. */
export interface Failure {
  /** Such as "url not in domain list". */
  readonly errMsg?: string;
}

/** `wx`, `uni` and their like: what makes connections where there is no class `WebSocket`. */
export interface MiniProgramHost {
  /** Begins to connect. */
  connectSocket(options: { url: string; complete: () => void; fail: (failure: Failure) => void }): SocketTask;
}

/**
 * The class of WebSockets of a mini program, for the option `webSocket`: `new Wigwag({ webSocket: miniProgramSocket(wx), … })`. The surfaces
 * of Tencent's packages find `wx` and `uni` by themselves.
 *
 * @param host `wx`, `uni`, or another object with their `connectSocket`
 */
export function miniProgramSocket(host: MiniProgramHost): WebSocketConstructor {
  return class implements WebSocketLike {
    onopen: WebSocketLike["onopen"] = null;
    onmessage: WebSocketLike["onmessage"] = null;
    onclose: WebSocketLike["onclose"] = null;
    onerror: WebSocketLike["onerror"] = null;
    readonly #task: SocketTask;

    constructor(url: string) {
      const fails = (failure: Failure) => this.#fails(failure);
      // With a callback among its options uni-app gives the connection itself and not a promise of it.
      this.#task = host.connectSocket({ url, complete: () => {}, fail: fails });
      this.#task.onOpen(() => this.onopen?.({} as never));
      this.#task.onMessage((event) => this.onmessage?.(event as never));
      this.#task.onError(fails);
      this.#task.onClose((end) => this.onclose?.(end as never));
    }

    send(data: string): void {
      this.#task.send({ data, fail: (failure) => this.#fails(failure) });
    }

    close(code?: number): void {
      this.#task.close({ code });
    }

    /** Whoever listens gives the connection up, so that an end which follows is told to nobody. */
    #fails({ errMsg: message }: Failure): void {
      this.onerror?.({ message } as never);
      this.onclose?.({} as never);
    }
  };
}

// Not by globalThis: some hosts hand them to a program's modules as variables.
declare const wx: MiniProgramHost | undefined;
declare const uni: MiniProgramHost | undefined;

/** That of the mini program this runs in; undefined where there is a class `WebSocket`, or neither `uni` nor `wx`. */
export function socketHere(): WebSocketConstructor | undefined {
  const hosts = [typeof uni === "undefined" ? undefined : uni, typeof wx === "undefined" ? undefined : wx];
  const host = hosts.find((one) => typeof one?.connectSocket === "function");
  return typeof WebSocket === "undefined" && host !== undefined ? miniProgramSocket(host) : undefined;
}
