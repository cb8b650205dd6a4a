import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "../../../sdk/typescript/test/e2e/program.js";

/** coturn on this machine, with the secret that it shares with the server. */
export class Turn {
  readonly url: string;
  readonly #home: string;
  readonly #process: ChildProcess;

  private constructor(home: string, process: ChildProcess, port: number) {
    this.url = `turn:127.0.0.1:${port}?transport=udp`;
    this.#home = home;
    this.#process = process;
  }

  static async start(secret: string): Promise<Turn> {
    const home = mkdtempSync(join(tmpdir(), "wigwag-turn-"));
    const port = await freePort();
    const files = ["-n", "--verbose", "--pidfile", join(home, "pid"), "--userdb", join(home, "users"), "--log-file", "stdout"];
    const here = ["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", String(port)];
    // Both browsers are on this machine, whose addresses coturn refuses as peers unless it is told otherwise.
    const words = [...files, ...here, "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli"];
    const shared = ["--realm", "wigwag.test", "--use-auth-secret", "--static-auth-secret", secret];
    const child = spawn(program(), [...words, ...shared], { cwd: home, stdio: ["ignore", "pipe", "pipe"] });
    await heard(child, "UDP listener opened");
    return new Turn(home, child, port);
  }

  async end(): Promise<void> {
    await kill(this.#process);
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** Waits until the program says so, and goes on reading, because a full pipe would stop it. */
async function heard(child: ChildProcess, words: string): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk;
      if (log.includes(words)) {
        resolve();
      }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", () => reject(new Error(`coturn does not start: ${log}`)));
  });
}

/** coturn takes no port 0. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, "close");
  return port;
}

function program(): string {
  const path = process.env.TURNSERVER ?? "/usr/bin/turnserver";
  if (!existsSync(path)) {
    throw new Error("coturn is missing. On Debian: apt-get install coturn. Elsewhere set TURNSERVER to the path of turnserver.");
  }
  return path;
}
