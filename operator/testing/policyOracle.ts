/*
 * The oracle of property tests: who reaches whom by the rules of NetworkPolicy, written for tests alone. It evaluates whole
 * policies on whole pods and knows nothing of twins.
 */

interface RawSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { key: string; operator: string; values: readonly string[] }[];
}
interface RawPeer {
  readonly podSelector?: RawSelector | undefined;
  readonly namespaceSelector?: object | undefined;
  readonly ipBlock?: { cidr: string; except: readonly string[] } | undefined;
}
/** A NetworkPolicy. */
export interface EvaluatedPolicy {
  readonly namespace: string;
  readonly podSelector: RawSelector;
  readonly policyTypes: readonly string[];
  readonly ingress: readonly { from: readonly RawPeer[] }[];
  readonly egress: readonly { to: readonly RawPeer[] }[];
}
/** A pod that sends or receives. */
export interface PolicyEnd {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
}

function selected({ matchLabels, matchExpressions }: RawSelector, labels: PolicyEnd["labels"]): boolean {
  const has = new Map(Object.entries(labels));
  return (
    Object.entries(matchLabels).every(([key, wanted]) => has.get(key) === wanted) &&
    matchExpressions.every((expression) => isMet(expression, has))
  );
}

function isMet(
  { key, operator, values }: RawSelector["matchExpressions"][number],
  has: ReadonlyMap<string, string>,
): boolean {
  const isIn = values.includes(has.get(key) ?? "");
  if (operator === "In") return isIn;
  if (operator === "NotIn") return !isIn;
  return has.has(key) === (operator === "Exists");
}

function bits(address: string): string {
  return address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
}
function inRange(address: string, cidr: string): boolean {
  const [network = "", length = ""] = cidr.split("/");
  return bits(address).startsWith(bits(network).slice(0, Number(length)));
}

function isPeer(
  { podSelector, namespaceSelector, ipBlock }: RawPeer,
  other: PolicyEnd,
  namespace: string,
): boolean {
  if (ipBlock)
    return (
      inRange(other.address, ipBlock.cidr) && !ipBlock.except.some((range) => inRange(other.address, range))
    );
  if (!namespaceSelector && other.namespace !== namespace) return false;
  return podSelector === undefined || selected(podSelector, other.labels);
}

/** Whether the policies let the traffic of a pod to another pod pass. */
export function passes(policies: readonly EvaluatedPolicy[], from: PolicyEnd, to: PolicyEnd): boolean {
  const guards = (end: PolicyEnd, direction: string) =>
    policies.filter(
      ({ namespace, podSelector, policyTypes }) =>
        namespace === end.namespace && policyTypes.includes(direction) && selected(podSelector, end.labels),
    );
  const out = guards(from, "Egress");
  const into = guards(to, "Ingress");
  const isAmong = (peers: readonly RawPeer[], end: PolicyEnd, namespace: string) =>
    peers.length === 0 || peers.some((peer) => isPeer(peer, end, namespace));
  const leaves = out.some(({ egress, namespace }) => egress.some((rule) => isAmong(rule.to, to, namespace)));
  const enters = into.some(({ ingress, namespace }) =>
    ingress.some((rule) => isAmong(rule.from, from, namespace)),
  );
  return (out.length === 0 || leaves) && (into.length === 0 || enters);
}
