import { defineConfig } from "vite";

/** Where `wigwag serve` listens unless told otherwise; the development server passes everything under /v1 on to it. */
const SERVER = process.env.WIGWAG_URL ?? "http://127.0.0.1:8710";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // The page's policy allows no data: scripts or styles; small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": { target: SERVER, ws: true } } },
});
