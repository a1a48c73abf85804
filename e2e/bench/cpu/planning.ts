import { z } from "zod";
import type { ConnectivityTest } from "../../../crds/connectivitytest.ts";
import { createObserver } from "../../../operator/cluster/observe.ts";
import { snapshotInTurns } from "../../../operator/cluster/snapshot.ts";
import { planRun, type PlanInput } from "../../../operator/planning/plan.ts";
import { networkPoliciesPath, podsPath, servicesPath } from "../../../operator/runtime/resourcePaths.ts";
import type { BuildBefore } from "./buildBefore.ts";
import { clusterOf } from "./cluster.ts";
import { densePlan, rawPod, rawPolicy, rawService, SIZES, widePlan } from "./objects.ts";
import { measureJudging } from "./judging.ts";
import type { Row } from "./rows.ts";
import { longestTurn, timeOf } from "./threadTime.ts";

const plannedSchema = z.object({
  spec: z.object({ paths: z.array(z.object({ witness: z.string().optional() })) }),
});

/** How many paths the plan has that ask for a witness. */
const witnessed = (planned: unknown) =>
  plannedSchema.parse(planned).spec.paths.filter(({ witness }) => witness !== undefined).length;

/** What it takes to plan a run, and to judge it, in a namespace of 5,000 dual-stack pods. */
export async function measurePlanning(before: BuildBefore | undefined): Promise<Row[]> {
  const many = (count: number, make: (number: number) => unknown) =>
    Array.from({ length: count }, (_, number) => make(number));
  const policies = many(SIZES.policies, rawPolicy);
  const { api } = clusterOf(
    new Map([
      [podsPath("big"), many(SIZES.pods, rawPod)],
      [servicesPath("big"), many(SIZES.services, rawService)],
      [networkPoliciesPath("big"), policies],
    ]),
  );
  const observe = createObserver({ ...api, runs: new Map() }, { grants: { values: () => [] } });
  const observing = await longestTurn(() => observe(densePlan()));
  const surroundings = await observe(densePlan());
  const inputOf = (test: ConnectivityTest): PlanInput => ({
    test,
    run: { id: "abc", trigger: "Schedule" },
    snapshot: surroundings,
    witness: { enabled: true, allow: [] },
  });
  const dense = inputOf(densePlan());
  const wide = inputOf(widePlan());
  const planned = planRun(dense);
  if ("problem" in planned) throw new Error(planned.problem.message);
  const count = witnessed(planned);
  if (count !== 256) throw new Error(`the plan has ${count} denied paths with a witness`);
  const denseInput = before?.planInput(dense, policies);
  // Once: it takes seconds.
  const denseBefore = before && timeOf(() => before.planRun(denseInput), 1);
  if (before && witnessed(before.planRun(before.planInput(wide, policies))) !== witnessed(planRun(wide)))
    throw new Error("the builds do not plan the same");
  const planning = timeOf(() => planRun(dense));
  const size = "5,000 dual-stack pods, 256 denied paths";
  return [
    { work: "planRun", size, before: denseBefore, now: planning, aim: { ratio: 0.02 } },
    { work: "longest turn: planRun", size, now: planning, aim: { ms: 50 } },
    {
      work: "longest turn: planRun",
      size: "5,000 dual-stack pods, 128 expectations",
      now: timeOf(() => planRun(wide)),
      aim: { ms: 50 },
    },
    {
      work: "longest turn: the indexes of a snapshot",
      size: "5,000 dual-stack pods",
      now: await longestTurn(() => snapshotInTurns(surroundings)),
      aim: { ms: 50 },
    },
    {
      work: "longest turn: observing",
      size: "5,000 dual-stack pods",
      now: observing,
      aim: { ms: 50 },
    },
    ...measureJudging(planned.spec, before),
  ];
}
