import { DNS_PORT } from "../../probes/nameServer.ts";
import type { TriedPath } from "./evidence.ts";

/**
 * Returns the dialled address. Undefined for the pod's own resolver, unless a plan names one of its servers: two pods
 * may have different ones.
 */
export function dialledAddress({ plan, result }: TriedPath): string | undefined {
  return plan.check.address ?? (plan.kind === "Host" ? result?.address : undefined);
}

/** Returns protocol, address and port. curl's http and tcp checks are both TCP; a lookup is UDP by default. */
export function socketOf(path: TriedPath): string | undefined {
  const address = dialledAddress(path);
  const { tool, port, protocol = "UDP" } = path.plan.check;
  if (address === undefined) return undefined;
  switch (tool) {
    case "icmp":
      return `icmp ${address}`;
    case "dns":
      return `${protocol.toLowerCase()} ${address} ${port ?? DNS_PORT}`;
    case "http":
    case "tcp":
      return `tcp ${address} ${port}`;
  }
}
