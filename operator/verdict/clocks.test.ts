import { describe, expect, it } from "vitest";
import { clockDifference, type Dated } from "./clocks.ts";

const exact = { observer: "operator", minOffset: 0, maxOffset: 0 };
const ahead = { observer: "operator", minOffset: 2_900, maxOffset: 3_100 };
const unknown = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const probe: Dated = { name: "probe", node: "near", clock: exact };

describe("the clock of a pod", () => {
  it.for<[name: string, other: Dated | undefined, difference: { from: number; to: number }]>([
    ["is the same for two pods of one node", { name: "witness", node: "near" }, { from: 0, to: 0 }],
    [
      "may be another on one node in a sandbox, and was measured",
      { name: "sandbox", node: "near", isSandboxed: true, clock: ahead },
      { from: -3_100, to: -2_900 },
    ],
    [
      "may be another on one node in a sandbox, and was not measured",
      { name: "sandbox", node: "near", isSandboxed: true },
      unknown,
    ],
    [
      "is another on another node",
      { name: "witness", node: "far", clock: ahead },
      { from: -3_100, to: -2_900 },
    ],
    ["is unknown if the pod has no status", undefined, unknown],
    [
      "is not compared with one that another process measured",
      { name: "witness", node: "far", clock: { ...exact, observer: "former" } },
      unknown,
    ],
  ])("%s", ([, other, difference]) => {
    expect(clockDifference(probe, other)).toEqual(difference);
  });

  it("is its own in a sandbox as well", () => {
    const sandbox: Dated = { ...probe, isSandboxed: true, clock: undefined };
    expect(clockDifference(sandbox, sandbox)).toEqual({ from: 0, to: 0 });
  });
});
