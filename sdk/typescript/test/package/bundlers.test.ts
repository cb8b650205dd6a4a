import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { tencentAliases } from "../../src/aliases.js";
import { Server } from "../e2e/server.js";
import { App, node, root } from "./built.js";

/** Each makes `built.mjs` of the app's `main.js`, as the migration page tells. */
const BUNDLERS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  esbuild: (folder) =>
    esbuild({
      absWorkingDir: folder,
      entryPoints: ["main.js"],
      outfile: "built.mjs",
      bundle: true,
      format: "esm",
      alias: tencentAliases,
      logLevel: "silent",
    }),
  Vite: (folder) =>
    vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      resolve: { alias: tencentAliases },
      build: { lib: { entry: "main.js", formats: ["es"], fileName: () => "built.mjs" }, outDir: ".", emptyOutDir: false },
    }),
  webpack: (folder) =>
    new Promise((done, failed) => {
      const entry = join(folder, "main.js");
      const output = { path: folder, filename: "built.mjs" };
      webpack({ mode: "none", context: folder, entry, output, resolve: { alias: tencentAliases } }, (error, built) =>
        error === null && built?.hasErrors() === false ? done(built) : failed(error ?? new Error(built?.toString())),
      );
    }),
};

describe("an app of Tencent's packages, none of them installed", () => {
  let server: Server;
  let app: App;
  beforeAll(async () => {
    server = await Server.start();
    await server.knows("bob");
    app = new App(join(root, "test/consumers/aliased"));
    // What a browser has, and Node from version 22.
    writeFileSync(join(app.folder, "browser.mjs"), 'import WebSocket from "ws";\nglobalThis.WebSocket ??= WebSocket;\n');
  });
  afterAll(async () => {
    app.end();
    await server.end();
  });

  test.each(Object.keys(BUNDLERS))("is built by %s with the aliases, and invites", async (bundler) => {
    await BUNDLERS[bundler]?.(app.folder);
    const words = ["--import", "./browser.mjs", "built.mjs", server.url, server.userSig("alice")];
    expect(node(app.folder, ...words)).toBe("0 true 0 1\n");
  });
});

test("the script for pages is read by browsers of 2017", () => {
  const script = readFileSync(join(root, "dist/tencent.js"), "utf8");
  expect(() => parse(script, { ecmaVersion: 2017 })).not.toThrow();
  expect(() =>
    parse(readFileSync(join(root, "dist/esm/client.js"), "utf8"), { ecmaVersion: 2017, sourceType: "module" }),
  ).toThrow();
});
