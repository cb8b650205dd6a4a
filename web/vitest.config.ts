import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          // The stories start a browser and a server, and wait for timeouts of invitations.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Pages that decode video share the cores of the machine, so run one story at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
