import type { Page } from "playwright-core";
import { expect } from "vitest";
import { obstacles } from "./access.js";
import { PATIENCE_MS } from "./person.js";
import { OUTPUT, type World } from "./world.js";

/** Somebody before the console. They find everything by roles and names, as a screen reader does. */
export class Operator {
  /** Violations of the page's policy, and obstacles. */
  readonly flaws: string[] = [];

  private constructor(readonly page: Page) {
    page.on("console", (message) => {
      if (/Content.Security.Policy|TrustedHTML/i.test(message.text())) {
        this.flaws.push(message.text());
      }
    });
  }

  /** Opens the console. It is there within a second of the first key. */
  static async opens(world: World): Promise<Operator> {
    const address = consoleOf(world);
    await expect.poll(async () => (await fetch(address)).status, { timeout: PATIENCE_MS }).toBe(200);
    return new Operator(await world.visits(address, "operator"));
  }

  async enters(key: string): Promise<void> {
    await this.page.getByLabel("Key", { exact: true }).fill(key);
    await this.page.getByRole("button", { name: "Open", exact: true }).click();
  }

  /** Goes to a section, and there to something by its ID. */
  async finds(section: string, id: string): Promise<void> {
    await this.page.getByRole("link", { name: section, exact: true }).click();
    // The page before it may have a field of the same name, which goes with what is written into it.
    await this.page.getByRole("heading", { level: 1, name: section, exact: true }).waitFor();
    await this.page.getByRole("search").getByRole("textbox").fill(id);
    await this.page.getByRole("button", { name: "Find" }).click();
    await this.page.getByRole("heading", { level: 1, name: id }).waitFor();
  }

  /** Presses a button, agrees to what is asked, and closes what is said then. */
  async does(label: string, question: string, said: string | RegExp, close = "Close"): Promise<void> {
    await this.page.getByRole("main").getByRole("button", { name: label, exact: true }).click();
    const dialog = this.page.getByRole("dialog", { name: question });
    await dialog.getByRole("button", { name: label, exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const outcome = this.page.locator(".outcome");
    await outcome.getByText(said).waitFor();
    await outcome.getByRole("button", { name: close }).click();
  }

  /** Waits until a part of the page has these words. */
  async reads(panel: string, words: string | RegExp): Promise<void> {
    await this.panel(panel).getByText(words).first().waitFor();
  }

  /** A part of the page, by its title. */
  panel(title: string) {
    return this.page
      .locator("section.card")
      .filter({ has: this.page.getByRole("heading", { level: 2, name: title, exact: true }) });
  }

  /** Takes screenshots in light and in dark, at both sizes, and checks the accessibility and that nothing leaves the window. */
  async photographs(title: string): Promise<void> {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await this.page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await this.page.emulateMedia({ colorScheme });
        await this.page.screenshot({ path: `${OUTPUT}console-${title}-${size}-${colorScheme}.png`, fullPage: true });
        this.flaws.push(...(await obstacles(this.page)).map((obstacle) => `${title} (${size}, ${colorScheme}): ${obstacle}`));
      }
      if (await this.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) {
        this.flaws.push(`${title} (${size}): the page is wider than the window`);
      }
    }
  }
}

export function consoleOf(world: World): string {
  return `http://127.0.0.1:${world.server.port}/console/`;
}

/** A laptop last: the story goes on in it. */
const SIZES = {
  phone: { width: 390, height: 844 },
  sideways: { width: 844, height: 390 },
  desktop: { width: 1280, height: 800 },
};
