import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server as Listener, type Socket } from "node:net";
import type { Server } from "./server.js";

/** A line to a server on which replies can be lost: what comes from the server is thrown away while it is `deaf`. */
export class Line {
  deaf = false;
  #isCut = false;
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    const { hostname, port } = new URL(server.url);
    this.#listener = createServer((here) => {
      if (this.#isCut) {
        here.destroy();
        return;
      }
      const there = connect(Number(port), hostname);
      here.on("data", (bytes) => there.write(bytes));
      there.on("data", (bytes) => this.deaf || here.write(bytes));
      for (const socket of [here, there]) {
        this.#sockets.add(socket);
        const end = () => {
          here.destroy();
          there.destroy();
          this.#sockets.delete(socket);
        };
        socket.on("error", end).on("close", end);
      }
    });
  }

  static async to(server: Server): Promise<Line> {
    const line = new Line(server);
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    return line;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Breaks every connection; the next ones hear again. */
  breaks(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    this.deaf = false;
  }

  /** Breaks every connection, and lets no other be made. */
  cut(): void {
    this.#isCut = true;
    this.breaks();
  }

  mend(): void {
    this.#isCut = false;
  }

  end(): void {
    this.breaks();
    this.#listener.close();
  }
}
