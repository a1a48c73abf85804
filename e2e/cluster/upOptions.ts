import { parseArgs } from "node:util";

import { engineNamed } from "./cni/registry.ts";
import { Failure, messageOf } from "../process/failure.ts";
import type { EngineName } from "./build/groups.ts";

/** What `up` was asked for; what is left out is as the running cluster has it, else as the smallest one. */
export interface WantedCluster {
  readonly nodes?: number;
  readonly engine?: EngineName;
}

const MOST_NODES = 9;

/** Reads the command line of `up`; fails where it says what no cluster can be. */
export function upOptions(args: readonly string[]): WantedCluster {
  const { nodes, cni } = parsed(args);
  return {
    ...(nodes !== undefined && { nodes: nodeCount(nodes) }),
    ...(cni !== undefined && { engine: engineNamed(cni).name }),
  };
}

function nodeCount(nodes: string): number {
  const count = Number(nodes);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_NODES) return count;
  throw new Failure(`--nodes ${nodes}: a cluster has 1 to ${MOST_NODES} nodes`);
}

function parsed(args: readonly string[]) {
  const options = { nodes: { type: "string" }, cni: { type: "string" } } as const;
  try {
    return parseArgs({ args: args.filter((word) => word !== "--"), options }).values;
  } catch (error) {
    throw new Failure(`${messageOf(error)}; up takes --nodes N and --cni NAME`);
  }
}
