import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { GrantReference, PlannedPod, ProbeRun, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { runNameSuffix, unownedRunName } from "./names.ts";
import { testReference } from "./witnessPlan.ts";

/**
 * The child run of a run in another namespace: a separate ProbeRun, because an owner must be in the namespace of the
 * objects that it owns.
 */
export interface ChildRunPlan {
  readonly namespace: string;
  readonly name: string;
  /** The grant that it depends on and that owns it; undefined for a ClusterConnectivityTest, which needs none. */
  readonly grant?: GrantReference;
  readonly spec: ProbeRunSpec;
}

/**
 * Plans the child runs of a run: one for each other namespace that it has pods in, and there for each grant. They
 * derive from the run alone, so that they can be planned again after a restart.
 */
export function planChildRuns({ metadata, spec }: Pick<ProbeRun, "metadata" | "spec">): ChildRunPlan[] {
  const inOtherNamespaces = spec.pods.flatMap((pod) => (pod.namespace === undefined ? [] : [pod]));
  const byNamespace = Map.groupBy(inOtherNamespaces, ({ namespace = "" }) => namespace);
  return [...byNamespace].flatMap(([namespace, pods]) =>
    [...Map.groupBy(pods, ({ grant }) => grant).values()].map((group, index) => {
      const grant = spec.grants.find((one) => keyOf(one) === group[0]?.grant);
      // The namespace also has the run's witnesses, so the names must differ.
      const first = namespace === WITNESS_NAMESPACE ? "-nodes" : "";
      const ending = index === 0 ? first : `-${index + 1}`;
      return {
        namespace,
        name: unownedRunName(testReference({ metadata, spec }), `${runNameSuffix(spec.run)}${ending}`),
        ...(grant && { grant }),
        spec: childRunSpec({ metadata, spec }, { pods: group, grant }),
      };
    }),
  );
}

/**
 * A child run has only the fields that its pods need: neither the other paths of the run, nor the backends of the
 * targets.
 */
function childRunSpec(
  { metadata, spec }: Pick<ProbeRun, "metadata" | "spec">,
  { pods, grant }: { readonly pods: readonly PlannedPod[]; readonly grant: GrantReference | undefined },
): ProbeRunSpec {
  const names = new Set(pods.map(({ name }) => name));
  const paths = spec.paths
    .filter(({ pod }) => names.has(pod))
    .map((path) => ({ ...path, witness: undefined, linkWitness: undefined, backends: [], backendCount: 0 }));
  const asked = new Set(paths.map(({ expectation }) => expectation));
  const { namespace, name, uid } = metadata;
  return {
    replicas: 0,
    test: testReference({ metadata, spec }),
    parent: { namespace, name, uid },
    run: spec.run,
    probing: spec.probing,
    expectations: spec.expectations.filter((expectation) => asked.has(expectation.name)),
    grants: grant ? [grant] : [],
    pods: pods.map((pod) => ({ ...pod, namespace: undefined })),
    paths,
    findings: [],
  };
}

/** Returns those grants of a run that were deleted, are terminating, or have changed. */
export function revokedGrants(
  planned: readonly GrantReference[],
  grants: { get(key: string): ProbeGrant | undefined },
): string[] {
  return planned.flatMap(({ uid, generation, ...grant }) => {
    const metadata = grants.get(keyOf(grant))?.metadata;
    const holds =
      metadata?.uid === uid && metadata.generation === generation && metadata.deletionTimestamp === undefined;
    return holds ? [] : [keyOf(grant)];
  });
}
