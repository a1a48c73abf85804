import type { ProvenPath } from "./verdict.ts";
import { targetAddress } from "./wording.ts";

/** The paths of an expectation, and those of them that share the worst one's reason. */
interface Shared {
  readonly alike: readonly ProvenPath[];
  readonly all: readonly ProvenPath[];
}

/**
 * `, all those over IPv6`: what befalls every path of one family and none of the other. Whoever goes by name falls back to
 * the other family (RFC 8305, happy eyeballs) and never notices.
 */
export function allOfOneFamily({ alike, all }: Shared): string {
  const [first] = alike;
  if (first === undefined || alike.length === all.length || isLookup(first)) return "";
  const family = familyOf(first);
  const isWhole = all.every((path) => (familyOf(path) === family) === alike.includes(path));
  if (!isWhole) return "";
  return alike.length === 1 ? `, the one over ${family}` : `, all those over ${family}`;
}

const familyOf = ({ path }: ProvenPath) => path.plan.check.family;
/** Its family is that of the record, not of the packets. */
const isLookup = ({ path }: ProvenPath) => path.plan.check.tool === "dns";

/**
 * What a policy has to name in the place of a Service's address: whether policies apply before or after that address is
 * translated is not defined (https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors),
 * and mostly it is after. Told only where no pod stands behind it, such as the API server: pods are selected by their labels.
 */
export function translated({ alike, all }: Shared): string {
  if (!alike.some(({ path }) => path.plan.kind === "ClusterAddress")) return "";
  const behind = all.filter(({ path: { plan } }) => plan.kind === "Endpoint" && plan.backends.every(isNoPod));
  const [address, ...others] = new Set(behind.map(({ path }) => targetAddress(path)));
  if (address === undefined) return "";
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `; most CNIs translate a Service's address before they look at policies: what counts there is ${address}${more}`;
}

const isNoPod = ({ uid }: { readonly uid: string }) => uid === "";
