import type { Finding } from "../../crds/proberun/proberun.ts";
import { shorten } from "../../probes/messageLength.ts";
import type { RunRecord, TriedPath } from "./evidence.ts";
import { describePath } from "./formatting.ts";

/**
 * Returns a finding for each expectation with `expect: Denied` whose target got a pod or an endpoint after the run
 * was planned. It was not tested, so its state is unknown. An expectation with Allowed needs no such finding.
 */
export function appearedTargetFindings({ spec, status }: RunRecord, run: readonly TriedPath[]): Finding[] {
  const changes = status.targets?.changes ?? [];
  return changes.flatMap(({ path, expectation, name, more }) => {
    const tried = run.find(({ plan }) => plan.expectation === expectation);
    const isDenied = spec.expectations.some((one) => one.name === expectation && one.expect === "Denied");
    if (path !== undefined || !isDenied || tried === undefined) return [];
    const words = `${describePath(tried)}: ${shorten(name, "name")}${more === 0 ? "" : ` and ${more} more`} was added to the target after the run was planned and was not tested. Run the test again when the rollout has finished`;
    return [{ expectation, reason: "TargetChanged", message: words }];
  });
}
