import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ObserveSources } from "../cluster/observeSources.ts";
import {
  distinguishingPolicies,
  isComparisonNeeded,
  sourceDifferences,
} from "../endpoints/sourceComparison.ts";
import { inTurn } from "../runtime/turns.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import type { RecheckedRun } from "./recheckTargets.ts";
import type { RunWriter } from "./runWriter.ts";
import { isEveryRunFinished } from "./syncTestRun.ts";

export interface SourceRecheckOptions {
  readonly runs: RunWriter;
  readonly observeSources: ObserveSources;
}

/**
 * Compares, once, the sources of a run that has ended with the twins that tried their paths, and records the paths where
 * a policy treats the two differently. A run whose plan has compared all of them costs no request.
 */
export function createSourceRecheck({ runs, observeSources }: SourceRecheckOptions) {
  return async (test: ConnectivityTest, advanced: RecheckedRun, now: Date): Promise<RecheckedRun> => {
    const { run, followUp, judgedRuns } = advanced;
    const records = [run, ...(followUp ? [followUp.run] : [])];
    if (!isEveryRunFinished(advanced) || run.status.sources || !records.some(isComparisonNeeded))
      return advanced;
    const compared = new Set(
      records.flatMap(({ spec }) =>
        spec.paths.flatMap((path) => (path.sourceComparison === undefined ? [] : path.expectation)),
      ),
    );
    const expectations = test.spec.expectations.filter(({ name }) => compared.has(name));
    const input = { runs: records, test: { ...test, spec: { ...test.spec, expectations } } };
    const observed = await observeSources(input.test, (everywhere) =>
      distinguishingPolicies({ ...input, snapshot: everywhere }),
    );
    const sources = {
      comparedAt: now.toISOString(),
      differences: sourceDifferences({ ...input, ...observed }),
    };
    const recorded = await runs.record(run, { ...run.status, sources });
    const first = await inTurn(() => judgeRun({ ...advanced, run: recorded }));
    return { ...advanced, run: recorded, ...(judgedRuns && { judgedRuns: { ...judgedRuns, first } }) };
  };
}
