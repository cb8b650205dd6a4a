import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { sayIn } from "../../src/strings/say.js";
import { Crowd } from "./crowd.js";
import { Line } from "./line.js";
import { PATIENCE_MS, Person } from "./person.js";
import { Server, type ServerOptions } from "./server.js";

/** The folder for screenshots of the scenes. */
export const OUTPUT = fileURLToPath(new URL("../output/", import.meta.url));

/** The page that the server should serve. */
const BUILT = fileURLToPath(new URL("../../dist/index.html", import.meta.url));

interface WorldOptions extends ServerOptions {
  /** Whether the browser plays sound in pages in which nothing was pressed; it does by default, because people of stories rarely press. */
  readonly autoplays?: boolean;
}

/** A server, a browser, and people who use it in separate profiles. */
export class World {
  readonly server: Server;
  readonly #browser: Browser;
  readonly #people: Person[] = [];
  readonly #crowds: Crowd[] = [];
  readonly #visitors: BrowserContext[] = [];
  readonly #flaws: string[] = [];

  private constructor(server: Server, browser: Browser) {
    this.server = server;
    this.#browser = browser;
  }

  static async start({ autoplays = true, ...options }: WorldOptions = {}): Promise<World> {
    mkdirSync(OUTPUT, { recursive: true });
    const args = [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      ...(autoplays ? ["--autoplay-policy=no-user-gesture-required"] : []),
      // Tests may run as root in a container, where Chromium cannot make its sandbox.
      "--no-sandbox",
    ];
    const [server, browser] = await Promise.all([
      Server.start(options),
      chromium.launch({ executablePath: chromiumPath(), args }),
    ]);
    const world = new World(server, browser);
    await world.#givesThisPage();
    return world;
  }

  /** Fails when the server was built before the page, because the stories would test an old page. */
  async #givesThisPage(): Promise<void> {
    const page = await (await fetch(`http://127.0.0.1:${this.server.port}/`)).text();
    if (page !== readFileSync(BUILT, "utf8")) {
      await this.end();
      throw new Error("the server gives out another page than web/dist: npm run build, then cargo build --package wigwag-server");
    }
  }

  /** A person who has signed in, with a browser profile and a line to the server of their own. */
  async person(name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const person = await this.stranger(name, options);
    await person.signsIn();
    return person;
  }

  /** A person who sees the sign-in form. */
  async stranger(name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const line = await Line.to(this.server.port);
    const context = await this.#browser.newContext({
      baseURL: line.url,
      viewport: DESKTOP,
      locale: "en-GB",
      reducedMotion: "reduce",
      permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"],
      ...options,
    });
    await context.addInitScript(countTones);
    const person = new Person(name, context, line, sayIn(options.locale === CHINESE ? "zh" : "en"));
    this.#people.push(person);
    await person.opensTab();
    return person;
  }

  /** A page of another site's, in a browser profile of its own. What it reports as an error counts as one of the story's. */
  async visits(url: string, name: string, patience = PATIENCE_MS): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: DESKTOP, permissions: ["camera", "microphone"] });
    this.#visitors.push(context);
    context.setDefaultTimeout(patience);
    context.on("weberror", (error) => this.#flaws.push(`${name}: ${error.error()}`));
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** Adds users without a browser. */
  crowd(): Crowd {
    const crowd = new Crowd(`http://127.0.0.1:${this.server.port}`);
    this.#crowds.push(crowd);
    return crowd;
  }

  /** Lets everybody leave, and keeps the server for the next story. Fails when a page had an error. */
  async clear(): Promise<void> {
    const people = this.#people.splice(0);
    const flaws = [...this.#flaws.splice(0), ...people.flatMap(({ flaws }) => flaws)];
    await Promise.all(this.#visitors.splice(0).map((context) => context.close()));
    await Promise.all(this.#crowds.splice(0).map((crowd) => crowd.end()));
    await Promise.all(people.map((person) => person.leaves()));
    if (flaws.length > 0) {
      throw new Error(`pages had errors: ${flaws.join("\n")}`);
    }
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await this.server.end();
  }
}

/** Counts the notes that the page plays, so that a story can tell whether it rings. */
function countTones(): void {
  const heard = window as { tones?: number };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...when) {
    heard.tones = (heard.tones ?? 0) + 1;
    start.apply(this, when);
  };
}

export const CHINESE = "zh-CN";
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** CHROMIUM, or where Debian puts it. */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) {
    throw new Error(`there is no browser at ${path}: apt-get install chromium, or set CHROMIUM`);
  }
  return path;
}
