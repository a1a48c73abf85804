import { describe, expect, it, vi } from "vitest";
import type { ProbeRun } from "../../crds/proberun.ts";
import type { Observe } from "../cluster/observe.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  later,
  pod,
  probeRun,
  service,
  slice,
  surroundings,
} from "../testing/objects.ts";
import { runOf, type PathSketch, type RunSketch } from "../testing/probeRuns.ts";
import { lookBack } from "./recheckTargets.ts";

const mysql = expectation({
  name: "orders-mysql",
  to: { service: { name: "mysql" } },
  tcp: { port: 3306 },
  expect: "Denied",
});
const outside = expectation({ name: "out", to: { ip: "203.0.113.10" }, tcp: { port: 443 } });
const test = connectivityTest({ spec: { expectations: [mysql, outside] } });
const denied: PathSketch = { samples: ".........." };

/** The cluster as it is at the end: the pod mysql is there under another UID. */
const again = pod("mysql", { ips: ["10.1.0.2"], metadata: { uid: "uid-again" } });
const now = surroundings({
  pods: [again],
  services: [service("mysql", { ports: [{ port: 3306 }] })],
  slices: [slice("mysql", [endpointOf(again)], { ports: [{ name: "", port: 3306 }] })],
});

function ended(sketch: RunSketch): ProbeRun {
  return { ...probeRun(), ...runOf(sketch) };
}

async function look(run: ProbeRun) {
  const observe = vi.fn<Observe>().mockResolvedValue(now);
  return { targets: await lookBack({ run, test, observe, now: later(20_000) }), observe };
}

describe("looking back at the targets of a run", () => {
  it("tells who was another one, and of what no path went to", async () => {
    const { targets } = await look(ended({ paths: [denied] }));
    expect(targets).toEqual({
      lookedAt: later(20_000).toISOString(),
      changes: [
        { expectation: "orders-mysql", path: 0, change: "Gone", name: "mysql", more: 0 },
        { expectation: "orders-mysql", change: "Appeared", name: "mysql", more: 0 },
      ],
    });
  });

  it("asks the cluster about the expectations that have pods behind their target, and no others", async () => {
    const { observe } = await look(ended({ paths: [denied] }));
    expect(observe.mock.calls.map(([{ spec }]) => spec.expectations)).toEqual([[mysql]]);
  });

  it.each<readonly [string, RunSketch]>([
    ["nobody was denied", { paths: [{ samples: "CCC" }] }],
    ["nothing has settled", { paths: [{ samples: "EEEEEEEEEEEEEEE" }] }],
    ["the denial is of an address outside", { paths: [{ ...denied, kind: "Address", backends: [] }] }],
    ["it has looked already", { paths: [denied], changes: [] }],
  ])("costs nothing where %s", async (_, sketch) => {
    const { targets, observe } = await look(ended(sketch));
    expect(targets).toBeUndefined();
    expect(observe).not.toHaveBeenCalled();
  });
});

it("a denial of the second look alone is reason enough", async () => {
  const open = ended({ paths: [{ samples: "CCC" }] });
  const observe = vi.fn<Observe>().mockResolvedValue(now);
  const second = ended({ paths: [denied] });
  const targets = await lookBack({ run: open, again: second, test, observe, now: later(20_000) });
  expect(targets?.changes[0]).toMatchObject({ path: 0, change: "Gone" });
});
