import { z } from "zod";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { canonical, isGloballyRoutable } from "./addressRanges.ts";
import type { Api } from "./api.ts";
import { nodesPath } from "./paths.ts";

const nodeSchema = z.object({
  status: z.object({ addresses: z.array(z.object({ address: z.string() })).default([]) }).prefault({}),
});

/**
 * The addresses of all nodes, for a test whose denials name a globally routable one: a witness may go there only if it is
 * no node's. Undefined for any other test, which costs no request then.
 */
export async function nodeAddressesFor(
  { spec }: ConnectivityTest,
  api: Pick<Api, "list">,
): Promise<ReadonlySet<string> | undefined> {
  const isNamed = spec.expectations.some(
    ({ to, expect }) => expect === "Denied" && to?.ip !== undefined && isGloballyRoutable(to.ip),
  );
  return isNamed ? listNodeAddresses(api) : undefined;
}

/** Every address of every node. */
export async function listNodeAddresses(api: Pick<Api, "list">): Promise<ReadonlySet<string>> {
  const nodes = (await api.list(nodesPath())).map((raw) => nodeSchema.parse(raw));
  return new Set(
    nodes.flatMap(({ status }) => status.addresses.flatMap(({ address }) => canonical(address) ?? [])),
  );
}
