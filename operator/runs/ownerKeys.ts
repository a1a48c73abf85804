import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import {
  API_VERSION,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  type KindNames,
  PROBE_GRANT,
  PROBE_RUN,
  WITNESS_NAMESPACE,
} from "../../crds/group.ts";
import { controllerOf, keyOf, type Metadata, type OwnerReference } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";

/** The controlling owner if it is of this kind; an owner is in the namespace of what it owns, or in none. */
function owningKey(
  metadata: Metadata,
  { kind, scope }: KindNames,
): (OwnerReference & { readonly key: string }) | undefined {
  const owner = controllerOf(metadata);
  if (owner?.kind !== kind || owner.apiVersion !== API_VERSION) return undefined;
  const namespace = scope === "Cluster" ? "" : metadata.namespace;
  return { ...owner, key: keyOf({ namespace, name: owner.name }) };
}

/** What is to be reconciled when a test has changed: the test. That of a ClusterConnectivityTest begins with a slash. */
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

/** Whether it is a branch of another run that is owned by the grant it rests on: it names its test, as witnesses do. */
const isOwnedByGrant = ({ metadata }: ProbeRun) => owningKey(metadata, PROBE_GRANT) !== undefined;

/**
 * Whether it does not go with its test by owner references: the witnesses of a run, or a branch of it that a grant owns.
 */
export function isUnowned(run: ProbeRun): boolean {
  return isWitnessRun(run) || isOwnedByGrant(run);
}

/** What is to be reconciled when a run has changed: the test that controls it, or for which it is away, if any. */
export function keyOfRun(run: ProbeRun): string | undefined {
  if (!isUnowned(run)) {
    return (owningKey(run.metadata, CONNECTIVITY_TEST) ?? owningKey(run.metadata, CLUSTER_CONNECTIVITY_TEST))
      ?.key;
  }
  const { kind, name, namespace } = run.spec.test;
  if (kind === CLUSTER_CONNECTIVITY_TEST.kind) return keyOf({ namespace: "", name });
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
