import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The network between one person and the server; a test can cut it. */
export class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The server's ends of the connections, and the person's. */
  readonly #ways = new Map<Socket, Socket>();
  #isCut = false;

  private constructor(target: number) {
    this.#server = createServer((near) => this.#carry(near, target));
  }

  /** `target`: the port of the server on this machine. */
  static async to(target: number): Promise<Line> {
    const line = new Line(target);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    this.#hangUp();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Keeps back what the server sends. What the person sends goes on. */
  holds(): void {
    for (const [far, near] of this.#ways) {
      far.unpipe(near);
      far.pause();
    }
  }

  /** Lets through what was kept back. */
  releases(): void {
    for (const [far, near] of this.#ways) {
      far.pipe(near);
    }
  }

  end(): void {
    this.#server.close();
    this.#hangUp();
  }

  #carry(near: Socket, target: number): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    this.#ways.set(far, near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        this.#ways.delete(far);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  #hangUp(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
