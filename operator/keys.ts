import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import {
  API_VERSION,
  CONNECTIVITY_TEST,
  type KindNames,
  PROBE_RUN,
  WITNESS_NAMESPACE,
} from "../crds/group.ts";
import { controllerOf, keyOf, type Metadata, type OwnerReference } from "../crds/object.ts";
import type { ProbeRun } from "../crds/proberun.ts";
import type { ProbePod } from "./probePod.ts";

/** The controlling owner if it is of this kind; an owner is in the namespace of what it owns. */
function owningKey(
  metadata: Metadata,
  { kind }: KindNames,
): (OwnerReference & { readonly key: string }) | undefined {
  const owner = controllerOf(metadata);
  if (owner?.kind !== kind || owner.apiVersion !== API_VERSION) return undefined;
  return { ...owner, key: keyOf({ namespace: metadata.namespace, name: owner.name }) };
}

/** What is to be reconciled when a test has changed: the test. */
export function keyOfTest({ metadata }: ConnectivityTest): string {
  return keyOf(metadata);
}

/**
 * Whether it is the run of witnesses. In that namespace a run speaks for a test without being owned by it; nobody but
 * the operator may write there. Elsewhere the owner alone counts, whatever the run says of itself.
 */
export function isWitnessRun({ metadata }: ProbeRun): boolean {
  return metadata.namespace === WITNESS_NAMESPACE && controllerOf(metadata) === undefined;
}

/** What is to be reconciled when a run has changed: the test that controls it, or whose witnesses it holds, if any. */
export function keyOfRun(run: ProbeRun): string | undefined {
  if (!isWitnessRun(run)) return owningKey(run.metadata, CONNECTIVITY_TEST)?.key;
  const { name, namespace } = run.spec.test;
  return namespace === undefined ? undefined : keyOf({ namespace, name });
}

/**
 * What is to be reconciled when a probe pod has changed: the test of its run. Undefined if the run has not been seen
 * yet (its own arrival will name the test) or is another one of the same name.
 */
export function keyOfPod(
  { metadata }: ProbePod,
  runs: { get(key: string): ProbeRun | undefined },
): string | undefined {
  const owner = owningKey(metadata, PROBE_RUN);
  const run = owner && runs.get(owner.key);
  return run && run.metadata.uid === owner.uid ? keyOfRun(run) : undefined;
}
