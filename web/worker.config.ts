import { defineConfig } from "vite";

/** The service worker: one script, under a name that stays, because browsers look there for the next version. */
export default defineConfig({
  publicDir: false,
  build: {
    emptyOutDir: false,
    target: "es2022",
    rollupOptions: { input: "src/worker/worker.ts", output: { format: "iife", entryFileNames: "sw.js" } },
  },
});
