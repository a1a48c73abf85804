import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import { metadataSchema } from "../../crds/object.ts";
import { familyOf, type Family } from "../../crds/words.ts";
import type { Api } from "../runtime/api.ts";
import { nodesPath } from "../runtime/resourcePaths.ts";
import { canonical, isGloballyRoutable } from "./ipRanges.ts";

const nodeSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) })
    .prefault({}),
});

/** A node of the cluster, as far as targets and witnesses ask about it. */
export interface ClusterNode {
  readonly name: string;
  /** Every address of it, whatever its type, as `canonical` writes it. */
  readonly addresses: ReadonlySet<string>;
  /** Those by which the cluster reaches it, of type InternalIP, as the node writes them: the first of each family. */
  readonly internal: ReadonlyMap<Family, string>;
}

/**
 * All nodes, for a test that names one as its source or target, and for one whose denials name a globally routable address: a
 * witness may go there only if it is no node's. Undefined for any other test, which costs no request then.
 */
export async function nodesFor(
  { spec }: ConnectivityTest,
  api: Pick<Api, "list">,
): Promise<readonly ClusterNode[] | undefined> {
  return spec.expectations.some(asksAboutNodes) ? listNodes(api) : undefined;
}

const asksAboutNodes = ({ from, to, expect }: Expectation) =>
  (from.node ?? to?.node) !== undefined ||
  (expect === "Denied" && to?.ip !== undefined && isGloballyRoutable(to.ip));

/** Every node. */
export function listNodes(api: Pick<Api, "list">): Promise<readonly ClusterNode[]> {
  return api.list(nodesPath(), nodeOf);
}

function nodeOf(raw: unknown): ClusterNode {
  const { metadata, status } = nodeSchema.parse(raw);
  const internal = status.addresses.filter(({ type }) => type === "InternalIP").toReversed();
  return {
    name: metadata.name,
    addresses: new Set(status.addresses.flatMap(({ address }) => canonical(address) ?? [])),
    internal: new Map(internal.map(({ address }) => [familyOf(address), address])),
  };
}
