import type { Expectation, Port } from "../../crds/expectation.ts";
import type { Backend, PlannedPath } from "../../crds/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Family } from "../../crds/words.ts";
import type { Surroundings } from "../cluster/snapshot.ts";

/** One concrete address that stands for a target. */
export interface TargetAddress {
  readonly to: string;
  readonly kind: PlannedPath["kind"];
  readonly family: Family;
  readonly address?: string;
  readonly host?: string;
  readonly port?: number;
  readonly backends: readonly Backend[];
  readonly backendCount: number;
  /** Only those of the backends answer that are on the asking pod's own node. */
  readonly local?: boolean;
  /** An answer from here shows that the asking pod's network is up: it lies off its node, or in another pod. */
  readonly signOfLife: boolean;
  /** The `namespace/name` of the ProbeGrant that lets the test name it. */
  readonly grant?: string;
}

/** What a target comes to: addresses, and what there is to say about those that could not be had. */
export interface Expanded {
  readonly addresses: readonly TargetAddress[];
  readonly findings: readonly Problem[];
}

export interface TargetQuestion {
  readonly expectation: Expectation;
  /** The test's own namespace; "": it has none. */
  readonly namespace: string;
  /** As the author asked for them; undefined: the target's own. */
  readonly families: readonly Family[] | undefined;
  readonly surroundings: Surroundings;
  /** The nodes whose endpoints come first where only those of the asking pod's own node answer. */
  readonly near?: readonly string[];
  /** How many endpoints or pods stand for the target; left out: `MAX_BACKENDS`. */
  readonly limit?: number;
}

/** The port to dial, by number or by the name that the target gives it; none with icmp and dns. */
export function wantedPort({ http, tcp }: Expectation): Port | undefined {
  return http?.port ?? tcp?.port;
}

/** The port of the expectation; the schema lets it have a name only where there are pods to look it up in. */
export function numbered(expectation: Expectation): { port?: number } {
  const port = wantedPort(expectation);
  return typeof port === "number" ? { port } : {};
}

/** The finding for a family that the author asked for and the target lacks. */
export function missingFamily(to: string, family: Family): Problem {
  return { reason: "TargetNotFound", message: `${to} has no ${family} address` };
}
