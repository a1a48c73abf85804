import { expect, it } from "vitest";
import { noted } from "../testing/noted.ts";
import { runOf, witnessesOf, type PathSketch } from "../testing/probeRuns.ts";
import type { RunRecord } from "./evidence.ts";
import { judge } from "./judge.ts";

/** How often the check of a path is read while so many denied paths, each with a witness, are judged. */
function readsWith(count: number): number {
  let reads = 0;
  const counted = ({ spec, status }: RunRecord): RunRecord => {
    const paths = spec.paths.map((path) =>
      noted(path, (property) => {
        if (property === "check") reads += 1;
      }),
    );
    return { spec: { ...spec, paths }, status };
  };
  const checks = Array.from({ length: count }, (_, index) => ({ address: `10.1.0.${index}` }));
  const denied = checks.map((check, index): PathSketch => ({
    check,
    samples: ".....",
    pod: `probe-${index >> 3}`,
  }));
  const [judged] = judge(
    counted(runOf({ paths: denied })),
    counted(witnessesOf({ paths: checks.map((check, index) => ({ check, pod: `witness-${index >> 3}` })) })),
  );
  expect(judged?.paths.map(({ proof }) => proof.target)).toEqual(checks.map(() => "Witness"));
  return reads;
}

it("judging reads no other path for one more denied path", () => {
  const perPath = (readsWith(128) - readsWith(32)) / 96;
  expect(perPath).toBeLessThan(100);
});
