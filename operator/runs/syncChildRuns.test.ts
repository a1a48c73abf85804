import { describe, expect, it } from "vitest";
import { z } from "zod";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { planChildRuns } from "../planning/childRunPlan.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { probeRunsPath } from "../runtime/resourcePaths.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi, type MemoryApi, type Request } from "../testing/memoryApi.ts";
import { BEGAN, controlledBy, later } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { grantNow, runWithChildren } from "../testing/runWithChildren.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const run = runWithChildren({ away: { namespace: "vault", grant: "vault/a" }, home: {} });
const API = "netverdict.dev/v1alpha1";
const settings = { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 } as const;
const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string(), ownerReferences: z.array(z.unknown()) }),
});

/** The branch as the caches show it once it is there. */
function childRunOf(of: ProbeRun): ProbeRun {
  const [plan] = planChildRuns(of);
  return probeRunSchema.parse({
    metadata: {
      name: plan?.name,
      namespace: plan?.namespace,
      uid: "uid-branch",
      creationTimestamp: BEGAN,
      ownerReferences: [controlledBy("ProbeGrant/a", API)],
    },
    spec: plan?.spec,
  });
}

interface World {
  readonly of?: ProbeRun;
  readonly grant?: ProbeGrant | undefined;
  readonly childRuns?: readonly ProbeRun[];
  /** Throws the API server's answer to a request that it refuses. */
  readonly before?: MemoryApi["before"];
  readonly time?: Date;
}

async function advance({ of = run, childRuns = [], before, ...world }: World) {
  const grant = "grant" in world ? world.grant : grantNow();
  const now = () => later(0);
  const memory = createMemoryApi(now);
  if (before) memory.before = before;
  const { api } = memory;
  const store = (one: ProbeRun) => {
    const { namespace, name } = one.metadata;
    return probeRunSchema.parse(memory.put(probeRunsPath(namespace, name), one));
  };
  const [stored, others] = [store(of), childRuns.map(store)];
  const cache = new Map([stored, ...others].map((one) => [keyOf(one.metadata), one]));
  const look = createRunSyncer({
    log: silentLog(),
    clocks: blindClocks,
    api,
    settings,
    runs: createRunWriter({ api, cache, now }),
    grants: { get: (key) => (key === "vault/a" ? grant : undefined) },
    now,
  });
  const advanced = await look({ run: stored, pods: [] }, world.time ?? later(1_000));
  const sent = (verb: Request["verb"]) => memory.requests.filter((request) => request.verb === verb);
  const created = sent("create").map(({ body }) => objectSchema.parse(body));
  const names = created.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
  const removed = sent("delete").map(({ path, body }) => [path, body]);
  return { ...advanced, created, names: names.toSorted(), removed };
}

/** The API server's answer to every request of this kind. */
const refusing = (verb: Request["verb"], rejected: ApiError): Pick<World, "before"> => ({
  before(request) {
    if (request.verb === verb) throw rejected;
  },
});

