import { expect, it } from "vitest";
import { judge } from "./judge.ts";
import { apart, mysql, runOf, signOfLife, targetAlive, type PathSketch } from "./testing/probeRuns.ts";

const toPod = (to: string, uid: string, backendCount: number): PathSketch => ({
  kind: "Pod",
  to,
  backendCount,
  backends: [{ ...mysql, uid }],
  samples: "CCC",
});

it("the pods of every workload behind a selector are counted together, each workload once", () => {
  const paths = [
    toPod("StatefulSet/many", "a", 12),
    toPod("StatefulSet/many", "b", 12),
    toPod("Pod/alone", "c", 1),
  ];
  const [verdict] = judge(runOf({ pods: apart, paths: [...paths, signOfLife, targetAlive] }));
  expect(verdict?.message).toContain("3 of 13 pods were probed");
});
