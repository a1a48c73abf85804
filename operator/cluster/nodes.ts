import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import { metadataSchema } from "../../crds/metadata.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import type { Api } from "../runtime/api.ts";
import { nodesPath } from "../runtime/resourcePaths.ts";
import { canonical } from "./ipRanges.ts";

const nodeSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) })
    .prefault({}),
});

/** A node of the cluster, with the fields that targets and witnesses need. */
export interface ClusterNode {
  readonly name: string;
  /** All its addresses of every type, as `canonical` formats them. */
  readonly addresses: ReadonlySet<string>;
  /** Its addresses of type InternalIP, as the node reports them: the first of each family. */
  readonly internal: ReadonlyMap<Family, string>;
}

/**
 * Lists all nodes, for a test that has a node as its source or target, and for one whose target is an address with a port,
 * which may be a node port. Undefined for any other test, which then costs no request.
 */
export async function nodesFor(
  { spec }: ConnectivityTest,
  api: Pick<Api, "list">,
): Promise<readonly ClusterNode[] | undefined> {
  return spec.expectations.some(asksAboutNodes) ? listNodes(api) : undefined;
}

const asksAboutNodes = ({ from, to, http, tcp }: Expectation) =>
  (from.node ?? to?.node) !== undefined || (to?.ip !== undefined && (http ?? tcp) !== undefined);

/** Returns the node that has the address. */
export function nodeAt(address: string, nodes: readonly ClusterNode[]): ClusterNode | undefined {
  const written = canonical(address);
  return written === undefined ? undefined : nodes.find(({ addresses }) => addresses.has(written));
}

/** Every node. */
function listNodes(api: Pick<Api, "list">): Promise<readonly ClusterNode[]> {
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
