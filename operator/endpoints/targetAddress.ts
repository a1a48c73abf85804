import type { Expectation, Port } from "../../crds/expectation.ts";
import type { HeadlessPorts, TranslatedPort } from "../../crds/proberun/plannedpath.ts";
import type { Backend, PlannedPath } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Family } from "../../crds/vocabulary.ts";
import type { NodePort } from "../cluster/service.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";

/** One concrete address of a target. */
export interface TargetAddress {
  readonly to: string;
  readonly kind: PlannedPath["kind"];
  readonly family: Family;
  readonly address?: string;
  readonly host?: string;
  readonly port?: number;
  /** Set if the node translates the port, until it is known from which sides it is tried (`fromEachSide`). */
  readonly nodePort?: NodePort;
  /** From which side of a node port or host port it is tried. */
  readonly translated?: TranslatedPort;
  /** Set if clients of a headless Service dial different ports there. */
  readonly headless?: HeadlessPorts;
  readonly backends: readonly Backend[];
  readonly backendCount: number;
  /** Whether only backends on the probe pod's own node answer. */
  readonly local?: boolean;
  /**
   * Whether an answer from this address proves the probe pod's network: the address is on another node, or in another
   * pod.
   */
  readonly provesSource: boolean;
  /** The `namespace/name` of the ProbeGrant that lets the test select it. */
  readonly grant?: string;
}

/** The expansion of a target: its addresses, and findings for those that are missing. */
export interface ExpandedTarget {
  readonly addresses: readonly TargetAddress[];
  readonly findings: readonly Problem[];
}

export interface TargetQuery {
  readonly expectation: Expectation;
  /** The test's own namespace; "" for a test without one. */
  readonly namespace: string;
  /** The families that the author listed; undefined for the target's own. */
  readonly families: readonly Family[] | undefined;
  readonly snapshot: ClusterSnapshot;
  /** The nodes whose endpoints come first if only endpoints on the probe pod's own node answer. */
  readonly near?: readonly string[];
  /** The maximum number of endpoints or pods of the target. Default `MAX_BACKENDS`. */
  readonly limit?: number;
}

/** Returns the port to dial, by number or by its name at the target; none with icmp and dns. */
export function wantedPort({ http, tcp }: Expectation): Port | undefined {
  return http?.port ?? tcp?.port;
}

/** Returns the port of the expectation. The schema allows a name only for targets with pods to resolve it. */
export function numericPort(expectation: Expectation): { port?: number } {
  const port = wantedPort(expectation);
  return typeof port === "number" ? { port } : {};
}

/** Returns the finding for a family that the author listed and the target lacks. */
export function missingFamily(to: string, family: Family): Problem {
  return { reason: "TargetNotFound", message: `${to} has no ${family} address` };
}
