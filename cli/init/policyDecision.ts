import { selects } from "../../crds/selector.ts";
import type {
  NamespaceObjects,
  NamespacePolicy,
  PeerRule,
  PortRule,
  RunningWorkload,
} from "./namespaceObjects.ts";

/** A TCP connection between pods of two workloads of one namespace. */
export interface PolicyConnection {
  readonly source: RunningWorkload;
  readonly target: RunningWorkload;
  /** The port of the target's pods. */
  readonly port: number;
}

/** What the NetworkPolicies decide about a connection, and the names of those that do. */
export interface PolicyDecision {
  /** Unknown: a rule is about addresses, and only the network knows the addresses of pods. */
  readonly outcome: "Allowed" | "Denied" | "Unknown";
  readonly direction?: "egress" | "ingress";
  readonly policies: readonly string[];
}

type Scope = Pick<NamespaceObjects, "labels" | "policies">;

/**
 * Decides a connection by the rules of NetworkPolicies
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/). Both ends must permit it.
 */
export function policyDecision(connection: PolicyConnection, scope: Scope): PolicyDecision {
  const ends = [
    directionDecision("egress", connection, scope),
    directionDecision("ingress", connection, scope),
  ];
  const deciding =
    ends.find(({ outcome }) => outcome === "Denied") ?? ends.find(({ outcome }) => outcome === "Unknown");
  return deciding ?? { outcome: "Allowed", policies: [...new Set(ends.flatMap(({ policies }) => policies))] };
}

const POLICY_TYPES = { egress: "Egress", ingress: "Ingress" } as const;

function directionDecision(
  direction: "egress" | "ingress",
  connection: PolicyConnection,
  { labels, policies }: Scope,
): PolicyDecision {
  const { source, target } = connection;
  const [subject, peer] = direction === "egress" ? [source, target] : [target, source];
  const limiting = policies.filter(
    ({ spec }) =>
      spec.policyTypes.includes(POLICY_TYPES[direction]) && selects(spec.podSelector, labelsOf(subject)),
  );
  if (limiting.length === 0) return { outcome: "Allowed", policies: [] };
  const matches = limiting.map((policy) => {
    const rules = rulesOf(policy, direction).filter(({ ports }) => coversPort(ports, connection));
    return {
      name: policy.metadata.name,
      outcomes: rules.map(({ peers }) => coversPeer(peers, peer, labels)),
    };
  });
  const namesWith = (wanted: boolean | "Unknown") =>
    matches.filter(({ outcomes }) => outcomes.includes(wanted)).map(({ name }) => name);
  const [permitting, unknown] = [namesWith(true), namesWith("Unknown")];
  if (permitting.length > 0) return { outcome: "Allowed", policies: permitting };
  if (unknown.length > 0) return { outcome: "Unknown", direction, policies: unknown };
  return { outcome: "Denied", direction, policies: limiting.map(({ metadata }) => metadata.name) };
}

export const labelsOf = ({ spec }: RunningWorkload) => spec.template.metadata.labels;

function rulesOf({ spec }: NamespacePolicy, direction: "egress" | "ingress") {
  return direction === "egress"
    ? spec.egress.map(({ to, ports }) => ({ peers: to, ports }))
    : spec.ingress.map(({ from, ports }) => ({ peers: from, ports }));
}

/** Without peers a rule is for all. */
function coversPeer(
  peers: readonly PeerRule[],
  pod: RunningWorkload,
  namespaceLabels: Readonly<Record<string, string>>,
): boolean | "Unknown" {
  const arePods = peers.some(
    ({ podSelector, namespaceSelector }) =>
      (podSelector !== undefined || namespaceSelector !== undefined) &&
      selects(podSelector ?? {}, labelsOf(pod)) &&
      selects(namespaceSelector ?? {}, namespaceLabels),
  );
  if (peers.length === 0 || arePods) return true;
  return peers.some(({ ipBlock }) => ipBlock !== undefined) ? "Unknown" : false;
}

/** Without ports a rule is for all. */
function coversPort(rules: readonly PortRule[], { target, port }: PolicyConnection): boolean {
  return (
    rules.length === 0 ||
    rules.some((rule) => rule.protocol === "TCP" && coversNumber(rule, { target, port }))
  );
}

function coversNumber(
  { port: ruled, endPort }: PortRule,
  { target, port }: Pick<PolicyConnection, "target" | "port">,
) {
  if (ruled === undefined) return true;
  if (typeof ruled === "string") return portNamed(target, ruled) === port;
  return port >= ruled && port <= (endPort ?? ruled);
}

/** The number of the TCP port of this name at the pods of a workload; undefined if they have none. */
export function portNamed({ spec }: RunningWorkload, name: string): number | undefined {
  const ports = spec.template.spec.containers.flatMap((container) => container.ports);
  return ports.find((one) => one.name === name && one.protocol === "TCP")?.containerPort;
}
