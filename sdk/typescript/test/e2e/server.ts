import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

/** The app that a server without configuration serves. */
export const SDK_APP_ID = 1_400_000_000;

/** The real server, with a data folder of its own, on a port that was free. */
export class Server {
  readonly #home = mkdtempSync(join(tmpdir(), "wigwag-sdk-"));
  #process: ChildProcess | undefined;
  #address = "127.0.0.1:0";

  /** `config` is TOML. */
  static async start(config = ""): Promise<Server> {
    const server = new Server();
    writeFileSync(join(server.#home, "wigwag.toml"), config);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `ws://${this.#address}`;
  }

  /** On the same data and, after the first time, on the same port. */
  async startAgain(): Promise<void> {
    const words = [
      "serve",
      "--config",
      join(this.#home, "wigwag.toml"),
      "--data",
      join(this.#home, "data"),
      "--listen",
      this.#address,
    ];
    const child = spawn(binary(), words, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /ws:\/\/([^/]+)\//.exec(line)?.[1];
      if (address !== undefined) {
        this.#address = address;
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`the server does not start: ${log}`);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child !== undefined && child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** A JWT, as the app's back end would make it; `ttl` in seconds. */
  token(userID: string, ttl = 3_600): string {
    const key = this.#key();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: userID, exp: Math.floor(Date.now() / 1_000) + ttl })}`;
    return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
  }

  /** A UserSig, as the back end of an app that comes from Tencent makes it; `ttl` and `age` in seconds. */
  userSig(userID: string, ttl = 3_600, age = 0): string {
    const time = Math.floor(Date.now() / 1_000) - age;
    const signed = `TLS.identifier:${userID}\nTLS.sdkappid:${SDK_APP_ID}\nTLS.time:${time}\nTLS.expire:${ttl}\n`;
    const fields = {
      "TLS.ver": "2.0",
      "TLS.identifier": userID,
      "TLS.sdkappid": SDK_APP_ID,
      "TLS.time": time,
      "TLS.expire": ttl,
      "TLS.sig": createHmac("sha256", this.#key()).update(signed).digest("base64"),
    };
    const text = deflateSync(JSON.stringify(fields)).toString("base64");
    return text.replaceAll("+", "*").replaceAll("/", "-").replaceAll("=", "_");
  }

  #key(): string {
    return readFileSync(join(this.#home, "data", "app.key"), "utf8").trim();
  }
}

/** WIGWAG_BIN, or the newest that cargo built. */
function binary(): string {
  if (process.env.WIGWAG_BIN !== undefined) {
    return process.env.WIGWAG_BIN;
  }
  const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../../../target", import.meta.url));
  const built = ["debug", "release"].map((profile) => join(target, profile, "wigwag")).filter((path) => existsSync(path));
  const [newest] = built.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (newest === undefined) {
    throw new Error("there is no server to test with: cargo build --package wigwag-server, or set WIGWAG_BIN");
  }
  return newest;
}
