import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Where the packages of the apps on TUICallKit are. */
const PACKAGES = fileURLToPath(new URL("../../tencent/", import.meta.url));

/** The sources of such an app for Vue, with the configuration for Vite that the migration page shows. */
const VUE = PACKAGES;

/** The same for React. */
export const REACT = join(PACKAGES, "react");

/** On TUICallKit 2, and on trtc-calling-js: packages that stand on trtc-js-sdk 4. */
export const OLDER = join(PACKAGES, "older");
export const CALLING = join(PACKAGES, "calling");

/** What apps in this repository have installed as @wigwag/sdk. */
const SDK = fileURLToPath(new URL("../../../../sdk/typescript/dist/esm/index.js", import.meta.url));

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** The site of an app, one on TUICallKit for Vue unless another folder is named, built by Vite. There is nothing of Tencent's behind it. */
export class Site {
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server) {
    this.#folder = folder;
    this.#server = server;
  }

  static async start(app = VUE): Promise<Site> {
    const isOnKit = app.startsWith(PACKAGES);
    if (isOnKit && !existsSync(join(PACKAGES, "node_modules"))) {
      throw new Error(`${PACKAGES} has no packages: npm ci --prefix test/tencent`);
    }
    const folder = mkdtempSync(join(tmpdir(), "wigwag-site-"));
    const resolve = isOnKit ? {} : { alias: { "@wigwag/sdk": SDK } };
    await build({
      root: app,
      resolve,
      logLevel: "warn",
      build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
    });
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site");
      const file = join(folder, pathname === "/" ? "index.html" : pathname);
      const found = file.startsWith(folder) && existsSync(file);
      response.statusCode = found ? 200 : 404;
      response.setHeader("content-type", TYPES[extname(file)] ?? "text/plain");
      response.end(found ? readFileSync(file) : "");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Site(folder, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  end(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
