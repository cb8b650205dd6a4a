import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, vi } from "vitest";
import { binary, kill } from "./program.js";
import type { Server } from "./server.js";

/** People who use `wigwag client`, the real program, on one server. */
export class Terminals {
  readonly #server: Server;
  readonly #open: Terminal[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  /** Somebody whose terminal shows that it is connected. */
  async ready(userID: string): Promise<Terminal> {
    const { url } = this.#server;
    const words = ["client", "--as", userID, "--url", url, "--token", this.#server.token(userID)];
    const terminal = new Terminal(userID, spawn(binary(), words, { stdio: ["pipe", "pipe", "pipe"] }));
    this.#open.push(terminal);
    await terminal.reads(`connected as ${userID}`);
    return terminal;
  }

  async end(): Promise<void> {
    await Promise.all(this.#open.map((terminal) => terminal.end()));
  }
}

/** One program, and the lines it has printed. */
export class Terminal {
  readonly userID: string;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #read = 0;

  constructor(userID: string, child: ChildProcess) {
    this.userID = userID;
    this.#child = child;
    for (const printed of [child.stdout, child.stderr]) {
      if (printed !== null) {
        createInterface({ input: printed }).on("line", (line) => this.lines.push(line));
      }
    }
  }

  types(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** The next line with these words in it, whether it is here or comes; lines before it are skipped. */
  async reads(words: string): Promise<string> {
    const place = await vi.waitFor(() => {
      const found = this.lines.findIndex((line, at) => at >= this.#read && line.includes(words));
      expect(found, `${this.userID}'s terminal shows "${words}"; it has ${this.lines.join("\n")}`).toBeGreaterThan(-1);
      return found;
    }, 15_000);
    this.#read = place + 1;
    return this.lines[place] as string;
  }

  /** The end of the input is the end of the program. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, "exit");
      this.types("quit");
      this.#child.stdin?.end();
      const patience = setTimeout(() => void kill(this.#child), 5_000);
      await gone;
      clearTimeout(patience);
    }
  }
}
