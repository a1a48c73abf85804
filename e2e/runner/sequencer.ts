import { relative } from "node:path";

import { BaseSequencer, type TestSpecification } from "vitest/node";

import { recordedDurations } from "./durations.ts";
import { longestFirst } from "./schedule.ts";

/**
 * Begins with the files of scenarios that take longest. Unit tests, of which nothing is recorded, keep vitest's own order, and
 * projects that of their groups, which vitest sees to afterwards.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const pathOf = ({ moduleId }: TestSpecification) => relative(this.ctx.config.root, moduleId);
    // oxlint-disable-next-line unicorn/no-array-sort -- It is vitest's, of no array.
    const usual = await super.sort(files);
    return longestFirst(usual, { pathOf, durations: recordedDurations() });
  }
}
