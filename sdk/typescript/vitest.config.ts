import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/package/built.ts",
    // Most of them wait, for deadlines and for servers that start. On two cores vitest would run one file at a time.
    maxWorkers: 3,
    // A server is started and killed in some of them.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
