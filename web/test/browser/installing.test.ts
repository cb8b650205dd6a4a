import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath, World } from "./world.js";

/** What Chromium finds before it offers to install a page. */
let world: World;
let home: string;
let browser: BrowserContext;
let devtools: CDPSession;

beforeAll(async () => {
  world = await World.start();
  // Nothing is installed from a window that leaves no trace, so this one has a profile.
  home = mkdtempSync(join(tmpdir(), "wigwag-installing-"));
  browser = await chromium.launchPersistentContext(home, { executablePath: chromiumPath(), args: ["--no-sandbox"] });
  const page = await browser.newPage();
  devtools = await browser.newCDPSession(page);
  await page.goto(address("/"));
});

afterAll(async () => {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
  await world.end();
});

it("Chromium finds nothing in the way of installing the page", async () => {
  const { url, errors, data } = await devtools.send("Page.getAppManifest");
  expect([url, errors]).toEqual([address("/manifest.webmanifest"), []]);
  expect(JSON.parse(data ?? "")).toMatchObject({ name: "Wigwag", start_url: "./", scope: "./", display: "standalone" });
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);
  const { appId } = await devtools.send("Page.getAppId");
  expect(appId).toBe(address("/"));
});

it("the manifest and its icons are what they say, and are asked for again each time", async () => {
  const manifest = await fetch(address("/manifest.webmanifest"));
  expect(manifest.headers.get("content-type")).toBe("application/manifest+json");
  expect(manifest.headers.get("cache-control")).toBe("no-cache");
  const { icons } = (await manifest.json()) as { icons: { src: string; sizes: string; type: string; purpose: string }[] };
  expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual(["192x192 any", "512x512 any", "512x512 maskable"]);
  for (const { src, sizes, type } of [...icons, { src: "./icons/apple-180.png", sizes: "180x180", type: "image/png" }]) {
    const icon = await fetch(new URL(src, manifest.url));
    expect([icon.status, icon.headers.get("content-type"), icon.headers.get("cache-control")], src).toEqual([
      200,
      type,
      "no-cache",
    ]);
    // PNG, third edition, section 11.2.1: width and height are the first words of the first chunk.
    const bytes = new DataView(await icon.arrayBuffer());
    expect(`${bytes.getUint32(16)}x${bytes.getUint32(20)}`, src).toBe(sizes);
  }
});

function address(path: string): string {
  return `http://127.0.0.1:${world.server.port}${path}`;
}
