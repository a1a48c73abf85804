import type { TriedPath } from "./evidence.ts";

/** The address that was dialled. None where only the pod's own resolver knows: two pods may have different ones. */
export function addressOf({ plan, result }: TriedPath): string | undefined {
  return plan.kind === "Host" ? result?.address : plan.check.address;
}

/** Protocol, address and port; curl's http and tcp checks are both TCP. */
export function socketOf(path: TriedPath): string | undefined {
  const address = addressOf(path);
  const { tool, port } = path.plan.check;
  if (address === undefined) return undefined;
  return tool === "icmp" ? `icmp ${address}` : `tcp ${address} ${port}`;
}
