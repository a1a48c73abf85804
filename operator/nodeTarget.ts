import { missingFamily, numbered, type Expanded, type TargetQuestion } from "./targetAddress.ts";

/** A node by the addresses that the cluster reaches it by (InternalIP), one of each family. */
export function nodeTarget(name: string, question: TargetQuestion): Expanded {
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
