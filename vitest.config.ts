import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["{crds,probes,operator}/**/*.test.ts", "e2e/**/*.unit.test.ts"] } },
      {
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: ["e2e/**/*.unit.test.ts"],
          globalSetup: "e2e/test/globalSetup.ts",
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 6,
        },
      },
    ],
  },
});
