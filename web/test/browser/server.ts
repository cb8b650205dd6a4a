import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ServerOptions {
  /** A name is enough to sign in, unless false. */
  readonly dev?: boolean;
  /** STUN servers, as WIGWAG_WEB_STUN. */
  readonly stun?: string;
}

/** The real server, with a data folder of its own, on a port that was free. */
export class Server {
  readonly #home = mkdtempSync(join(tmpdir(), "wigwag-web-"));
  readonly #process: ChildProcess;
  port = 0;

  private constructor({ dev = true, stun = "" }: ServerOptions) {
    const words = ["serve", ...(dev ? ["--dev"] : []), "--data", join(this.#home, "data"), "--listen", "127.0.0.1:0"];
    const env = { ...process.env, ...(stun === "" ? {} : { WIGWAG_WEB_STUN: stun }) };
    this.#process = spawn(binary(), words, { stdio: ["ignore", "pipe", "pipe"], env });
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options);
    const { stdout, stderr } = server.#process;
    let log = "";
    stderr?.on("data", (chunk) => {
      log += chunk;
    });
    for await (const line of createInterface({ input: stdout as NodeJS.ReadableStream })) {
      const port = /ws:\/\/[^/]+:(\d+)\//.exec(line)?.[1];
      if (port !== undefined) {
        server.port = Number(port);
        stdout?.resume();
        return server;
      }
    }
    throw new Error(`the server does not start: ${log}`);
  }

  /** A token for somebody, as the operator makes it. */
  token(userID: string): string {
    return execFileSync(binary(), ["token", userID, "--data", join(this.#home, "data")], { encoding: "utf8" }).trim();
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGKILL");
      await once(this.#process, "exit");
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** WIGWAG_BIN, or the newest that cargo built. */
function binary(): string {
  if (process.env.WIGWAG_BIN !== undefined) {
    return process.env.WIGWAG_BIN;
  }
  const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../../target", import.meta.url));
  const built = ["debug", "release"].map((profile) => join(target, profile, "wigwag")).filter((path) => existsSync(path));
  const [newest] = built.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (newest === undefined) {
    throw new Error("there is no server to test with: cargo build --package wigwag-server, or set WIGWAG_BIN");
  }
  return newest;
}
