import { describe, expect, it } from "vitest";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { createObserver } from "../cluster/observe.ts";
import { createRunWriter } from "../runs/runWriter.ts";
import { ampleQueue } from "../testing/ampleQueue.ts";
import { groundOf } from "../testing/caches.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, later, probeRun } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { dependenciesOf, type DependencyState, LONGEST_ROLLOUT } from "./dependencyDigest.ts";
import { createRunStarter } from "./startRun.ts";

const dependencyScope = { namespaces: ["", "shop"], workloads: [], services: ["shop/web"] };
const nothing = groundOf({});
const denied = groundOf({
  policies: [{ metadata: { namespace: "shop", name: "deny", uid: "u", generation: 1 } }],
});

interface Scene {
  readonly rerunOn?: RerunOn[];
  /** As it is now. */
  readonly dependencyState?: DependencyState;
  /** The ProbeRun of the last run. If omitted: one that records what its verdict depends on. */
  readonly ended?: ProbeRun | "Deleted";
}

/** Begins what is due after a run of this generation that ended when there was no policy. */
function started({
  rerunOn,
  dependencyState = nothing,
  ended = probeRun({ spec: { dependencies: dependenciesOf(dependencyScope, nothing) } }),
}: Scene) {
  const run = {
    id: "k3f9q",
    trigger: "Schedule",
    startedAt: BEGAN,
    finishedAt: BEGAN,
    generation: 1,
  } as const;
  const test = connectivityTest({ spec: { ...(rerunOn && { rerunOn }) }, status: { run } });
  const { api } = createMemoryApi(() => later(0));
  const starter = createRunStarter({
    runs: createRunWriter({ api, cache: { get: () => undefined }, now: () => later(0) }),
    observe: createObserver(readsOf(api), { grants: { values: () => [] } }),
    witness: { enabled: true, allow: [] },
    operatorNamespace: "netverdict-system",
    dependencyState: () => dependencyState,
    queue: ampleQueue(),
    onStarted: () => {},
    log: silentLog(),
  });
  return starter.startDue(test, { ended: ended === "Deleted" ? undefined : ended, requests: [] }, later(0));
}

describe("after a run that has ended", () => {
  it("a policy that was made since begins another one, where the test asks for it", async () => {
    const { run } = await started({ rerunOn: ["PolicyChange"], dependencyState: denied });
    expect(run?.spec.run.trigger).toBe("PolicyChange");
  });

  it("the run that a policy began says what it depends on, so that the same policy begins no third run", async () => {
    const { run } = await started({ rerunOn: ["PolicyChange"], dependencyState: denied });
    expect(run?.spec.dependencies).toEqual(dependenciesOf(dependencyScope, denied));
  });

  it.each<[string, Scene]>([
    ["was deleted", { ended: "Deleted" }],
    ["has no record of what its verdict depends on", { ended: probeRun() }],
  ])("another one begins if the last ProbeRun %s, since anything may have changed", async (_, scene) => {
    const { run } = await started({ rerunOn: ["WorkloadChange"], ...scene });
    expect(run?.spec.run.trigger).toBe("WorkloadChange");
  });

  it("a change that may be a part of a rollout begins none yet, and is due ten minutes after the rollout began", async () => {
    const endpoints = { "shop/web": ["uid-web 80"] };
    const ended = probeRun({
      spec: { dependencies: dependenciesOf(dependencyScope, groundOf({ endpoints })) },
    });
    const dependencyState = groundOf({ unsettled: { "shop/web": later(-1_000) } });
    const scene: Scene = { rerunOn: ["PolicyChange"], ended, dependencyState };
    await expect(started(scene)).resolves.toEqual({
      isRollingOut: false,
      requeueAt: later(LONGEST_ROLLOUT - 1_000),
    });
  });

  it.each<[string, Scene]>([
    ["nothing has changed", { rerunOn: ["PolicyChange", "WorkloadChange"] }],
    ["the test asks about another change", { rerunOn: ["WorkloadChange"], dependencyState: denied }],
    ["the test asks about none", { dependencyState: denied }],
    ["the test asks about none, and the last ProbeRun was deleted", { ended: "Deleted" }],
  ])("none begins where %s", async (_, scene) => {
    await expect(started(scene)).resolves.toEqual({});
  });
});
