import { probeRunStatusSchema, type PlannedPath, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { WitnessContext } from "../planning/witnessPlacement.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import { planFollowUp } from "../runs/followUpRun.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { judge } from "../verdict/judge.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import type { RunWithWitness } from "../verdict/runEvidence.ts";
import { later, NAMESPACE, snapshot } from "./objects.ts";
import { apart, EXACT, runOf, witnessesOf, type PathSketch, type RunSketch } from "./probeRuns.ts";

/** The samples of a path; undefined: its pod did not run. */
export type SamplesOf = (path: PlannedPath) => string | undefined;

export interface FollowUpSamples {
  readonly probes: SamplesOf;
  readonly witnesses: SamplesOf;
}

/** A minute after the first run, with every pod on its planned node. */
const FOLLOW_UP_TIME = later(60_000).toISOString();

/** `probesOn`: the node to which the scheduler assigns every twin, independent of its preference. */
function recordOf(spec: ProbeRunSpec, tell: SamplesOf, probesOn?: string): RunRecord {
  const reported = spec.paths.map((path) => ({ path, samples: tell(path) }));
  const ran = (name: string) =>
    reported.some(({ path, samples }) => path.pod === name && samples !== undefined);
  return {
    spec,
    status: probeRunStatusSchema.parse({
      phase: "Finished",
      finishedAt: FOLLOW_UP_TIME,
      pods: spec.pods.map(({ name, twin, witness }) =>
        ran(name)
          ? {
              name,
              phase: "Finished",
              node: (twin && probesOn) ?? twin?.nodeName ?? witness?.node,
              roundsStartedAt: FOLLOW_UP_TIME,
              clock: EXACT,
            }
          : { name, phase: "NotRun", message: "exceeded quota" },
      ),
      results: reported.flatMap(({ path: { id, pod }, samples }) =>
        pod === "" || samples === undefined ? [] : [{ path: id, samples }],
      ),
      // No policy treats a source and its twin differently.
      sources: { comparedAt: FOLLOW_UP_TIME, differences: [] },
    }),
  };
}

/** The follow-up run of a run as planned, with the reports of its pods; undefined if there is none. */
export function followUpOf(
  first: RunWithWitness,
  context: WitnessContext,
  { probes, witnesses }: FollowUpSamples,
): RunWithWitness | undefined {
  const spec = planFollowUp(judgeRun(first), context);
  if (!spec) return undefined;
  const asked = planWitnesses({ metadata: { namespace: NAMESPACE }, spec });
  return { run: recordOf(spec, probes), ...(asked && { witness: recordOf(asked, witnesses) }) };
}

/** A first run as planned, with its probe pods on one node. */
export function lookFrom(
  node: string,
  spec: ProbeRunSpec,
  { probes, witnesses }: FollowUpSamples,
): RunWithWitness {
  const asked = planWitnesses({ metadata: { namespace: NAMESPACE }, spec });
  return { run: recordOf(spec, probes, node), ...(asked && { witness: recordOf(asked, witnesses) }) };
}

/** An address outside of the cluster where a witness may go. */
export const OUTSIDE = "203.0.113.10";

export const witnessContext = (cluster: Parameters<typeof snapshot>[0] = {}): WitnessContext => ({
  namespace: NAMESPACE,
  snapshot: snapshot(cluster),
  settings: { enabled: true, allow: ["203.0.113.0/24"] },
});

/** What is open is open again, what was closed is closed, and every witness gets there. */
export const sameAsBefore: FollowUpSamples = {
  probes: ({ check }) => (check.provesSource ? "AAAAA" : "....."),
  witnesses: () => "CCCCCCCC",
};

export const firstRun = (paths: readonly PathSketch[], witnesses?: RunSketch): RunWithWitness => ({
  run: runOf({ pods: apart, paths }),
  ...(witnesses && { witness: witnessesOf(witnesses) }),
});

export interface FollowUpCase {
  readonly paths: readonly PathSketch[];
  readonly witnesses?: RunSketch;
  readonly on?: WitnessContext;
  readonly telling?: Partial<FollowUpSamples>;
}

/** The verdict on the first path's expectation after the follow-up run. */
export function judgedWithFollowUp({ paths, witnesses, on, telling }: FollowUpCase) {
  return judgedAgain(firstRun(paths, witnesses), { ...(on && { on }), ...(telling && { telling }) });
}

/** Likewise, for a first run that has ended. */
export function judgedAgain(
  first: RunWithWitness,
  { on = witnessContext(), telling = {} }: Pick<FollowUpCase, "on" | "telling">,
) {
  const followUp = followUpOf(first, on, { ...sameAsBefore, ...telling });
  const [judged] = judge(first.run, first.witness, followUp);
  if (judged === undefined) throw new Error("the run has no expectation");
  const {
    verdict,
    reason,
    message,
    paths: [worst],
  } = judged;
  return { looks: followUp ? 2 : 1, verdict, reason, message, samples: worst?.samples, ...worst?.proof };
}
