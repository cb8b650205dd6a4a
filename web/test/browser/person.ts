import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { RoomScene } from "../../src/rooms/ids.js";
import type { Say } from "../../src/strings/say.js";
import { obstacles } from "./access.js";
import type { Line } from "./line.js";
import { OUTPUT } from "./world.js";

/** How long a step may take before the story fails, ms: two cores may have to decode video for several pages. */
export const PATIENCE_MS = 20_000;

/** More than the number of elements on a page that can have the focus. */
const MOST_STEPS = 40;

/** A person in front of a browser. They find everything by roles and names, as a screen reader does. */
export class Person {
  /** Errors and violations of the policy that the pages reported. */
  readonly flaws: string[] = [];
  page!: Page;

  constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly line: Line,
    /** The texts of the page, in the language of this person. */
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

  /** Waits until the page has played a sound. */
  async hearsTones(): Promise<void> {
    await this.page.waitForFunction(() => (window as { tones?: number }).tones !== undefined);
  }

  /** Opens the app in a new tab, and goes on in it. */
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

  /** Opens the conversation with another user. */
  async turnsTo(name: string): Promise<void> {
    await this.page.getByLabel(this.say("people.who")).fill(name);
    await this.presses(this.say("people.open"));
    await this.sees(this.page.getByRole("heading", { name, exact: true }));
  }

  /** Sends a text in the open conversation, and waits until it is shown. */
  async says(words: string): Promise<void> {
    await this.page.locator(".composer input").fill(words);
    await this.presses(this.say("talk.send"));
    await this.readsLine(words);
  }

  async calls(name: string, media: "video" | "audio" = "video"): Promise<void> {
    await this.turnsTo(name);
    await this.presses(this.say(`call.${media}To`, { name }));
    // On a phone the list of people has these words too, and is hidden.
    // How far it is by then is the other side's.
    await this.sees(this.page.getByRole("dialog").getByRole("button", { name: this.say("call.cancel") }));
  }

  /** Creates a room. */
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

  /** Waits until the list under this heading has these names. */
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

  /** Waits until these users have the seats, from the first to the last; null for a free one. */
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

  /** Presses the tab key until the element with this label has the focus. */
  async tabsTo(label: string): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      await this.page.keyboard.press("Tab");
      if ((await this.page.locator(":focus").getAttribute("aria-label")) === label) {
        return;
      }
    }
    throw new Error(`${this.name} does not come to ${label} with ${MOST_STEPS} tabs`);
  }

  /** Waits until this button has the focus. */
  async isOn(label: string): Promise<void> {
    await this.page.waitForFunction((words) => {
      const { activeElement } = document;
      return (activeElement?.getAttribute("aria-label") ?? activeElement?.textContent) === words;
    }, label);
  }

  async presses(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Closes the card that tells how a call ended, unless it went by itself. */
  async closes(): Promise<void> {
    const buttons = this.page.locator(".call-over").getByRole("button", { name: this.say("call.close"), exact: true });
    await buttons.evaluateAll(([button]) => (button as HTMLButtonElement | undefined)?.click());
    await this.page.locator(".call-over").waitFor({ state: "detached" });
  }

  /** Lays the pointer where the card about a call's end appears, which stays under it. */
  async restsPointer(): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width / 2, height / 2);
  }

  /** Waits until these words are somewhere on the page. */
  async reads(words: string | RegExp): Promise<void> {
    await this.sees(this.page.locator("main").getByText(words).first());
  }

  /** Waits until these words are on a page in which nothing was pressed: every other look at it counts as a press with the browser. */
  async readsUntouched(words: string): Promise<void> {
    const devtools = await this.context.newCDPSession(this.page);
    const look = async () => {
      const { result } = await devtools.send("Runtime.evaluate", { expression: "document.body.innerText", userGesture: false });
      return String(result.value);
    };
    await expect.poll(look, { timeout: PATIENCE_MS, interval: 500 }).toContain(words);
    await devtools.detach();
  }

  async sees(what: Locator): Promise<void> {
    await what.waitFor({ state: "visible" });
  }

  /** Waits until the open conversation has these words. */
  async readsLine(words: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole("log").getByText(words).last());
  }

  /** How many lines of the open conversation have these words. */
  async lines(words: string | RegExp): Promise<number> {
    await this.readsLine(words);
    return this.page.getByRole("log").getByText(words).count();
  }

  /** Waits until the video of the other side plays. */
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

  /** Cuts the network, both for the browser and on the wire. */
  async losesNetwork(): Promise<void> {
    this.line.cut();
    await this.context.setOffline(true);
  }

  async findsNetwork(): Promise<void> {
    this.line.mend();
    await this.context.setOffline(false);
  }

  /** Takes screenshots in light and in dark, and checks the accessibility of both. */
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
