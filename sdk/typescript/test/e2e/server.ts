import { type ChildProcess, execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import WebSocket from "ws";
import { newID } from "../../src/ids.js";
import { Wigwag } from "../../src/index.js";
import { binary, kill, serve } from "./program.js";

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

  /** Starts it on the same data and, after the first time, on the same port. */
  async startAgain(): Promise<void> {
    const config = join(this.#home, "wigwag.toml");
    const data = join(this.#home, "data");
    const running = await serve(["--config", config, "--data", data, "--listen", this.#address]);
    this.#process = running.process;
    this.#address = running.address;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child !== undefined) {
      await kill(child);
    }
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Makes this a user: somebody who has signed in before. */
  async knows(userID: string): Promise<void> {
    const client = new Wigwag({ url: this.url, token: this.token(userID), webSocket: WebSocket });
    await client.connect();
    await client.close();
  }

  /** A new key for a back end with these scopes, as the operator makes it. It counts within a second. */
  key(scopes: string): string {
    const words = ["key", "create", `tests-${newID()}`, "--scopes", scopes, "--data", join(this.#home, "data")];
    return execFileSync(binary(), words, { encoding: "utf8" }).trim();
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
