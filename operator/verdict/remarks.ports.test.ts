import { expect, it } from "vitest";
import { apart, liveSource, runOf, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const judged = (path: PathSketch) => judge(runOf({ pods: apart, paths: [path, liveSource, targetAlive] }))[0];
const headless = { port: 3306, targetPort: 13_306 };
const REMARK =
  "a headless Service translates no port: clients of its name dial 3306 at its pods, and only clients of its SRV records dial 13306";

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
