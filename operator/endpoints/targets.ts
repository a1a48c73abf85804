import type { DnsProbe } from "../../crds/dnsprobe.ts";
import type { Target } from "../../crds/expectation.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import { nodeAt } from "../cluster/nodes.ts";
import { targetSelection } from "../cluster/podSelection.ts";
import { nodePortAt } from "./nodePortSides.ts";
import { podAddresses } from "./podTarget.ts";
import { serviceAddresses } from "./serviceTarget.ts";
import {
  missingFamily,
  numericPort,
  type ExpandedTarget,
  type TargetAddress,
  type TargetQuery,
} from "./targetAddress.ts";

/** Only the source can resolve a name, so both families are tried unless the test lists families. */
const BOTH: readonly Family[] = ["IPv4", "IPv6"];

/** Returns the concrete addresses of an expectation's target, independent of its sources. */
export function expandTarget(query: TargetQuery): ExpandedTarget {
  const { to, dns } = query.expectation;
  if (dns) return nameServerAddresses(dns, query);
  return to === undefined ? noTarget : addressesOfTarget(to, query);
}

function addressesOfTarget(to: Target, query: TargetQuery): ExpandedTarget {
  if (to.service) return serviceAddresses(query, to.service);
  const pods = targetSelection(to);
  if (pods) return podAddresses(query, pods);
  if (to.host !== undefined) return byName(to.host, query);
  if (to.ip !== undefined) return byAddress(to.ip, query);
  if (to.node !== undefined) return nodeTarget(to.node, query);
  return noTarget;
}

const noTarget = targetNotFound("the expectation names no target");

const noBackends = { backends: [], backendCount: 0 } as const;

/** Returns the server of the expectation, or the pod's own resolver, in each family. */
function nameServerAddresses({ name, server }: DnsProbe, query: TargetQuery): ExpandedTarget {
  if (server !== undefined) return byAddress(server, query, { host: name });
  const { families = BOTH } = query;
  return { addresses: families.map((family) => resolver(name, family)), findings: [] };
}

// A node-local DNS cache answers for the resolver, and no packet leaves the node: an answer does not prove the
// source.
function resolver(host: string, family: Family): TargetAddress {
  return { to: "the pod's resolver", kind: "Resolver", family, host, provesSource: false, ...noBackends };
}

// A name may resolve to the twin's own node, where policies do not block traffic.
function byName(host: string, { expectation, families = BOTH }: TargetQuery): ExpandedTarget {
  const shared = {
    to: host,
    kind: "Host",
    host,
    provesSource: false,
    ...numericPort(expectation),
    ...noBackends,
  } as const;
  return { addresses: families.map((family) => ({ ...shared, family })), findings: [] };
}

// A bare address may be one of the twin's own node, too.
function byAddress(
  address: string,
  { expectation, families, snapshot }: TargetQuery,
  more: Pick<TargetAddress, "host"> = {},
): ExpandedTarget {
  const family = familyOf(address);
  const wanted = families ?? [family];
  const port = numericPort(expectation);
  const node = nodeAt(address, snapshot.nodes ?? [])?.name;
  const shared = {
    to: address,
    kind: "Address",
    address,
    provesSource: false,
    ...more,
    ...noBackends,
    ...nodePortAt({ node, ...port }, snapshot),
  } as const;
  return {
    addresses: wanted.includes(family) ? [{ ...shared, family, ...port }] : [],
    findings: wanted.filter((asked) => asked !== family).map((asked) => missingFamily(address, asked)),
  };
}

/** Returns the addresses of a node that the cluster uses (InternalIP), one of each family. */
function nodeTarget(name: string, query: TargetQuery): ExpandedTarget {
  const { snapshot, expectation, families } = query;
  const node = snapshot.nodes?.find((one) => one.name === name);
  const to = `Node/${name}`;
  if (node === undefined) return targetNotFound(`${to} does not exist`);
  if (node.internal.size === 0) return targetNotFound(`${to} has no address of type InternalIP`);
  const wanted = families ?? [...node.internal.keys()].toSorted();
  const backend = { name, uid: "", node: name, hostNetwork: true, readinessOnPort: false };
  const port = numericPort(expectation);
  const target = { to, kind: "Node", backends: [backend], backendCount: 1, provesSource: false } as const;
  const shared = { ...target, ...nodePortAt({ node: name, ...port }, snapshot) };
  return {
    addresses: wanted.flatMap((family) => {
      const address = node.internal.get(family);
      return address === undefined ? [] : [{ ...shared, family, address, ...port }];
    }),
    findings: wanted
      .filter((family) => !node.internal.has(family))
      .map((family) => missingFamily(to, family)),
  };
}

function targetNotFound(message: string): ExpandedTarget {
  return { addresses: [], findings: [{ reason: "TargetNotFound", message }] };
}
