import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { GrantReference, PlannedPod, ProbeRun, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { runNameSuffix, unownedRunName } from "./names.ts";
import { testReference } from "./witnessPlan.ts";

/** What a run has in another namespace: a ProbeRun of its own, since an owner is in the namespace of what it owns. */
export interface ChildRunPlan {
  readonly namespace: string;
  readonly name: string;
  /** The grant that it rests on, and that owns it; undefined: it is a ClusterConnectivityTest's, which needs none. */
  readonly grant?: GrantReference;
  readonly spec: ProbeRunSpec;
}

/**
 * The branches of a run: one for each other namespace that it has pods in, and there for each grant. They follow from the run
 * alone, so that they can be made again after a restart.
 */
export function planChildRuns({ metadata, spec }: Pick<ProbeRun, "metadata" | "spec">): ChildRunPlan[] {
  const inOtherNamespaces = spec.pods.flatMap((pod) => (pod.namespace === undefined ? [] : [pod]));
  const byNamespace = Map.groupBy(inOtherNamespaces, ({ namespace = "" }) => namespace);
  return [...byNamespace].flatMap(([namespace, pods]) =>
    [...Map.groupBy(pods, ({ grant }) => grant).values()].map((group, index) => {
      const grant = spec.grants.find((one) => keyOf(one) === group[0]?.grant);
      // Beside the run's own witnesses stand the probe pods of sources that are nodes.
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

/** A branch knows no more than its pods need: nothing of what else the run tries, or of who stands behind the targets. */
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

/** The grants, of those that a run rests on, that are no more: gone, on their way out, or changed since. */
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
