import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          // A browser and a server are started, and people wait for each other with deadlines of their own.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Pages that ring, draw and decode video share the machine's cores: one story at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
