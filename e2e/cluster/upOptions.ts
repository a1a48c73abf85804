import { parseArgs } from "node:util";

import { Failure, messageOf } from "./failure.ts";

/** What `up` was asked for; what is left out is as the running cluster has it, else as the smallest one. */
export interface WantedCluster {
  readonly nodes?: number;
}

const MOST_NODES = 9;

/** Reads the command line of `up`; fails where it says what no cluster can be. */
export function upOptions(args: readonly string[]): WantedCluster {
  const { nodes } = parsed(args);
  if (nodes === undefined) return {};
  const count = Number(nodes);
  if (!Number.isInteger(count) || count < 1 || count > MOST_NODES)
    throw new Failure(`--nodes ${nodes}: a cluster has 1 to ${MOST_NODES} nodes`);
  return { nodes: count };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: args.filter((word) => word !== "--"), options: { nodes: { type: "string" } } })
      .values;
  } catch (error) {
    throw new Failure(`${messageOf(error)}; up takes --nodes N`);
  }
}
