import { expect, it } from "vitest";
import {
  apart,
  liveSource,
  runOf,
  targetAlive,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const judged = (path: PathSketch) => judge(runOf({ pods: apart, paths: [path, liveSource, targetAlive] }))[0];
const headless = { port: 3306, targetPort: 13_306 };
const REMARK =
  "A headless Service translates no port: clients of its name dial 3306 at its pods, and only clients of its SRV records dial 13306";

it.each<[verdict: string, path: PathSketch]>([
  ["Passed AsExpected", { expect: "Allowed", samples: "CCC" }],
  ["Passed AsExpected", { expect: "Denied", samples: "....." }],
  ["Failed Open", { expect: "Denied", samples: "CCC" }],
  ["Failed Blocked", { expect: "Allowed", samples: "RRRRR" }],
])("%s at a headless Service says what each kind of clients dials (%o)", (verdict, path) => {
  const found = judged({ ...path, headless });
  expect(`${found?.verdict} ${found?.reason}`).toBe(verdict);
  expect(found?.message).toContain(REMARK);
  expect(judged(path)?.message).not.toContain("headless");
});

type Side = "OwnNode" | "OtherNode";

/** An open node port of the node `far`; `probe-beside` is a probe pod on that node. */
function nodePortMessage(sides: readonly Side[], pods: RunSketch["pods"] = {}): string {
  const paths = sides.map<PathSketch>((from) => ({
    kind: "Node",
    to: "Node/far",
    samples: "CCC",
    ...(from === "OwnNode" && { pod: "probe-beside" }),
    translated: { node: "far", by: "NodePort", from },
  }));
  return judge(runOf({ paths, pods: { "probe-beside": { node: "far" }, ...pods } }))[0]?.message ?? "";
}

it.each<[says: string, sides: readonly Side[]]>([
  ["from near, where policies see the node's address", ["OtherNode"]],
  ["from far itself, where policies may see what is behind it", ["OwnNode"]],
  [
    "from near, where policies see the node's address, and from far itself, where policies may see what is behind it",
    ["OtherNode", "OwnNode"],
  ],
])("a node port was tried %s", (says, sides) => {
  expect(nodePortMessage(sides)).toContain(`Port 3306 is a node port of far: tried ${says}`);
});

it("a probe pod on the other side of a node port than the source says what to do about it", () => {
  expect(nodePortMessage(["OwnNode"], { "probe-beside": { node: "third" } })).toContain(
    "the source's pods run on far, and its probe pod ran on third, from where the port may have another result. Check that far has room",
  );
  expect(nodePortMessage(["OtherNode"], { "probe-orders": { node: "far" } })).toContain(
    "Check that another node takes pods with the source's tolerations",
  );
});
