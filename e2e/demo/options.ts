import { parseArgs } from "node:util";

import { Failure, messageOf } from "../process/failure.ts";

export const USAGE = `npm run demo [-- --context NAME --registry PREFIX [--tag TAG]]
  without options    the demo starts a cluster of its own on this machine (Linux, root; see npm run cluster)
  --context NAME     the demo uses the cluster of this context in your kubeconfig
  --registry PREFIX  that cluster pulls the images from here; build and push them first:
                       docker build -t PREFIX/netverdict:TAG .
                       docker build -t PREFIX/shop-service:TAG e2e/shop/service
                       docker build -t PREFIX/shop-mysql:TAG e2e/shop/mysql
                       docker push PREFIX/netverdict:TAG   (and the others; with kind: kind load docker-image)
  --tag TAG          the tag of all three images; "demo" if left out`;

/** A cluster that the user has, and where it pulls the images from. */
export interface Existing {
  readonly context: string;
  readonly registry: string;
  readonly tag: string;
}

export type Options = "help" | "embedded" | Existing;

/** Reads the command line; fails with the usage where the options do not go together. */
export function optionsFrom(args: readonly string[]): Options {
  const { help, context, registry, tag } = parsed(args);
  if (help) return "help";
  if (context !== undefined && registry !== undefined) return { context, registry, tag: tag ?? "demo" };
  if (context ?? registry ?? tag)
    throw new Failure(`--context and --registry need each other, and --tag needs both\n${USAGE}`);
  return "embedded";
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { context: text, registry: text, tag: text, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure(`${messageOf(error)}\n${USAGE}`);
  }
}
