import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, kill, serve } from "../../../sdk/typescript/test/e2e/program.js";

export interface ServerOptions {
  /** Whether a name is enough to sign in; it is by default. */
  readonly dev?: boolean;
  /** STUN servers, as WIGWAG_WEB_STUN. */
  readonly stun?: string;
  /** Settings as environment variables. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The real server, with a data folder of its own, on a port that was free. */
export class Server {
  readonly port: number;
  readonly #home: string;
  readonly #process: ChildProcess;

  private constructor(home: string, process: ChildProcess, port: number) {
    this.#home = home;
    this.#process = process;
    this.port = port;
  }

  static async start({ dev = true, stun = "", env: settings = {} }: ServerOptions = {}): Promise<Server> {
    const home = mkdtempSync(join(tmpdir(), "wigwag-web-"));
    const words = [...(dev ? ["--dev"] : []), "--data", dataIn(home), "--listen", "127.0.0.1:0"];
    const env = { ...process.env, ...settings, ...(stun === "" ? {} : { WIGWAG_WEB_STUN: stun }) };
    const running = await serve(words, env);
    return new Server(home, running.process, Number(running.address.split(":")[1]));
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** A token for a user, as the operator makes it. */
  token(userID: string): string {
    return execFileSync(binary(), ["token", userID, "--data", dataIn(this.#home)], { encoding: "utf8" }).trim();
  }

  /** A new key for back ends, as the operator makes it. It counts within a second. */
  key(name: string, scopes: string): string {
    const words = ["key", "create", name, "--scopes", scopes, "--data", dataIn(this.#home)];
    return execFileSync(binary(), words, { encoding: "utf8" }).trim();
  }

  async end(): Promise<void> {
    await kill(this.#process);
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function dataIn(home: string): string {
  return join(home, "data");
}
