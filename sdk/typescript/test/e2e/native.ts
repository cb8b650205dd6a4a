import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { kill } from "./program.js";
import { SDK_APP_ID, type Server } from "./server.js";

/** What the examples of a native language take on their command line, after their address. */
type Speech = (server: Server, userID: string) => string[];

const withToken: Speech = (server, userID) => [server.url, server.token(userID)];
const withUserSig: Speech = (server, userID) => [server.url, String(SDK_APP_ID), userID, server.userSig(userID)];

/** What a program does not say for so long it does not say: a JVM starts slowly on a busy machine. */
export const PATIENCE_MS = 60_000;

/** A program, and the words before those that it takes. */
type Program = () => [string, ...string[]];

/** A language with its examples: who answers invitations, and who invites. All of them print the same lines. */
export interface Language {
  name: string;
  callee: Program;
  caller: Program;
  speaks: Speech;
}

/** Where `scripts/pairs.sh` has built them; without it these languages take no part. */
const PYTHON = process.env.WIGWAG_PAIRS_PYTHON;
const JAVA = process.env.WIGWAG_PAIRS_JAVA;

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

const built =
  (name: string): Program =>
  () => [example(name)];

const python =
  (interpreter: string, name: string): Program =>
  () => [interpreter, join(repository, "sdk/python/examples", name)];

const java =
  (folder: string, name: string): Program =>
  () => [
    "java",
    `-Dwigwag.library=${join(folder, "libwigwag_jni.so")}`,
    "-cp",
    [join(folder, "wigwag.jar"), join(folder, "app")].join(delimiter),
    name,
  ];

/** Native languages. */
export const NATIVES: Language[] = [
  { name: "C", callee: built("callee"), caller: built("caller"), speaks: withToken },
  { name: "C++", callee: built("v2tim_callee"), caller: built("v2tim_caller"), speaks: withUserSig },
];
/** Native languages with examples that call and are called, in typed interfaces. */
export const CALLINGS: Language[] = [
  { name: "C++", callee: built("call_callee"), caller: built("call_caller"), speaks: withUserSig },
];
if (PYTHON !== undefined) {
  NATIVES.push({ name: "Python", callee: python(PYTHON, "callee.py"), caller: python(PYTHON, "caller.py"), speaks: withToken });
}
if (JAVA !== undefined) {
  NATIVES.push({ name: "Java", callee: java(JAVA, "V2timCallee"), caller: java(JAVA, "V2timCaller"), speaks: withUserSig });
  CALLINGS.push({ name: "Java", callee: java(JAVA, "CallCallee"), caller: java(JAVA, "CallCaller"), speaks: withUserSig });
}

/** Native programs on one server. */
export class Natives {
  readonly #server: Server;
  readonly #running: Native[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  /** Somebody who answers, and is signed in. */
  async callee({ name, callee, speaks }: Language, userID: string): Promise<Native> {
    const native = this.#start(name, callee, speaks(this.#server, userID));
    await native.says("connected");
    return native;
  }

  /** Somebody who invites. */
  caller({ name, caller, speaks }: Language, userID: string, invitee: string, data: string): Native {
    return this.#start(name, caller, [...speaks(this.#server, userID), invitee, data]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((native) => native.end()));
  }

  #start(name: string, program: Program, words: string[]): Native {
    const [command, ...before] = program();
    const native = new Native(name, spawn(command, [...before, ...words], { stdio: ["ignore", "pipe", "inherit"] }));
    this.#running.push(native);
    return native;
  }
}

/** One program, and the lines it has printed. */
export class Native {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #read = 0;

  constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#lines.push(line));
    }
  }

  /** The next line that begins with these words; those before it are passed over. Gives what follows the words. */
  async says(words: string): Promise<string> {
    const place = await vi.waitFor(() => {
      const found = this.#lines.findIndex((line, at) => at >= this.#read && line.startsWith(words));
      expect(found, `${this.#name} says "${words}"; it has ${this.#lines.join("\n")}`).toBeGreaterThan(-1);
      return found;
    }, PATIENCE_MS);
    this.#read = place + 1;
    return (this.#lines[place] as string).slice(words.length).trim();
  }

  /** Waits until it ends by itself; gives its exit code. */
  async ends(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      await once(this.#child, "exit");
    }
    return this.#child.exitCode;
  }

  end(): Promise<void> {
    return kill(this.#child);
  }
}

/** Where `scripts/native.sh examples` has built it. */
function example(name: string): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
  const program = join(target, "native-examples", name);
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: scripts/native.sh examples`);
  }
  return program;
}
