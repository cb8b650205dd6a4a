import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/package/built.ts",
    // Most of them wait, for deadlines and for servers that start. On two cores vitest would run one file at a time.
    maxWorkers: 3,
    // Some start and kill a server, others play hundreds of random worlds: seconds on an idle machine, and ten times as long on a busy
    // one. A wait for one condition has less.
    testTimeout: 240_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
