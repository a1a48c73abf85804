import { PASSED_GATE } from "../../crds/group.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { bySeverity } from "../verdict/severity.ts";
import type { EndedRun } from "./testState.ts";

/** The token with which a pod requests a run of each test that names it. */
export const tokenOfPod = (uid: string) => `${PASSED_GATE}:${uid}`;

/** Between the token of a pod and the run after which it requests another one. */
const AFTER_RUN = "~";

/** The token with which the pod requests another run after this one, which has not passed. */
export const nextTokenOfPod = (uid: string, run: string) => `${tokenOfPod(uid)}${AFTER_RUN}${run}`;

/** Returns the UID of the pod that requested a run with this token; undefined if no pod did. */
export function podOfToken(token: string): string | undefined {
  const prefix = tokenOfPod("");
  return token.startsWith(prefix) ? token.slice(prefix.length).split(AFTER_RUN)[0] : undefined;
}

/**
 * Returns the verdicts of a run for a token: if a pod requested it, and the run has a twin of that pod, those of the paths of its
 * source alone. So pods of another version that a policy has cut off do not stop the version that is to replace them. An expectation
 * with a finding, which has no path, counts as a whole.
 */
export function verdictsForToken(
  { run, verdicts }: Pick<EndedRun, "run" | "verdicts">,
  token: string,
): readonly ExpectationVerdict[] {
  const uid = podOfToken(token);
  const twins = run.spec.pods.filter(({ sourcePod }) => sourcePod !== undefined && sourcePod.uid === uid);
  const sources = new Set(twins.map(({ source }) => source));
  const withFinding = new Set(run.spec.findings.map(({ expectation }) => expectation));
  const own = verdicts.flatMap((expectation) => {
    if (withFinding.has(expectation.name)) return [expectation];
    const paths = expectation.paths.filter(({ from }) => sources.has(from));
    const [worst] = paths.toSorted(bySeverity);
    return worst ? [{ ...expectation, ...pickVerdict(worst), paths }] : [];
  });
  // Without a path of its own, nothing was found about the pod.
  return own.some(({ paths }) => paths.some(({ from }) => sources.has(from))) ? own : verdicts;
}

const pickVerdict = ({
  verdict,
  reason,
  actual,
}: Pick<ExpectationVerdict, "verdict" | "reason" | "actual">) => ({
  verdict,
  reason,
  actual,
});
