import { probeRunSchema, type ProbeRun, type ProbeRunSpec } from "../../../crds/proberun/proberun.ts";
import { planWitnesses } from "../../../operator/planning/witnessPlan.ts";
import { judge } from "../../../operator/verdict/judge.ts";
import type { Row } from "./rows.ts";
import { timeOf } from "./threadTime.ts";

const BEGAN = "2026-11-29T12:00:00.000Z";
const ENDED = "2026-11-29T12:00:20.000Z";

/** A run of this plan that has ended, with the same samples on every path. */
function endedRun(spec: ProbeRunSpec, samples: string): ProbeRun {
  return probeRunSchema.parse({
    metadata: { name: "dense-abc", namespace: "big", uid: "run", creationTimestamp: BEGAN },
    spec,
    status: {
      phase: "Finished",
      finishedAt: ENDED,
      pods: spec.pods.map(({ name }) => ({ name, phase: "Finished", roundsStartedAt: BEGAN })),
      results: spec.paths.map(({ id }) => ({ path: id, samples })),
    },
  });
}

/** What it takes to judge a run of 256 denied paths whose witnesses all got through. */
export function measureJudging(spec: ProbeRunSpec): Row[] {
  const run = endedRun(spec, "..........");
  const plan = planWitnesses(run);
  if (!plan) throw new Error("the plan asks for no witness");
  const witness = endedRun(plan, "CCCCCCCCCC");
  const [verdict] = judge(run, witness);
  if (verdict?.pathCount !== spec.paths.length) throw new Error(`${verdict?.pathCount} paths were judged`);
  return [
    {
      work: "longest turn: judge",
      size: `${spec.paths.length} denied paths, ${plan.paths.length} of witnesses`,
      now: timeOf(() => judge(run, witness)),
      aim: { ms: 50 },
    },
  ];
}
