import { probeRunStatusSchema, type PlannedPath, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { Terrain } from "../planning/witnessPlacement.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import { planSecondLook } from "../runs/followUpRun.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { judge, type Look } from "../verdict/judge.ts";
import { later, NAMESPACE, surroundings } from "./objects.ts";
import { apart, EXACT, runOf, witnessesOf, type PathSketch, type RunSketch } from "./probeRuns.ts";

/** The samples of a path; undefined: its pod did not run. */
export type Tell = (path: PlannedPath) => string | undefined;

export interface SecondTelling {
  readonly probes: Tell;
  readonly witnesses: Tell;
}

/** A minute after the first look, everything on the node where it was planned to be. */
const AGAIN = later(60_000).toISOString();

/** `probesOn`: the node that the scheduler puts every twin on, whichever it prefers. */
function recordOf(spec: ProbeRunSpec, tell: Tell, probesOn?: string): RunRecord {
  const told = spec.paths.map((path) => ({ path, samples: tell(path) }));
  const ran = (name: string) => told.some(({ path, samples }) => path.pod === name && samples !== undefined);
  return {
    spec,
    status: probeRunStatusSchema.parse({
      phase: "Finished",
      finishedAt: AGAIN,
      pods: spec.pods.map(({ name, twin, witness }) =>
        ran(name)
          ? {
              name,
              phase: "Finished",
              node: (twin && probesOn) ?? twin?.nodeName ?? witness?.node,
              roundsStartedAt: AGAIN,
              clock: EXACT,
            }
          : { name, phase: "NotRun", message: "exceeded quota" },
      ),
      results: told.flatMap(({ path: { id, pod }, samples }) =>
        pod === "" || samples === undefined ? [] : [{ path: id, samples }],
      ),
    }),
  };
}

/** The second look at a run as it is planned there, and as its pods tell of it; undefined: there is none. */
export function lookAgain(
  first: Look,
  terrain: Terrain,
  { probes, witnesses }: SecondTelling,
): Look | undefined {
  const spec = planSecondLook(first, terrain);
  if (!spec) return undefined;
  const asked = planWitnesses({ metadata: { namespace: NAMESPACE }, spec });
  return { run: recordOf(spec, probes), ...(asked && { witness: recordOf(asked, witnesses) }) };
}

/** The first look at a run as it is planned, with its probe pods on one node. */
export function lookFrom(node: string, spec: ProbeRunSpec, { probes, witnesses }: SecondTelling): Look {
  const asked = planWitnesses({ metadata: { namespace: NAMESPACE }, spec });
  return { run: recordOf(spec, probes, node), ...(asked && { witness: recordOf(asked, witnesses) }) };
}

/** An address outside of the cluster where a witness may go. */
export const OUTSIDE = "203.0.113.10";

export const terrain = (cluster: Parameters<typeof surroundings>[0] = {}): Terrain => ({
  surroundings: surroundings(cluster),
  settings: { enabled: true, allow: ["203.0.113.0/24"] },
});

/** What is open is open again, what was closed is closed, and every witness gets there. */
export const asBefore: SecondTelling = {
  probes: ({ check }) => (check.signOfLife ? "AAAAA" : "....."),
  witnesses: () => "CCCCCCCC",
};

export const firstLook = (paths: readonly PathSketch[], witnesses?: RunSketch): Look => ({
  run: runOf({ pods: apart, paths }),
  ...(witnesses && { witness: witnessesOf(witnesses) }),
});

export interface Scene {
  readonly paths: readonly PathSketch[];
  readonly witnesses?: RunSketch;
  readonly on?: Terrain;
  readonly telling?: Partial<SecondTelling>;
}

/** The verdict on the first path's expectation, once there was a second look. */
export function judgedTwice({ paths, witnesses, on, telling }: Scene) {
  return judgedAgain(firstLook(paths, witnesses), { ...(on && { on }), ...(telling && { telling }) });
}

/** Likewise, for a first look that has been. */
export function judgedAgain(first: Look, { on = terrain(), telling = {} }: Pick<Scene, "on" | "telling">) {
  const again = lookAgain(first, on, { ...asBefore, ...telling });
  const [judged] = judge(first.run, first.witness, again);
  if (judged === undefined) throw new Error("the run has no expectation");
  const {
    verdict,
    reason,
    message,
    paths: [worst],
  } = judged;
  return { looks: again ? 2 : 1, verdict, reason, message, samples: worst?.samples, ...worst?.proof };
}
