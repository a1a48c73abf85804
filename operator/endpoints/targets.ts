import type { DnsProbe } from "../../crds/dnsprobe.ts";
import type { Target } from "../../crds/expectation.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import { targetsOf } from "../cluster/podSelection.ts";
import { podAddresses } from "./podTarget.ts";
import { serviceAddresses } from "./serviceTarget.ts";
import {
  missingFamily,
  numbered,
  type Expanded,
  type TargetAddress,
  type TargetQuestion,
} from "./targetAddress.ts";

/** Only the source can resolve a name, so both families are tried unless the test lists families. */
const BOTH: readonly Family[] = ["IPv4", "IPv6"];

/** Returns the concrete addresses of an expectation's target, independent of its sources. */
export function expandTarget(question: TargetQuestion): Expanded {
  const { to, dns } = question.expectation;
  if (dns) return nameServers(dns, question);
  return to === undefined ? nowhere : addressesOf(to, question);
}

function addressesOf(to: Target, question: TargetQuestion): Expanded {
  if (to.service) return serviceAddresses(question, to.service);
  const pods = targetsOf(to);
  if (pods) return podAddresses(question, pods);
  if (to.host !== undefined) return byName(to.host, question);
  if (to.ip !== undefined) return byAddress(to.ip, question);
  if (to.node !== undefined) return nodeTarget(to.node, question);
  return nowhere;
}

const nowhere = nothing("the expectation names no target");

const nobody = { backends: [], backendCount: 0 } as const;

/** Returns the server of the expectation, or the pod's own resolver, in each family. */
function nameServers({ name, server }: DnsProbe, question: TargetQuestion): Expanded {
  if (server !== undefined) return byAddress(server, question, { host: name });
  const { families = BOTH } = question;
  return { addresses: families.map((family) => resolver(name, family)), findings: [] };
}

// A node-local DNS cache answers for the resolver, and no packet leaves the node: an answer does not prove the
// source.
function resolver(host: string, family: Family): TargetAddress {
  return { to: "the pod's resolver", kind: "Resolver", family, host, signOfLife: false, ...nobody };
}

// A name may resolve to the twin's own node, where policies do not block traffic.
function byName(host: string, { expectation, families = BOTH }: TargetQuestion): Expanded {
  const shared = {
    to: host,
    kind: "Host",
    host,
    signOfLife: false,
    ...numbered(expectation),
    ...nobody,
  } as const;
  return { addresses: families.map((family) => ({ ...shared, family })), findings: [] };
}

// A bare address may be one of the twin's own node, too.
function byAddress(
  address: string,
  { expectation, families }: TargetQuestion,
  more: Pick<TargetAddress, "host"> = {},
): Expanded {
  const family = familyOf(address);
  const wanted = families ?? [family];
  const shared = { to: address, kind: "Address", address, signOfLife: false, ...more, ...nobody } as const;
  return {
    addresses: wanted.includes(family) ? [{ ...shared, family, ...numbered(expectation) }] : [],
    findings: wanted.filter((asked) => asked !== family).map((asked) => missingFamily(address, asked)),
  };
}

/** Returns the addresses of a node that the cluster uses (InternalIP), one of each family. */
function nodeTarget(name: string, question: TargetQuestion): Expanded {
  const { surroundings, expectation, families } = question;
  const node = surroundings.nodes?.find((one) => one.name === name);
  const to = `Node/${name}`;
  if (node === undefined) return nothing(`${to} does not exist`);
  if (node.internal.size === 0) return nothing(`${to} has no address of type InternalIP`);
  const wanted = families ?? [...node.internal.keys()].toSorted();
  const backend = { name, uid: "", node: name, hostNetwork: true, readinessOnPort: false };
  const shared = { to, kind: "Node", backends: [backend], backendCount: 1, signOfLife: false } as const;
  return {
    addresses: wanted.flatMap((family) => {
      const address = node.internal.get(family);
      return address === undefined ? [] : [{ ...shared, family, address, ...numbered(expectation) }];
    }),
    findings: wanted
      .filter((family) => !node.internal.has(family))
      .map((family) => missingFamily(to, family)),
  };
}

function nothing(message: string): Expanded {
  return { addresses: [], findings: [{ reason: "TargetNotFound", message }] };
}
