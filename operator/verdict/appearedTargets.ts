import type { Finding } from "../../crds/proberun/proberun.ts";
import { oneLine } from "../../probes/printable.ts";
import type { RunRecord, TriedPath } from "./evidence.ts";
import { describePath } from "./formatting.ts";

/**
 * A finding for each expectation that says Denied and whose target has got a pod or an endpoint since the run was planned:
 * nobody has tried it, so nothing is known of it. What is Allowed to be reached needs no such finding.
 */
export function appearedTargetFindings({ spec, status }: RunRecord, run: readonly TriedPath[]): Finding[] {
  const changes = status.targets?.changes ?? [];
  return changes.flatMap(({ path, expectation, name, more }) => {
    const tried = run.find(({ plan }) => plan.expectation === expectation);
    const isDenied = spec.expectations.some((one) => one.name === expectation && one.expect === "Denied");
    if (path !== undefined || !isDenied || tried === undefined) return [];
    const words = `${describePath(tried)}: ${oneLine(name, 72)}${more === 0 ? "" : ` and ${more} more`} came to stand behind the target after the run was planned, and nobody has tried it: wait until its rollout has ended, then run the test again`;
    return [{ expectation, reason: "TargetChanged", message: words }];
  });
}
