import { expect, it } from "vitest";
import { plannedRun } from "../testing/plannedRun.ts";
import { probingWindow } from "./podDeadlines.ts";

const run = plannedRun({ "probe-a": 2, "probe-b": 1 });

it("a probe pod has time for all its rounds, for the last of them to end, and ten seconds more", () => {
  expect(probingWindow(run)).toBe(62_000);
  expect(
    probingWindow({
      spec: { ...run.spec, probing: { ...run.spec.probing, interval: "2s", timeout: "500ms" } },
    }),
  ).toBe(102_500);
});
