import { NO_EXPECTATION } from "../../crds/proberun/plannedpath.ts";
import { familyOf, familySchema, type Family } from "../../crds/vocabulary.ts";
import { ANY_NAME, DNS_PORT } from "../../probes/nameServer.ts";
import { isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";
import type { Source } from "../endpoints/sources.ts";
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
  const [any] = items;
  if (any === undefined) return [];
  const unproven = familySchema.options.filter(
    (family) =>
      items.some(({ target }) => target.family === family) &&
      !items.some((item) => provenFamily(item) === family),
  );
  const signs = unproven.flatMap((family) => {
    const address = serverFor(any.source, dnsPods, family);
    return address === undefined ? [] : [signOfLife(any, family, address)];
  });
  return [...signs, ...items];
}

/**
 * A server on the pod network. On the source's own node if there is one, because then no link between nodes is involved. For a
 * node as the source only one on another node proves something.
 */
function serverFor(source: Source, dnsPods: readonly WorkloadPod[], family: Family): string | undefined {
  const isNear = ({ spec }: WorkloadPod) => spec.nodeName === source.node;
  const servers = dnsPods
    .filter((pod) => isRunning(pod) && !pod.spec.hostNetwork && (source.pod !== undefined || !isNear(pod)))
    .toSorted((one, other) => Number(isNear(other)) - Number(isNear(one)));
  return servers
    .flatMap(({ status }) => status.podIPs.map(({ ip }) => ip))
    .find((ip) => familyOf(ip) === family);
}

function signOfLife({ source, expectation }: PathCandidate, family: Family, address: string): PathCandidate {
  return {
    source,
    expectation: {
      name: NO_EXPECTATION,
      from: expectation.from,
      dns: { name: ANY_NAME, protocol: "UDP" },
      expect: "Allowed",
    },
    target: {
      to: "the cluster's DNS",
      kind: "Address",
      family,
      address,
      host: ANY_NAME,
      port: DNS_PORT,
      backends: [],
      backendCount: 0,
      provesSource: true,
    },
    familyAsked: false,
  };
}
