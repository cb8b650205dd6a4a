import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server process, and the `host:port` on which it listens. */
export interface Running {
  readonly process: ChildProcess;
  readonly address: string;
}

/** Starts the real server with these arguments after `serve`, and waits until it listens. The caller kills it. */
export async function serve(words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Running> {
  const child = spawn(binary(), ["serve", ...words], { stdio: ["ignore", "pipe", "pipe"], env });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /ws:\/\/([^/]+)\//.exec(line)?.[1];
    if (address !== undefined) {
      // A full pipe would stop the server.
      child.stdout.resume();
      return { process: child, address };
    }
  }
  throw new Error(`the server does not start: ${log}`);
}

/** Sends SIGKILL, and waits for the end. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** The server's program: WIGWAG_BIN, or the newest that cargo built. */
export function binary(): string {
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
