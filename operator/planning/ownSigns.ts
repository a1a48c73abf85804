import { NO_EXPECTATION, type PlannedPath } from "../../crds/proberun/plannedpath.ts";
import { familyOf, familySchema, type Family } from "../../crds/vocabulary.ts";
import { ANY_NAME, DNS_PORT } from "../../probes/nameServer.ts";
import { isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { checkOf, type CheckedExpectation } from "./checks.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/**
 * Returns the paths of a probe pod with netverdict's own proofs of the source: for each family in which none of the paths may prove
 * the pod's network, one lookup at a server of the cluster's DNS. `provenFamily` returns the family for which a path may prove
 * it. No expectation depends on them (docs/decisions/0034-own-proof-of-the-source.md).
 */
export function withOwnSigns(
  items: readonly PathCandidate[],
  dnsPods: readonly WorkloadPod[],
  provenFamily: (item: PathCandidate) => Family | undefined,
): PathCandidate[] {
  const [first] = items;
  if (first === undefined) return [];
  const unproven = familySchema.options.filter(
    (family) =>
      items.some(({ target }) => target.family === family) &&
      !items.some((item) => provenFamily(item) === family),
  );
  const signs = unproven.flatMap((family) => {
    const address = serverFor(
      { node: first.source.node, isNode: first.source.pod === undefined },
      dnsPods,
      family,
    );
    return address === undefined ? [] : [signOfLife(first, family, address)];
  });
  return [...signs, ...items];
}

/** Where a probe pod is. */
export interface ProbePodPlace {
  /** Undefined as long as it is not known. */
  readonly node: string | undefined;
  /** Whether the source is a node, so that the probe pod is on the network of its node. */
  readonly isNode: boolean;
}

/**
 * A server on the pod network. On the probe pod's own node if there is one, because then no link between nodes is involved. For a
 * node as the source only one on another node proves something.
 */
function serverFor(
  { node, isNode }: ProbePodPlace,
  dnsPods: readonly WorkloadPod[],
  family: Family,
): string | undefined {
  const isNear = ({ spec }: WorkloadPod) => spec.nodeName === node;
  const servers = dnsPods
    .filter((pod) => isRunning(pod) && !pod.spec.hostNetwork && !(isNode && isNear(pod)))
    .toSorted((one, other) => Number(isNear(other)) - Number(isNear(one)));
  return servers
    .flatMap(({ status }) => status.podIPs.map(({ ip }) => ip))
    .find((ip) => familyOf(ip) === family);
}

const LOOKUP: CheckedExpectation = {
  name: NO_EXPECTATION,
  dns: { name: ANY_NAME, protocol: "UDP" },
  expect: "Allowed",
};

const lookupTarget = (family: Family, address: string): TargetAddress => ({
  to: "the cluster's DNS",
  kind: "Address",
  family,
  address,
  host: ANY_NAME,
  port: DNS_PORT,
  backends: [],
  backendCount: 0,
  provesSource: true,
});

function signOfLife({ source, expectation }: PathCandidate, family: Family, address: string): PathCandidate {
  return {
    source,
    expectation: { ...LOOKUP, from: expectation.from },
    target: lookupTarget(family, address),
    familyAsked: false,
  };
}

/**
 * Returns the same lookup as a path of the follow-up run, by the probe pod that tries `path` again. Undefined if there is no
 * server.
 */
export function ownSignBeside(
  { from, pod, check: { family } }: PlannedPath,
  place: ProbePodPlace,
  dnsPods: readonly WorkloadPod[],
): Omit<PlannedPath, "id"> | undefined {
  const address = serverFor(place, dnsPods, family);
  if (address === undefined) return undefined;
  const target = lookupTarget(family, address);
  const { name: expectation, expect } = LOOKUP;
  const { to, kind, backendCount } = target;
  const check = checkOf(LOOKUP, target, 0);
  return { expectation, expect, from, to, kind, pod, check, backends: [], backendCount };
}
