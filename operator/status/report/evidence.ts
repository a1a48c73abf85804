import type { ReportedResult } from "./report.ts";

type ReportedPath = ReportedResult["paths"][number];

/** The evidence of a result: its sentence, then two or three lines for each path. */
export function evidenceLines({ message, paths, pathCount }: Omit<ReportedResult, "name">): string[] {
  const hidden = pathCount - paths.length;
  return [
    message,
    ...paths.flatMap(pathLines),
    ...(hidden > 0 ? [`and ${hidden} more paths, which the ProbeRun has`] : []),
  ];
}

/** A path, what its rounds have seen, and what was proven. */
export function pathLines(path: ReportedPath): string[] {
  const { from, to, address, actual, verdict, reason, outcome, proof } = path;
  const target = address.startsWith(to) ? address : `${to} ${address}`;
  return [
    `${from} → ${target}: ${actual}${outcome === undefined ? "" : `, ${outcome}`}: ${verdict} (${reason})`,
    `  rounds ${path.samples || "none"}${details(path)}`,
    `  proof of the target ${proof.target}, of the source ${proof.source}, of the link ${proof.link}`,
    ...(path.command === undefined ? [] : [`  $ ${path.command}`]),
  ];
}

const details = ({ settledAfter, latency, node }: ReportedPath) =>
  [
    settledAfter === undefined ? "" : `, settled after ${settledAfter}`,
    latency === undefined ? "" : `, last success in ${latency}`,
    node === undefined ? "" : `, from ${node}`,
  ].join("");
