import { defineConfig } from "vitest/config";

import { WORKERS } from "./e2e/runner/schedule.ts";
import { LongestFirst } from "./e2e/runner/sequencer.ts";

/** What every test against the embedded cluster is run with. */
const cluster = {
  globalSetup: "e2e/runner/globalSetup.ts",
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Property tests take longer than vitest's 5 s on a machine that does other things as well.
        test: {
          name: "unit",
          include: ["{crds,probes,operator,cli}/**/*.test.ts", "e2e/**/*.unit.test.ts"],
          testTimeout: 60_000,
          // A context for each of 180 files costs four times the CPU. So no unit test may mock a module: the next file would get it.
          isolate: false,
        },
      },
      {
        test: {
          ...cluster,
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: [
            "e2e/**/*.unit.test.ts",
            "e2e/browser/**",
            "e2e/node-faults/**",
            "e2e/engines/**",
            "e2e/gates/**",
          ],
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What a browser shows. It needs no cluster.
        test: {
          name: "browser",
          include: ["e2e/browser/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What touches a whole node, and with it everything else that runs there: alone, after all others.
        test: {
          ...cluster,
          name: "node",
          include: ["e2e/node-faults/**/*.test.ts"],
          exclude: ["e2e/**/*.unit.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // What builds other Go programs, and installs netverdict again: for `npm run test:gates` alone.
        test: {
          ...cluster,
          name: "gates",
          include: ["e2e/gates/**/*.test.ts"],
          exclude: ["e2e/**/*.unit.test.ts"],
          testTimeout: 400_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      {
        // What no other engine has: for `npm run test:engines` alone.
        test: {
          ...cluster,
          name: "cilium",
          include: ["e2e/engines/cilium.test.ts"],
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
