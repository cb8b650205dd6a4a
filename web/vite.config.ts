import { defineConfig } from "vite";
import { installable } from "./install/installable.js";

/** The default address of `wigwag serve`. The development server passes everything under /v1 on to it. */
const SERVER = process.env.WIGWAG_URL ?? "http://127.0.0.1:8710";

export default defineConfig({
  base: "./",
  plugins: [installable()],
  build: {
    target: "es2022",
    // The policy of the page forbids data: URLs for scripts and styles, so small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // kB. LiveKit's client has 530, and is fetched by the first call over LiveKit alone.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/v1": { target: SERVER, ws: true }, "/sw.js": SERVER, "/manifest.webmanifest": SERVER, "/icons": SERVER } },
});
