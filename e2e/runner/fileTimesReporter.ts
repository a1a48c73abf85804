import { writeFileSync } from "node:fs";

import type { Reporter, TestModule, Vitest } from "vitest/node";

import { Failure } from "../process/failure.ts";
import type { FileTime } from "./fileTimes.ts";

/** The name of vitest's option for the file of the times: `--outputFile.fileTimes=PATH`. */
const OUTPUT = "fileTimes";

/**
 * A reporter of vitest that writes how long each file took with its hooks. vitest's JSON report leaves `beforeAll` out, where
 * most scenarios have their run: there a file of two minutes may have taken some milliseconds.
 */
export default class FileTimesReporter implements Reporter {
  #output = "";

  onInit({ config: { outputFile } }: Vitest): void {
    const output = typeof outputFile === "object" ? outputFile[OUTPUT] : undefined;
    if (output === undefined)
      throw new Failure(`the file times have no place: pass --outputFile.${OUTPUT}=PATH`);
    this.#output = output;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    writeFileSync(this.#output, JSON.stringify(modules.map(timeOf)));
  }
}

function timeOf(module: TestModule): FileTime {
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  return {
    path: module.relativeModuleId,
    seconds: (setupDuration + collectDuration + duration) / 1_000,
    tests: Array.from(module.children.allTests(), (test) => ({
      name: test.fullName,
      seconds: (test.diagnostic()?.duration ?? 0) / 1_000,
    })),
  };
}
