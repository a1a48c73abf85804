import { describe, expect, it, vi } from "vitest";
import { keyOf } from "../../crds/metadata.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { createObserver, type Observe } from "../cluster/observe.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import {
  BEGAN,
  connectivityTest,
  endpointOf,
  expectation,
  later,
  pod,
  probeRun,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { runOf, type PathSketch, type RunSketch } from "../testing/probeRuns.ts";
import { rejection } from "../testing/rejection.ts";
import { judgeRun } from "../verdict/judgePath.ts";
import { createTargetRecheck, recheckTargets } from "./recheckTargets.ts";
import { createRunWriter } from "./runWriter.ts";

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
const now = snapshot({
  pods: [again],
  services: [service("mysql", { ports: [{ port: 3306 }] })],
  slices: [slice("mysql", [endpointOf(again)], { ports: [{ name: "", port: 3306 }] })],
});

function ended(sketch: RunSketch): ProbeRun {
  return { ...probeRun(), ...runOf(sketch) };
}

async function look(run: ProbeRun) {
  const observe = vi.fn<Observe>().mockResolvedValue(now);
  const judged = [judgeRun({ run })];
  return { targets: await recheckTargets({ run, judged, test, observe, now: later(20_000) }), observe };
}

describe("the recheck of the targets of a run", () => {
  it("reports which pods are others, and targets without a path", async () => {
    const { targets } = await look(ended({ paths: [denied] }));
    expect(targets).toEqual({
      recheckedAt: later(20_000).toISOString(),
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

it("a denial of the follow-up run alone is reason enough", async () => {
  const open = ended({ paths: [{ samples: "CCC" }] });
  const observe = vi.fn<Observe>().mockResolvedValue(now);
  const judged = [open, ended({ paths: [denied] })].map((run) => judgeRun({ run }));
  const targets = await recheckTargets({ run: open, judged, test, observe, now: later(20_000) });
  expect(targets?.changes[0]).toMatchObject({ path: 0, change: "Gone" });
});

describe("what was seen of the targets", () => {
  const planned = plannedRun(
    { "probe-a": 1 },
    {
      phase: "Finished",
      finishedAt: BEGAN,
      pods: [{ name: "probe-a", phase: "Finished", roundsStartedAt: BEGAN }],
      results: [{ path: 0, samples: ".........." }],
    },
  );
  const toWeb = planned.spec.paths.map((path) => ({ ...path, kind: "Endpoint" as const }));
  const RUN = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/net-abc";

  const stable = { ...planned, spec: { ...planned.spec, paths: toWeb } };

  /** The recheck of a run that is stored, and a cache that shows it as it was at first. */
  function rechecking(first: ProbeRun = stable, observed?: ClusterSnapshot) {
    const memory = createMemoryApi(() => later(0));
    const { api } = memory;
    const run = probeRunSchema.parse(memory.put(RUN, first));
    const cache = new Map([[keyOf(run.metadata), run]]);
    const runs = createRunWriter({ api, cache, now: () => later(0) });
    const observe: Observe = observed
      ? () => Promise.resolve(observed)
      : createObserver(readsOf(api), { grants: { values: () => [] } });
    return { memory, run, runs, recheck: createTargetRecheck({ runs, observe }) };
  }

  it("leaves the run as it was judged if nothing has changed", async () => {
    const { run, recheck } = rechecking();
    const judged = judgeRun({ run });
    const rechecked = await recheck(connectivityTest(), { run, judged }, later(1_000));
    expect(rechecked.run.status.targets?.changes).toEqual([]);
    expect(rechecked.judgedRuns?.first).toBe(judged);
  });

  it("has the run judged again if a target has changed", async () => {
    const { run, recheck } = rechecking(ended({ paths: [denied] }), now);
    const judged = judgeRun({ run });
    const rechecked = await recheck(test, { run, judged }, later(1_000));
    expect(judged.paths[0]?.path.change).toBeUndefined();
    expect(rechecked.judgedRuns?.first.paths[0]?.path.change).toMatchObject({ change: "Gone" });
  });

  it("is written down once: a cache that does not show it yet is not asked about it again", async () => {
    const { memory, run, runs, recheck } = rechecking();
    const first = await recheck(connectivityTest(), { run }, later(1_000));
    expect(first.run.status.targets?.recheckedAt).toBe(later(1_000).toISOString());
    const requests = memory.requests.map(({ verb }) => verb);
    expect(requests.filter((verb) => verb === "update")).toHaveLength(1);
    expect(requests).toContain("list");
    const second = await recheck(connectivityTest(), { run: runs.newest(run) }, later(2_000));
    expect(second.run.status).toEqual(first.run.status);
    expect(memory.requests).toHaveLength(requests.length);
  });

  it("waits for the witnesses and for the follow-up run", async () => {
    const { memory, run, recheck } = rechecking();
    const witness = { ...run, status: { ...run.status, phase: "Running" as const } };
    for (const advanced of [
      { run, witness },
      { run, followUp: { run: witness } },
      { run, followUp: { run, witness } },
    ]) {
      await expect(recheck(connectivityTest(), advanced, later(0))).resolves.toBe(advanced);
    }
    expect(memory.requests).toEqual([]);
  });

  it("fails where the API server does not answer, to be tried again: no path passes for lack of a check", async () => {
    const broken = rejection(500, "InternalError");
    const { memory, run, recheck } = rechecking();
    memory.before = ({ verb }) => {
      if (verb === "list") throw broken;
    };
    await expect(recheck(connectivityTest(), { run }, later(0))).rejects.toBe(broken);
  });
});
