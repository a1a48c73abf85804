import { describe, expect, it } from "vitest";
import type { PathStatus } from "../../crds/connectivitytest.ts";
import { plannedPodSchema } from "../../crds/proberun/proberun.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { probeRun } from "../testing/objects.ts";
import { podOfToken, verdictsForToken } from "./podVerdicts.ts";

const REASONS = { Passed: "AsExpected", Failed: "Blocked", Inconclusive: "ProbeNotRun" } as const;

const path = (from: string, verdict: Verdict): PathStatus => ({
  from,
  to: "Service/db",
  address: "10.0.0.1:80",
  verdict,
  reason: REASONS[verdict],
  actual: verdict === "Passed" ? "Allowed" : "Denied",
  samples: "",
  proof: { target: "None", source: "None", link: "None" },
});

/** An expectation with the verdicts of its paths by their source. The worst of them is its own. */
function expectationOf(name: string, worst: Verdict, paths: readonly (readonly [string, Verdict])[]) {
  return {
    name,
    expected: "Allowed" as const,
    actual: "Denied" as const,
    verdict: worst,
    reason: REASONS[worst],
    message: "",
    pathCount: paths.length,
    paths: paths.map(([from, verdict]) => path(from, verdict)),
  };
}

const OLD = "Deployment/web (role=old)";
const NEW = "Deployment/web (role!=old)";
const twin = (name: string, source: string, uid: string) =>
  plannedPodSchema.parse({
    name,
    source,
    sourcePod: { name, uid },
    twin: { labels: {}, serviceAccountName: "default" },
  });
const run = (finding?: string) =>
  probeRun({
    spec: {
      pods: [twin("probe-0", OLD, "old"), twin("probe-1", NEW, "new"), twin("probe-2", NEW, "new")],
      findings:
        finding === undefined ? [] : [{ expectation: finding, reason: "TargetNotFound", message: "none" }],
    },
  });
const cutOff = expectationOf("db", "Failed", [
  [OLD, "Failed"],
  [NEW, "Passed"],
]);
const other = expectationOf("shop", "Failed", [["Deployment/shop", "Failed"]]);

describe("the verdicts of a run for a token", () => {
  const verdictsFor = (token: string, verdicts = [cutOff, other], finding?: string) =>
    verdictsForToken({ run: run(finding), verdicts }, token).map(({ name, verdict, reason }) =>
      [name, verdict, reason].join(" "),
    );
  const all = ["db Failed Blocked", "shop Failed Blocked"];

  it.each([
    ["of a pod: those of the paths of its source", "netverdict.dev/passed:new", ["db Passed AsExpected"]],
    ["of a pod, for another run: the same", "netverdict.dev/passed:new~abc", ["db Passed AsExpected"]],
    ["of a pod that is cut off", "netverdict.dev/passed:old", ["db Failed Blocked"]],
    ["of a pod without a twin: all", "netverdict.dev/passed:gone", all],
    ["of a gate: all", "release-42", all],
  ])("%s", (_, token, expected) => {
    expect(verdictsFor(token)).toEqual(expected);
  });

  it("have an expectation with a finding as a whole, because the finding may be about the pod", () => {
    expect(verdictsFor("netverdict.dev/passed:new", [cutOff, other], "shop")).toEqual([
      "db Passed AsExpected",
      "shop Failed Blocked",
    ]);
  });

  it("are all of them if no path of the pod was tried", () => {
    expect(verdictsFor("netverdict.dev/passed:new", [other])).toEqual(["shop Failed Blocked"]);
  });

  it("have the worst path of the pod", () => {
    const both = expectationOf("db", "Failed", [
      [NEW, "Passed"],
      [NEW, "Inconclusive"],
      [OLD, "Failed"],
    ]);
    expect(verdictsFor("netverdict.dev/passed:new", [both])).toEqual(["db Inconclusive ProbeNotRun"]);
  });
});

it("only a token of a pod has the UID of one", () => {
  expect(["netverdict.dev/passed:u", "netverdict.dev/passed:u~r", "release"].map(podOfToken)).toEqual([
    "u",
    "u",
    undefined,
  ]);
});
