import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const SERVER = process.env.WIGWAG_URL ?? "http://127.0.0.1:8710";
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The operators' console: a build of its own, so that nothing of it is in the app. */
export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: here("../public"),
  build: {
    outDir: here("../dist/console"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": SERVER } },
});
