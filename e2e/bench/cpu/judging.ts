import {
  probeRunSchema,
  type PlannedPath,
  type PlannedPod,
  type ProbeRun,
  type ProbeRunSpec,
} from "../../../crds/proberun/proberun.ts";
import { planWitnesses } from "../../../operator/planning/witnessPlan.ts";
import { judge } from "../../../operator/verdict/judge.ts";
import type { BuildBefore } from "./buildBefore.ts";
import type { Row } from "./rows.ts";
import { timeOf } from "./threadTime.ts";

const BEGAN = "2026-11-29T12:00:00.000Z";
const ENDED = "2026-11-29T12:00:20.000Z";
/** The clock of each node is within 50 ms of the operator's. */
const CLOCK = { observer: "operator", minOffset: -50, maxOffset: 50 };

/** A run of this plan that has ended, each pod on the node that it was planned for. */
function endedRun(spec: ProbeRunSpec, samplesOf: (path: PlannedPath) => string): ProbeRun {
  return probeRunSchema.parse({
    metadata: { name: "dense-abc", namespace: "big", uid: "run", creationTimestamp: BEGAN },
    spec,
    status: {
      phase: "Finished",
      finishedAt: ENDED,
      pods: spec.pods.map(podStatusOf),
      results: spec.paths.map((path) => ({ path: path.id, samples: samplesOf(path) })),
    },
  });
}

function podStatusOf({ name, twin, witness }: PlannedPod) {
  const node = twin?.nodeName ?? witness?.node;
  return { name, phase: "Finished", node, roundsStartedAt: BEGAN, clock: CLOCK };
}

/** What it takes to judge a run of 256 paths that should be denied, whose witnesses all got through. */
export function measureJudging(spec: ProbeRunSpec, before: BuildBefore | undefined): Row[] {
  const plan = planWitnesses(endedRun(spec, () => ""));
  if (!plan) throw new Error("the plan asks for no witness");
  const witness = endedRun(plan, () => "CCCCCCCCCC");
  const rowOf = (paths: string, samplesOf: (path: PlannedPath) => string): Row => {
    const run = endedRun(spec, samplesOf);
    const [verdict] = judge(run, witness);
    if (verdict?.pathCount !== spec.paths.length) throw new Error(`${verdict?.pathCount} paths were judged`);
    return {
      work: "longest turn: judge",
      size: `${paths}, ${plan.paths.length} of witnesses`,
      before: before && timeOf(() => before.judge(run, witness)),
      now: timeOf(() => judge(run, witness)),
      aim: { ms: 50 },
    };
  };
  const half = spec.paths.length / 2;
  return [
    rowOf(`${spec.paths.length} denied paths`, () => ".........."),
    rowOf(`${half} denied and ${half} open paths`, ({ id }) => (id % 2 === 0 ? ".........." : "CCCCCCCCCC")),
  ];
}
