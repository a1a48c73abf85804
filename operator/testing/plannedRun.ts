import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { encodeReport } from "../../probes/report.ts";
import { BEGAN, probeRun, type RunOptions } from "./objects.ts";

/** A run whose plan has these probe pods, each with so many checks; the paths are numbered in the order of the pods. */
export function plannedRun(
  checksOf: Readonly<Record<string, number>>,
  status?: RunOptions["status"],
): ProbeRun {
  const pods = Object.keys(checksOf);
  const podOfPath = Object.entries(checksOf).flatMap(([pod, count]) =>
    Array.from({ length: count }, () => pod),
  );
  return probeRun({
    spec: {
      pods: pods.map((name) => ({
        name,
        source: `Deployment/${name}`,
        sourcePod: { name: `${name}-original`, uid: `uid-${name}-original` },
        twin: { labels: {}, serviceAccountName: "default" },
      })),
      paths: podOfPath.map((pod, path) => ({
        id: path,
        expectation: "check",
        expect: "Allowed",
        from: `Deployment/${pod}`,
        to: "203.0.113.10",
        kind: "Address",
        pod,
        check: { path, tool: "tcp", family: "IPv4", address: "203.0.113.10", port: 443 },
      })),
    },
    status,
  });
}

/** The report of a probe pod whose attempts all succeeded in every round of every check, from `BEGAN` on. */
export function reportOf(run: ProbeRun, pod: string): string {
  const results = run.spec.paths
    .filter((path) => path.pod === pod)
    .map(({ id }) => ({ path: id, samples: "CCC" }));
  return encodeReport({ startedAt: Date.parse(BEGAN), complete: true, results });
}
