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

/**
 * Returns the controlling owner if it is of this kind; an owner is in the namespace of the object that it owns, or
 * cluster-scoped.
 */
function owningKey(
  metadata: Metadata,
  { kind, scope }: KindNames,
): (OwnerReference & { readonly key: string }) | undefined {
  const owner = controllerOf(metadata);
  if (owner?.kind !== kind || owner.apiVersion !== API_VERSION) return undefined;
  const namespace = scope === "Cluster" ? "" : metadata.namespace;
  return { ...owner, key: keyOf({ namespace, name: owner.name }) };
}

/**
 * Returns the key to reconcile when a test has changed: the test. That of a ClusterConnectivityTest begins with a
 * slash.
 */
export function keyOfTest({ metadata }: ConnectivityTest): string {
  return keyOf(metadata);
}

/**
 * Reports whether it is a run of witnesses. Only in that namespace does a run refer to a test that does not own it,
 * because only the operator may write there. In other namespaces only the owner counts, independent of the fields of
 * the run.
 */
export function isWitnessRun({ metadata }: ProbeRun): boolean {
  return metadata.namespace === WITNESS_NAMESPACE && controllerOf(metadata) === undefined;
}

/** Reports whether it is a child run that is owned by its grant: it refers to its test, as witness runs do. */
const isOwnedByGrant = ({ metadata }: ProbeRun) => owningKey(metadata, PROBE_GRANT) !== undefined;

/**
 * Reports whether garbage collection does not delete it with its test: the witnesses of a run, or a child run that a
 * grant owns.
 */
export function isUnowned(run: ProbeRun): boolean {
  return isWitnessRun(run) || isOwnedByGrant(run);
}

/**
 * Returns the key to reconcile when a run has changed: the test that controls it, or that it refers to from another
 * namespace, if any.
 */
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
 * Returns the key to reconcile when a probe pod has changed: the test of its run. Undefined if the run is not in the
 * cache yet (its own arrival reports the test) or is another one of the same name.
 */
export function keyOfPod(
  { metadata }: ProbePod,
  runs: { get(key: string): ProbeRun | undefined },
): string | undefined {
  const owner = owningKey(metadata, PROBE_RUN);
  const run = owner && runs.get(owner.key);
  return run && run.metadata.uid === owner.uid ? keyOfRun(run) : undefined;
}
