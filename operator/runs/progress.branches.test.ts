import { describe, expect, it } from "vitest";
import type { ProbeRun, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { planChildRuns } from "../planning/childRunPlan.ts";
import { BEGAN, later } from "../testing/objects.ts";
import { runWithChildren } from "../testing/runWithChildren.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { judge } from "../verdict/judge.ts";
import { progressOf } from "./progress.ts";

const inOtherNamespace = { namespace: "vault", grant: "vault/a" };
const run = runWithChildren({ away: inOtherNamespace });

/** The branches of a run with this status. */
function branchesWith(status: Partial<ProbeRunStatus>, of: ProbeRun = run): RunRecord[] {
  return planChildRuns(of).map(({ spec }) => ({
    spec,
    status: { phase: "Finished", pods: [], results: [], ...status },
  }));
}

const finished: ProbeRunStatus["pods"] = [
  { name: "away", phase: "Finished", node: "node-1", roundsStartedAt: BEGAN, finishedAt: BEGAN },
];
const results = [0, 1, 9].map((path) => ({ path, samples: "CCC" }));

interface Asked {
  readonly of?: ProbeRun;
  readonly childRuns?: readonly RunRecord[];
  readonly revoked?: readonly string[];
}

const progress = ({ of = run, ...asked }: Asked) =>
  progressOf({ run: of, pods: new Map(), startTimeout: 60_000, now: later(10_000), ...asked });

describe("a pod in another namespace", () => {
  it("is never created in the parent's namespace, and waits for the results of its child run", () => {
    const { status, missing } = progress({ childRuns: branchesWith({ phase: "Pending" }) });
    expect(missing).toEqual([]);
    expect(status).toMatchObject({ phase: "Pending", pods: [{ name: "away", phase: "Pending" }] });
  });

  it("has the state that its child run has recorded, and only the results of its own paths", () => {
    const { status } = progress({ childRuns: branchesWith({ pods: finished, results }) });
    expect(status).toMatchObject({ phase: "Finished", pods: finished });
    expect(status.results.map(({ path }) => path)).toEqual([0, 1]);
  });

  it("that did not run says why to those who may look into its namespace, not to the test", () => {
    const words = "exceeded quota: treasure";
    const pods = [{ name: "away", phase: "NotRun" as const, message: words, refused: true }];
    const { status } = progress({ childRuns: branchesWith({ pods }) });
    expect(status.pods[0]).toMatchObject({ phase: "NotRun", refused: true });
    expect(status.pods[0]?.message).toBe(
      "the ProbeRun of this run in namespace vault has the reason, for users with access to it",
    );
    const own = runWithChildren({ away: { namespace: "vault" } }, "ClusterConnectivityTest");
    expect(progress({ of: own, childRuns: branchesWith({ pods }, own) }).status.pods[0]?.message).toBe(words);
  });
});

it("what admission changed in another namespace is listed there, and for the test by its fields alone", () => {
  const differences = [{ field: "label" as const, key: "zone", actual: "treasure" }];
  const pods = finished.map((pod) => ({ ...pod, differences }));
  const { status } = progress({ childRuns: branchesWith({ pods }) });
  expect(status.pods).toEqual(finished.map((pod) => ({ ...pod, differences: [{ field: "label" }] })));
});

describe("a grant that is no more", () => {
  const reported = {
    ...run,
    status: { phase: "Finished" as const, finishedAt: BEGAN, pods: finished, results },
  };

  it.each([
    ["before its pod has run", run],
    ["after its pod has told", reported],
  ])("%s: ends permanently what depends on it", (_, of) => {
    const { status } = progress({ of, revoked: ["vault/a"] });
    expect(status).toMatchObject({ phase: "Finished", revoked: ["vault/a"], pods: [{ phase: "NotRun" }] });
    const again = progress({ of: { ...of, status }, childRuns: branchesWith({ pods: finished, results }) });
    expect(again.status).toEqual(status);
  });

  it("touches nothing that depends on another", () => {
    expect(progress({ of: reported, revoked: ["vault/b"] }).status.pods).toEqual(finished);
  });

  it.each(["first", "second"])(
    "is the verdict, independent of the results, recorded in the %s run",
    (look) => {
      const first: RunRecord = {
        ...reported,
        status: { ...reported.status, ...(look === "first" && revoked) },
      };
      const second: RunRecord = {
        ...reported,
        status: { ...reported.status, ...(look === "second" && revoked) },
      };
      const [judged] = judge(first, undefined, { run: second });
      expect(judged).toMatchObject({ verdict: "Inconclusive", reason: "NotGranted", actual: "Unknown" });
      expect(judged?.message).toContain("ProbeGrant vault/a was deleted or changed during the run");
      expect(judged?.paths.map(({ proof }) => [proof.target, proof.source])).toEqual([nothing, nothing]);
    },
  );
});

const revoked = { revoked: ["vault/a"] };
const nothing = ["None", "None"];
