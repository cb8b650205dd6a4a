import type { BrowserContext, Locator, Page } from "playwright-core";
import type { RoomScene } from "../../src/rooms/ids.js";
import type { Say } from "../../src/strings/say.js";
import { obstacles } from "./access.js";
import type { Line } from "./line.js";
import { OUTPUT } from "./world.js";

/** How long something may take before a story has failed, ms: two cores decode video while they serve everybody else. */
const PATIENCE_MS = 20_000;

/** More than there are things to stop at on a page. */
const MOST_STEPS = 40;

/** Somebody in front of a browser. What he does and sees goes by roles and names, as with a screen reader. */
export class Person {
  /** What pages complained of in their consoles. */
  readonly flaws: string[] = [];
  page!: Page;

  constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly line: Line,
    /** What the page says to him, in his language. */
    readonly say: Say,
  ) {
    context.setDefaultTimeout(PATIENCE_MS);
    context.on("weberror", (error) => this.flaws.push(`${name}: ${error.error()}`));
    context.on("console", (message) => {
      if (/Content Security Policy|Content-Security-Policy/.test(message.text())) {
        this.flaws.push(`${name}: ${message.text()}`);
      }
    });
  }

  /** The page makes sounds. */
  async hearsTones(): Promise<void> {
    await this.page.waitForFunction(() => (window as { tones?: number }).tones !== undefined);
  }

  /** Opens the app in a new tab, which he then looks at. */
  async opensTab(path = "/"): Promise<Page> {
    this.page = await this.context.newPage();
    await this.page.goto(path);
    return this.page;
  }

  async signsIn(): Promise<void> {
    await this.page.getByLabel(this.say("signIn.name")).fill(this.name);
    await this.presses(this.say("signIn.go"));
    await this.isOnline();
  }

  async isOnline(): Promise<void> {
    await this.page.getByRole("status").getByText(this.say("link.online")).waitFor({ state: "attached" });
  }

  /** Opens the conversation with somebody. */
  async turnsTo(name: string): Promise<void> {
    await this.page.getByLabel(this.say("people.who")).fill(name);
    await this.presses(this.say("people.open"));
    await this.sees(this.page.getByRole("heading", { name, exact: true }));
  }

  /** Says something in the open conversation, and sees it there. */
  async says(words: string): Promise<void> {
    await this.page.locator(".composer input").fill(words);
    await this.presses(this.say("talk.send"));
    await this.readsLine(words);
  }

  async calls(name: string, media: "video" | "audio" = "video"): Promise<void> {
    await this.turnsTo(name);
    await this.presses(this.say(`call.${media}To`, { name }));
    await this.reads(this.say("call.calling"));
  }

  /** Opens a room of one's own. */
  async creates(scene: RoomScene, room: string): Promise<void> {
    await this.visits(`#/${scene}`);
    await this.page.getByLabel(this.say("room.name")).fill(room);
    await this.presses(this.say(`${scene}.create`));
    await this.sees(this.page.getByRole("heading", { name: room, exact: true }));
  }

  /** Follows the link to a room. */
  async joins(scene: RoomScene, room: string): Promise<void> {
    await this.visits(`#/${scene}/${encodeURIComponent(room)}`);
    await this.sees(this.page.getByRole("heading", { name: room, exact: true }));
  }

  async visits(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
  }

  /** The names in the list under this heading. */
  async readsList(heading: string, names: readonly string[]): Promise<void> {
    await this.page.waitForFunction(
      ([title, expected]) => {
        const panel = [...document.querySelectorAll("section.panel")].find((section) =>
          section.querySelector("h2")?.textContent?.startsWith(title),
        );
        const seen = [...(panel?.querySelectorAll("li .name") ?? [])].map((name) => name.textContent);
        return JSON.stringify(seen) === expected;
      },
      [heading, JSON.stringify(names)] as const,
    );
  }

  /** Who sits at the microphones, from the first seat to the last. */
  async readsSeats(names: readonly (string | null)[]): Promise<void> {
    await this.page.waitForFunction(
      ([free, expected]) => {
        const seen = [...document.querySelectorAll(".seats .seat-name")].map((name) => name.textContent);
        return JSON.stringify(seen.map((name) => (name === free ? null : name))) === expected;
      },
      [this.say("live.free"), JSON.stringify([...names, ...Array(8 - names.length).fill(null)])] as const,
    );
  }

  async hearsRing(from: string): Promise<void> {
    await this.sees(this.page.getByRole("alertdialog").getByRole("button", { name: this.say("call.accept") }));
    await this.page.waitForFunction((title) => document.title === title, this.say("call.titleRings", { name: from }));
  }

  /** Goes on with the tab key until he is on what has this label. */
  async tabsTo(label: string): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      await this.page.keyboard.press("Tab");
      if ((await this.page.locator(":focus").getAttribute("aria-label")) === label) {
        return;
      }
    }
    throw new Error(`${this.name} does not come to ${label} with ${MOST_STEPS} tabs`);
  }

  /** The keyboard is on this button, without his doing. */
  async isOn(label: string): Promise<void> {
    await this.page.waitForFunction((words) => {
      const { activeElement } = document;
      return (activeElement?.getAttribute("aria-label") ?? activeElement?.textContent) === words;
    }, label);
  }

  async presses(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Reads these words somewhere on the page. */
  async reads(words: string | RegExp): Promise<void> {
    await this.sees(this.page.locator("main").getByText(words).first());
  }

  async sees(what: Locator): Promise<void> {
    await what.waitFor({ state: "visible" });
  }

  /** The line of a call in the open conversation. */
  async readsLine(words: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole("log").getByText(words).last());
  }

  /** Pictures of the other one arrive, and go on arriving. */
  async seesMovingPictures(): Promise<void> {
    await this.page.waitForFunction(() => (document.querySelector<HTMLVideoElement>("video.theirs")?.videoWidth ?? 0) > 0);
    const shown = () => document.querySelector<HTMLVideoElement>("video.theirs")?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    const before = await this.page.evaluate(shown);
    await this.page.waitForFunction(
      (least) =>
        (document.querySelector<HTMLVideoElement>("video.theirs")?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > least,
      before + 10,
    );
  }

  /** The network is gone, for his browser and on the wire. */
  async losesNetwork(): Promise<void> {
    this.line.cut();
    await this.context.setOffline(true);
  }

  async findsNetwork(): Promise<void> {
    this.line.mend();
    await this.context.setOffline(false);
  }

  /** Takes pictures of what he sees, in light and in dark; nothing of it may stand in anybody's way. */
  async photographs(title: string): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: `${OUTPUT}${title}-${colorScheme}.png` });
      this.flaws.push(...(await obstacles(this.page)).map((obstacle) => `${title} (${colorScheme}): ${obstacle}`));
    }
  }

  async leaves(): Promise<void> {
    await this.context.close();
    this.line.end();
  }
}
