import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/package/built.ts",
    // A server is started and killed in some of them.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
