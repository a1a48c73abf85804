import { probeGrantSchema, type ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSpecSchema, type PlannedPod, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { plannedRun } from "./plannedRun.ts";

/** The namespace of a probe pod in a child run, and its grant. */
export type Place = Pick<PlannedPod, "namespace" | "grant">;

const grantOf = (namespace: string, name: string) => ({ namespace, name, uid: `uid-${name}`, generation: 2 });

/** The grants that a run with child runs depends on. */
export const GRANTS = {
  vaultA: grantOf("vault", "a"),
  vaultB: grantOf("vault", "b"),
  storeA: grantOf("store", "a"),
};

/** One of those grants as it is in the cluster: unchanged, unless said otherwise. */
export const grantNow = (reference: object = GRANTS.vaultA, metadata: object = {}): ProbeGrant =>
  probeGrantSchema.parse({
    metadata: { name: "a", ...reference, ...metadata },
    spec: { to: [{ namespace: "shop" }], sources: { podSelector: {} } },
  });

/** The run of `plannedRun` with a probe pod of two checks for each place. */
export function runWithChildren(
  places: Readonly<Record<string, Place>>,
  kind = "ConnectivityTest",
): ProbeRun {
  const run = plannedRun(Object.fromEntries(Object.keys(places).map((name) => [name, 2])));
  const backend = { name: "web", uid: "uid-web", node: "near" };
  const spec = probeRunSpecSchema.parse({
    ...run.spec,
    test: { ...run.spec.test, kind },
    expectations: [
      { name: "check", expect: "Denied" },
      { name: "another", expect: "Allowed" },
    ],
    grants: Object.values(GRANTS),
    pods: run.spec.pods.map((pod) => ({ ...pod, ...places[pod.name] })),
    paths: run.spec.paths.map((path) => {
      const { grant } = places[path.pod] ?? {};
      return {
        ...path,
        backends: [backend],
        backendCount: 1,
        ...(grant !== undefined && { grants: [grant] }),
      };
    }),
  });
  return { ...run, spec };
}