describe("what a run has in another namespace", () => {
  it("is a branch there, owned by the grant, and the pods of both", async () => {
    const { created, names } = await advance({});
    expect(names).toEqual(["Pod shop/home", "Pod vault/away", "ProbeRun vault/shop.net-abc"]);
    expect(created.find(({ kind }) => kind === "ProbeRun")?.metadata.ownerReferences).toEqual([
      {
        apiVersion: API,
        kind: "ProbeGrant",
        name: "a",
        uid: "uid-a",
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  it("is owned by the test where that has no namespace, and needs no grant", async () => {
    const of = runWithChildren({ away: { namespace: "vault" } }, "ClusterConnectivityTest");
    const withoutGrants = { ...of, spec: { ...of.spec, grants: [] } };
    const { created, names } = await advance({ of: withoutGrants, grant: undefined });
    expect(names).toEqual(["Pod vault/away", "ProbeRun vault/net-abc"]);
    expect(created.find(({ kind }) => kind === "ProbeRun")?.metadata.ownerReferences).toMatchObject([
      { kind: "ClusterConnectivityTest", name: "net", uid: "uid-net", controller: true },
    ]);
  });

  it("goes on as the caches show it, and is not made twice", async () => {
    const { names } = await advance({ childRuns: [childRunOf(run)] });
    expect(names).toEqual(["Pod shop/home", "Pod vault/away"]);
  });

  it("of a run of the same name that was deleted is waited for until it is gone, and never counts", async () => {
    const known = childRunOf(run);
    const home = { namespace: "shop", name: "net-abc", uid: "uid-older" };
    const older: ProbeRun = {
      metadata: { ...known.metadata, creationTimestamp: later(-600_000).toISOString() },
      spec: { ...known.spec, parent: home },
      status: {
        phase: "Finished",
        pods: [{ name: "away", phase: "Finished" }],
        results: [{ path: 0, samples: "....." }],
      },
    };
    const { run: advanced, names } = await advance({ childRuns: [older] });
    expect(names).toEqual(["Pod shop/home"]);
    expect(advanced.status).toMatchObject({ pods: [{ phase: "Pending" }, {}], results: [] });
  });

  it("that is on its way out gets no pods, and is created again once it is gone", async () => {
    const known = childRunOf(run);
    const going = { ...known, metadata: { ...known.metadata, deletionTimestamp: BEGAN } };
    expect((await advance({ childRuns: [going] })).names).toEqual(["Pod shop/home"]);
    expect((await advance({})).names).toContain("ProbeRun vault/shop.net-abc");
  });

  it("is needed no more once all of its pods have been recorded", async () => {
    const pods = [
      { name: "away", phase: "Finished" as const },
      { name: "home", phase: "Pending" as const },
    ];
    const { names } = await advance({ of: { ...run, status: { ...run.status, pods } } });
    expect(names).toEqual(["Pod shop/home"]);
  });

  it("has not run where its namespace will not have it", async () => {
    const rejected = rejection(403, "Forbidden", "namespace treasure is being terminated");
    const { run: advanced } = await advance(refusing("create", rejected));
    expect(advanced.status.pods).toMatchObject([{ name: "away", phase: "NotRun", refused: true }, {}]);
    expect(advanced.status.pods[0]?.message).not.toContain("treasure");
  });

  it("is tried again if it is gone before its results are recorded: the caches will show why", async () => {
    const gone = rejection(404, "NotFound");
    const reported = {
      ...childRunOf(run),
      metadata: { ...childRunOf(run).metadata, creationTimestamp: "2026-11-21T11:00:00Z" },
    };
    const world = { childRuns: [reported], ...refusing("update", gone) };
    await expect(advance(world)).rejects.toBe(gone);
  });

  it("fails for any other error, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    await expect(advance(refusing("create", broken))).rejects.toBe(broken);
  });
});

it("a run that is being deleted gets no branches, and ends at the time by which its pods had to be there", async () => {
  const of = { ...run, metadata: { ...run.metadata, deletionTimestamp: BEGAN } };
  const early = await advance({ of });
  expect([early.names, early.run.status.phase, early.requeueAt]).toEqual([[], "Pending", later(122_000)]);
  expect((await advance({ of, time: later(122_000) })).run.status.phase).toBe("Finished");
});

describe("where the grant is no more", () => {
  it.each([
    ["taken away", undefined],
    ["changed", grantNow(undefined, { generation: 3 })],
  ])("(%s) the branch goes, its pods have not run, and the rest goes on", async (_, grant) => {
    const { run: advanced, names, removed } = await advance({ grant, childRuns: [childRunOf(run)] });
    expect(names).toEqual(["Pod shop/home"]);
    expect(removed).toEqual([
      [`/apis/${API}/namespaces/vault/proberuns/shop.net-abc`, { uid: "uid-branch" }],
    ]);
    expect(advanced.status).toMatchObject({
      phase: "Running",
      pods: [{ phase: "NotRun" }, { phase: "Pending" }],
    });
    expect(advanced.status.revoked).toContain("vault/a");
  });
});
