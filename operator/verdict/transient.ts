import type { Reason } from "../../crds/reasons.ts";
import { differencesOf } from "./evidence.ts";
import { decisiveOf, type JudgedExpectation, type JudgedFinding } from "./judgedExpectation.ts";
import type { JudgedPath } from "./judgePath.ts";
import { worstOf } from "./severity.ts";
import { hasNoReadyEndpoint, ranOnOtherSide, type PathReason } from "./verdictRules.ts";
import type { WitnessResult } from "./witnessResult.ts";

/**
 * Returns the decisive reason of a run that is Inconclusive only for transient reasons, so that another attempt may
 * decide it. Undefined if the run is decided, and if a reason lasts: then another attempt ends in the same way.
 */
export function transientReasonOf(judged: readonly JudgedExpectation[]): Reason | undefined {
  if (worstVerdict(judged) !== "Inconclusive") return undefined;
  const causes = causesOf(judged);
  return causes.includes("Lasting") ? undefined : causes.find(isReason);
}

/** The reasons of a source or a target whose workload may not have started yet. */
const STARTING: ReadonlySet<PathCause> = new Set(["SourceNotFound", "TargetNotFound", "TargetDown"]);

/**
 * Returns the reason of a run that has not passed because pods of a source or a target are missing or down. Undefined if
 * anything else that lasts is wrong as well: then no start of a workload makes it pass.
 */
export function startingReasonOf(judged: readonly JudgedExpectation[]): Reason | undefined {
  if (worstVerdict(judged) === "Passed") return undefined;
  const causes = causesOf(judged);
  const starting = causes.filter(isReason).find((cause) => STARTING.has(cause));
  return causes.includes("Lasting") ? undefined : starting;
}

const worstVerdict = (judged: readonly JudgedExpectation[]) =>
  worstOf(judged.map(decisiveOf).map(({ verdict }) => verdict));

const causesOf = (judged: readonly JudgedExpectation[]): PathCause[] =>
  judged.flatMap(({ paths, findings }) => [
    ...findings.map(causeOfFinding),
    ...paths
      .filter(({ verdict }) => verdict !== "Passed")
      .map((path) => CAUSES[path.reason]?.(path) ?? "Lasting"),
  ]);

const isReason = (cause: PathCause): cause is Reason => cause !== "Lasting" && cause !== "Consequence";

/**
 * Why a path has not passed. A consequence is a path that lacks a proof: another path, whose probe did not run, may be its
 * proof. By itself it is no reason for another attempt.
 */
type PathCause = Reason | "Lasting" | "Consequence";

const causeOfFinding = ({ reason, transient }: JudgedFinding): PathCause =>
  transient === true ? reason : "Lasting";

/** By the reason of a path. A reason that is not here lasts. */
const CAUSES: Readonly<Partial<Record<PathReason, (path: JudgedPath) => PathCause>>> = {
  ProbeNotRun: ({ path, reason }) =>
    path.pod?.refused === true || ranOnOtherSide(path) ? "Lasting" : reason,
  SourceNotReproducible: ({ path, reason }) =>
    path.difference?.transient === true && differencesOf(path).length === 0 ? reason : "Lasting",
  TargetChanged: ({ reason }) => reason,
  TargetDown: ({ reason }) => reason,
  TargetNotProven: ({ path, reason, target }) =>
    !hasNoReadyEndpoint(path) && isTransientWitness(target.witness) ? reason : "Consequence",
  LinkNotProven: ({ reason, link }) => (isTransientWitness(link.witness) ? reason : "Consequence"),
  Unsettled: ({ path }) => (path.openRounds.length === 0 ? "Consequence" : "Lasting"),
  SourceNotProven: () => "Consequence",
  ClockSkew: () => "Consequence",
};

/** Whether a witness of another attempt may have a result: it ran too early or too late, or did not run. */
const isTransientWitness = (witness: WitnessResult | undefined) =>
  witness !== undefined &&
  (witness.state === "Untimely" || witness.state === "NotRun") &&
  witness.refused !== true;
