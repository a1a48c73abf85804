import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import { apart, mysql, runOf, signOfLife, targetAlive, type PathSketch } from "./testing/probeRuns.ts";

const messageOf = (paths: readonly PathSketch[]) =>
  judge(runOf({ pods: apart, paths: [...paths, signOfLife, targetAlive] }))[0]?.message;

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
  expect(messageOf(paths)).toContain("3 of 13 pods were probed");
});

describe("pods of other namespaces", () => {
  const inNamespace = (namespace: string): PathSketch => ({
    ...toPod(`Deployment/db.${namespace}`, namespace, 1),
    grants: ["sources/of-the-client", `${namespace}/shop`],
  });

  it("are those of the namespaces that grant them, and the message names these", () => {
    expect(messageOf([inNamespace("front"), inNamespace("back")])).toContain(
      "of other namespaces only those that grant it were tried: back, front",
    );
  });

  it("are counted where the namespaces are many", () => {
    const message = messageOf(["a", "b", "c", "d", "e"].map(inNamespace));
    expect(message).toContain("only those that grant it were tried: a, b, c and 2 more");
  });

  it("need no such words where nobody had to grant them", () => {
    expect(messageOf([toPod("Deployment/db.front", "a", 1)])).not.toContain("grant");
  });
});
