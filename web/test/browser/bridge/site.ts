import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const OPENIM = new URL("../../openim/node_modules/@openim/wasm-client-sdk/", import.meta.url);
const BRIDGE = new URL("../../../../sdk/typescript/dist/openim-bridge.js", import.meta.url);

/** What the app's site gives out: OpenIM's files as its documentation places them, and one script more. */
const FILES: Readonly<Record<string, URL>> = {
  "/wasm_exec.js": new URL("assets/wasm_exec.js", OPENIM),
  "/openIM.wasm": new URL("assets/openIM.wasm", OPENIM),
  "/sql-wasm.wasm": new URL("assets/sql-wasm.wasm", OPENIM),
  "/index.umd.js": new URL("lib/index.umd.js", OPENIM),
  "/worker.js": new URL("lib/worker.js", OPENIM),
  "/openim-bridge.js": BRIDGE,
};

const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };

const PAGE = `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"></head><body>
<script src="/wasm_exec.js"></script><script src="/index.umd.js"></script><script src="/openim-bridge.js"></script>
</body></html>`;

/** The site of an app on OpenIM's package. There is no OpenIM server behind it. */
export class Site {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Site> {
    for (const file of Object.values(FILES)) {
      if (!existsSync(file)) {
        throw new Error(`there is no ${fileURLToPath(file)}: npm ci --prefix test/openim, and build the SDK`);
      }
    }
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://site").pathname;
      const file = FILES[path];
      // OpenIM's database in the page wants a page of its own.
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
      response.setHeader("content-type", file === undefined ? "text/html" : (TYPES[extname(path)] ?? "text/plain"));
      response.statusCode = file === undefined && path !== "/" ? 404 : 200;
      response.end(file === undefined ? PAGE : readFileSync(file));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Site(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  end(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
