import type { ExpectationStatus } from "../../crds/connectivitytest.ts";
import type { PlannedPath, PlannedPod, ProbeRun } from "../../crds/proberun/proberun.ts";
import { targetAddress } from "../../operator/verdict/formatting.ts";
import { pathLines } from "../../operator/status/report/evidence.ts";
import type { RunRecords } from "./runRecords.ts";

/** A path of the plan with its raw result. */
interface RecordedPath {
  readonly plan: PlannedPath;
  readonly result: ProbeRun["status"]["results"][number] | undefined;
  readonly pod: PlannedPod | undefined;
}

/** The evidence of an expectation, path by path: the worst paths, which the status has, then those that only the ProbeRun has. */
export function explainedPaths({ name, paths, pathCount }: ExpectationStatus, records: RunRecords): string[] {
  const recorded = recordedPaths(records.run, (path) => path.expectation === name);
  const keys = new Map(recorded.map((path) => [keyOfPath(path.plan, targetAddress(path)), path]));
  const judged = paths.flatMap((path) => {
    const key = keyOfPath(path, path.address);
    const found = keys.get(key);
    keys.delete(key);
    return [...pathLines(path), ...(found ? recordLines(found, records) : []), ""];
  });
  const others = pathCount > paths.length ? [...keys.values()] : [];
  const rest = others.flatMap((path) => [
    `${path.plan.from} → ${path.plan.to} ${targetAddress(path)}: not worse than the paths above`,
    `  rounds ${path.result?.samples ?? "none"}`,
    ...recordLines(path, records),
    "",
  ]);
  return [...judged, ...rest];
}

const keyOfPath = ({ from, to }: Pick<PlannedPath, "from" | "to">, address: string) =>
  JSON.stringify([from, to, address]);

function recordedPaths(run: ProbeRun | undefined, isWanted: (path: PlannedPath) => boolean): RecordedPath[] {
  const results = new Map(run?.status.results.map((result) => [result.path, result]));
  const pods = new Map(run?.spec.pods.map((pod) => [pod.name, pod]));
  return (run?.spec.paths ?? [])
    .filter(isWanted)
    .map((plan) => ({ plan, result: results.get(plan.id), pod: pods.get(plan.pod) }));
}

function recordLines({ plan, result, pod }: RecordedPath, records: RunRecords): string[] {
  const { check, backends, id } = plan;
  const twin = pod?.sourcePod ? `, the twin of Pod ${pod.sourcePod.name}` : "";
  const hint = result?.hint === undefined ? "" : `; last error: ${result.hint}`;
  const behind = backends.map(({ name, node }) => `${name} on ${node || "no node"}`).join(", ");
  const again = recordedPaths(records.followUp, (path) => path.id === id);
  const socket = [check.address ?? result?.address, check.port].join(" ");
  const isSame = ({ check: { address, port } }: PlannedPath) => [address, port].join(" ") === socket;
  const witnesses = [records.witness, records.followUpWitness].flatMap((run) => recordedPaths(run, isSame));
  return [
    `  tried by Pod ${plan.pod || "none"}${twin}, with ${check.tool}${hint}`,
    ...(behind === "" ? [] : [`  behind the address: ${behind}`]),
    ...again.map((path) => `  rounds of the follow-up run ${path.result?.samples ?? "none"}`),
    ...witnesses.map(
      (path) => `  rounds of the witness ${path.plan.from}: ${path.result?.samples ?? "none"}`,
    ),
  ];
}
