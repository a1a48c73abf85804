import { describe, expect, it } from "vitest";
import { z } from "zod";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, later, probePod, probeRun } from "../testing/objects.ts";
import { runOf } from "../testing/probeRuns.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunWriter, identityOfWitnessRun } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

/** A denial from `near` to `far`, which asks for a witness of its target and for two of its wire. */
const { spec: planned } = runOf({ paths: [{ witness: "far", linkWitness: "near" }] });
const run = probeRun({ spec: planned });
const asked = planWitnesses(run);
if (!asked) throw new Error("the run asks for witnesses");
const witnessRun: ProbeRun = {
  ...probeRun({ id: "witnesses" }),
  metadata: {
    ...probeRun({ id: "witnesses" }).metadata,
    name: identityOfWitnessRun(asked).name,
    uid: `uid-${identityOfWitnessRun(asked).name}`,
    namespace: "netverdict-witness",
    ownerReferences: [],
  },
  spec: asked,
};
const LISTENER = "witness-far-k3f9q-1";
const DIALER = "witness-near-k3f9q-2";
const OTHERS = ["probe-orders", "witness-far-k3f9q-0"];

const podSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    containers: z.array(z.object({ env: z.array(z.object({ value: z.string().optional() })) })),
  }),
});

/**
 * What is created at that time, where the listener has these addresses; undefined: it is not there yet. `rejected`: the API
 * server's answer to the ProbeRun of the witnesses, which is there otherwise.
 */
async function createdAt(milliseconds: number, listening?: readonly string[], rejected?: ApiError) {
  const now = () => later(milliseconds);
  const memory = createMemoryApi(now);
  memory.before = ({ verb, path }) => {
    if (verb === "create" && path.endsWith("/proberuns") && rejected) throw rejected;
  };
  const { api } = memory;
  const [stored, ...others] = (rejected ? [run] : [run, witnessRun]).map((one) => {
    const { namespace, name } = one.metadata;
    return probeRunSchema.parse(memory.put(probeRunsPath(namespace, name), one));
  });
  if (!stored) throw new Error("no run is stored");
  const cache = new Map([stored, ...others].map((one) => [keyOf(one.metadata), one]));
  const advance = createRunSyncer({
    log: silentLog(),
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache, now }),
    grants: new Map<string, ProbeGrant>(),
    now,
  });
  const status = { podIPs: listening?.map((ip) => ({ ip })) };
  const listener = probePod(LISTENER, witnessRun, { spec: { nodeName: "far" }, status });
  if (listening) memory.put(podsPath(witnessRun.metadata.namespace, LISTENER), listener);
  const { requeueAt } = await advance({ run: stored, pods: listening ? [listener] : [] }, now());
  const created = memory.requests
    .filter(({ verb, path }) => verb === "create" && path.endsWith("/pods"))
    .map(({ body }) => podSchema.parse(body));
  const dialer = created.find(({ metadata: { name } }) => name === DIALER);
  return {
    names: created.map(({ metadata: { name } }) => name).toSorted(),
    orders: dialer?.spec.containers[0]?.env[0]?.value,
    requeueAt,
  };
}

describe("a run that asks for witnesses of a link", () => {
  it("creates only the listener, and is reconciled when it has waited for long enough", async () => {
    const { names, requeueAt } = await createdAt(0);
    expect(names).toEqual([LISTENER]);
    expect(requeueAt).toEqual(new Date(Date.parse(BEGAN) + 10_000));
  });

  it("creates all others at once when the listener has an address, which one of them gets", async () => {
    const { names, orders } = await createdAt(2_000, ["10.1.2.3"]);
    expect(names).toEqual([...OTHERS, DIALER].toSorted());
    expect(orders).toContain('"address":"10.1.2.3"');
  });

  it("waits for the address of a listener that is there", async () => {
    expect((await createdAt(2_000, [])).names).toEqual([]);
  });

  it("goes on without them after ten seconds", async () => {
    expect((await createdAt(10_000)).names).toEqual([...OTHERS, LISTENER].toSorted());
  });

  it("goes on likewise where the API server will not have the witnesses at all", async () => {
    const rejected = rejection(403, "Forbidden", "no more runs");
    expect((await createdAt(0, undefined, rejected)).names).toEqual([]);
    expect((await createdAt(10_000, undefined, rejected)).names).toEqual(["probe-orders"]);
  });
});
