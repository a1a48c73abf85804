import type { Reason } from "../../crds/reasons.ts";

/**
 * For each reason of an Inconclusive expectation: whether a new run of the same test, in a cluster in which nothing else
 * changes, can give another verdict. It depends on the verdict table of docs/design.md and on the reasons in
 * docs/spec/connectivitytest.md.
 */
const IS_TRANSIENT: Readonly<Record<Reason, boolean>> = {
  // Depends on when probes and witnesses ran, on how much CPU they got, and on how closely that let clocks be measured.
  TargetNotProven: true,
  SourceNotProven: true,
  LinkNotProven: true,
  ClockSkew: true,
  Unsettled: true,
  ProbeNotRun: true,
  // Pods behind the target were replaced during the run. The next run plans with the new ones.
  TargetChanged: true,

  // Remains until a person changes the test, its namespaces or the cluster.
  NameNotResolved: false,
  NotGranted: false,
  SourceNotFound: false,
  TargetNotFound: false,
  TargetNotSupported: false,
  SourceNotReproducible: false,
  Intercepted: false,

  // Belongs to another verdict, or to conditions alone: no expectation is Inconclusive for it.
  AsExpected: false,
  UnexpectedAnswer: false,
  Blocked: false,
  TargetDown: false,
  NotReachable: false,
  Open: false,
  OpenSometimes: false,
  InProgress: false,
  TooManyPaths: false,
  SpecNotReadable: false,
  InvalidSchedule: false,
  Suspended: false,
};

const TRANSIENT: readonly string[] = Object.entries(IS_TRANSIENT).flatMap(([reason, is]) =>
  is ? [reason] : [],
);

/** Whether a new run can replace an Inconclusive verdict of this reason by another verdict. */
export function isTransient(reason: string): boolean {
  return TRANSIENT.includes(reason);
}
