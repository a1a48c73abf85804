import type { Reason } from "../../crds/reasons.ts";
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
  const decisive = judged.map(decisiveOf);
  if (worstOf(decisive.map(({ verdict }) => verdict)) !== "Inconclusive") return undefined;
  const causes = judged.flatMap(({ paths, findings }) => [
    ...findings.map(causeOfFinding),
    ...paths
      .filter(({ verdict }) => verdict === "Inconclusive")
      .map((path) => CAUSES[path.reason]?.(path) ?? "Lasting"),
  ]);
  return causes.includes("Lasting") ? undefined : causes.find(isReason);
}

const isReason = (cause: InconclusiveCause): cause is Reason =>
  cause !== "Lasting" && cause !== "Consequence";

/**
 * Why a path has no result. A consequence is a path that lacks a proof: another path, whose probe did not run, may be its
 * proof. By itself it is no reason for another attempt.
 */
type InconclusiveCause = Reason | "Lasting" | "Consequence";

const causeOfFinding = ({ reason, transient }: JudgedFinding): InconclusiveCause =>
  transient === true ? reason : "Lasting";

/** By the reason of a path. A reason that is not here lasts. */
const CAUSES: Readonly<Partial<Record<PathReason, (path: JudgedPath) => InconclusiveCause>>> = {
  ProbeNotRun: ({ path, reason }) =>
    path.pod?.refused === true || ranOnOtherSide(path) ? "Lasting" : reason,
  TargetChanged: ({ reason }) => reason,
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
