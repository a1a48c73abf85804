import { describe, expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import {
  probeRunSchema,
  type ProbeRun,
  type ProbeRunSpec,
  type ProbeRunStatus,
} from "../../crds/proberun/proberun.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../runtime/apiError.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, later, probeRun, withoutFollowUp } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { createRunWriter, identityOfRun, identityOfWitnessRun } from "./runWriter.ts";

const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const RUN = `${RUNS}/net-abc`;

/** The runs at a path, as the API server has them. */
const storedAt = (memory: MemoryApi, path: string) =>
  memory.at(path).map((stored) => probeRunSchema.parse(stored));

/** An API server with a run, as another client sees it. */
function serverWith(run: ProbeRun, path = RUN) {
  const memory = createMemoryApi();
  return { memory, run: probeRunSchema.parse(memory.put(path, run)) };
}

/** A writer over a cache that shows these runs, or those that it is told to show later. */
function writer({ api }: MemoryApi, ...cached: readonly ProbeRun[]) {
  const cache = new Map<string, ProbeRun>();
  function show(...runs: readonly ProbeRun[]) {
    cache.clear();
    for (const run of runs) cache.set(keyOf(run.metadata), run);
  }
  show(...cached);
  return { ...createRunWriter({ api, cache, now: () => later(0) }), show };
}

const createHome = (memory: MemoryApi, spec: ProbeRunSpec) =>
  writer(memory).create(identityOfRun("shop", spec), spec);

describe("creating a run", () => {
  const run = probeRun();
  const begin = (memory: MemoryApi, { metadata: { name, uid } }: ConnectivityTest = connectivityTest()) =>
    createHome(memory, { ...run.spec, test: { ...run.spec.test, name, uid } });

  it("writes the plan down in the test's namespace, owned by the test", async () => {
    const memory = createMemoryApi();
    const created = await begin(memory);
    expect(memory.requests).toEqual([
      {
        verb: "create",
        path: RUNS,
        body: {
          apiVersion: "netverdict.dev/v1alpha1",
          kind: "ProbeRun",
          metadata: {
            name: "net-abc",
            namespace: "shop",
            ownerReferences: [
              {
                apiVersion: "netverdict.dev/v1alpha1",
                kind: "ConnectivityTest",
                name: "net",
                uid: "uid-net",
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          },
          spec: run.spec,
        },
      },
    ]);
    expect([created]).toEqual(storedAt(memory, RUNS));
  });

  it("that exists already takes the one that is there, if the same test owns it", async () => {
    const { memory, run: existing } = serverWith(probeRun({ status: { phase: "Running" } }));
    await expect(begin(memory)).resolves.toEqual(existing);
    expect(existing).toMatchObject({ metadata: { uid: "uid-net-abc" }, status: { phase: "Running" } });
    expect(memory.requests.slice(1)).toEqual([{ verb: "get", path: RUN }]);
  });

  it("that exists already from an earlier version deletes that one, and creates its own", async () => {
    const { memory } = serverWith(withoutFollowUp(run));
    const created = await begin(memory);
    expect([created]).toEqual(storedAt(memory, RUNS));
    expect(created.spec).toEqual(run.spec);
    expect(created.metadata.uid).not.toBe(run.metadata.uid);
    expect(memory.requests.map(({ verb }) => verb)).toEqual(["create", "get", "delete", "create"]);
    expect(memory.requests[2]).toEqual({ verb: "delete", path: RUN, body: { uid: run.metadata.uid } });
  });

  it("that exists already and belongs to another test is an error", async () => {
    const test = connectivityTest({ metadata: { name: "net", namespace: "shop", uid: "uid-another" } });
    await expect(begin(serverWith(run).memory, test)).rejects.toSatisfy(isAlreadyExists);
  });

  it.each([
    rejection(403, "Forbidden"),
    rejection(409, "Conflict"),
    rejection(500, "InternalError"),
    new Error("no way"),
  ])("that fails otherwise (%s) is an error", async (error) => {
    const memory = createMemoryApi();
    memory.before = () => {
      throw error;
    };
    await expect(begin(memory)).rejects.toBe(error);
    expect(memory.requests).toHaveLength(1);
  });
});

describe("creating a run of witnesses", () => {
  const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
  const plain = probeRun();
  const spec = { ...plain.spec, test: { ...plain.spec.test, namespace: "shop" } };
  const metadata = { name: "shop.net-abc", namespace: "netverdict-witness" };
  const createWitnesses = (memory: MemoryApi) => writer(memory).create(identityOfWitnessRun(spec), spec);

  it("writes it into the witnesses' namespace, with nothing to own it", async () => {
    const memory = createMemoryApi();
    await createWitnesses(memory);
    const body = { apiVersion: "netverdict.dev/v1alpha1", kind: "ProbeRun", metadata, spec };
    expect(memory.requests).toEqual([{ verb: "create", path: WITNESSES, body }]);
  });

  it("that exists already takes the one that is there, if it is of the same test", async () => {
    const there = (uid: string) => {
      const run = { ...plain, metadata: { ...plain.metadata, ...metadata, ownerReferences: [] } };
      const ofTest = { ...run, spec: { ...spec, test: { ...spec.test, uid } } };
      return serverWith(ofTest, `${WITNESSES}/${metadata.name}`).memory;
    };
    await expect(createWitnesses(there("uid-net"))).resolves.toMatchObject({ metadata });
    await expect(createWitnesses(there("uid-other"))).rejects.toSatisfy(isAlreadyExists);
  });
});

it("a status is recorded over the version that it was made from, and no other", async () => {
  const { memory, run } = serverWith(probeRun());
  const status: ProbeRunStatus = { phase: "Finished", pods: [], results: [] };
  const runs = writer(memory);
  const recorded = await runs.record(run, status);
  expect(memory.requests).toEqual([
    {
      verb: "update",
      path: `${RUN}/status`,
      body: {
        apiVersion: "netverdict.dev/v1alpha1",
        kind: "ProbeRun",
        metadata: {
          name: "net-abc",
          namespace: "shop",
          uid: "uid-net-abc",
          resourceVersion: run.metadata.resourceVersion,
        },
        spec: run.spec,
        status,
      },
    },
  ]);
  expect([recorded]).toEqual(storedAt(memory, RUN));
  expect(recorded.status).toEqual(status);
  await expect(runs.record(run, { ...status, phase: "Running" })).rejects.toSatisfy(isConflict);
  expect([recorded]).toEqual(storedAt(memory, RUN));
});

describe("a run that was just created", () => {
  const { spec } = probeRun();
  const which = identityOfRun("shop", spec);

  it("is known before the cache shows it, and asks to be looked at again when it must have", async () => {
    const runs = writer(createMemoryApi());
    expect(runs.get(which)).toBeUndefined();
    const made = await runs.create(which, spec);
    expect(runs.get(which)).toEqual(made);
    expect(runs.hiddenUntil(made)).toEqual(later(5_000));
  });

  it("is known no more as soon as the cache shows that it was deleted", async () => {
    const runs = writer(createMemoryApi());
    const made = await runs.create(which, spec);
    runs.show(made);
    expect(runs.get(which)).toEqual(made);
    runs.show();
    expect(runs.get(which)).toBeUndefined();
  });

  it("is known as the cache shows it, once that is newer: also as one that is being deleted", async () => {
    const memory = createMemoryApi();
    const runs = writer(memory);
    const made = await runs.create(which, spec);
    const going = probeRunSchema.parse(
      memory.put(RUN, { ...made, metadata: { ...made.metadata, deletionTimestamp: BEGAN } }),
    );
    runs.show(going);
    expect(runs.get(which)).toEqual(going);
    expect(runs.newest(going)).toEqual(going);
  });
});

it("a run of that name that an earlier version created is not the one that is meant", () => {
  const run = withoutFollowUp(probeRun());
  expect(writer(createMemoryApi(), run).get(identityOfRun("shop", run.spec))).toBeUndefined();
});

it.each([
  ["nobody owns", { ownerReferences: [] }, {}],
  ["another test owns", {}, { name: "net", uid: "uid-another" }],
])("a run of that name that %s is not the one that is meant", (_, metadata, test) => {
  const run = probeRun({ metadata: { name: "net-abc", ...metadata } });
  const meant = { ...run.spec, test: { ...run.spec.test, ...test } };
  expect(writer(createMemoryApi(), run).get(identityOfRun("shop", meant))).toBeUndefined();
});

it.each([
  ["is deleted", isNotFound, (memory: MemoryApi) => memory.remove(RUN)],
  [
    "is another version",
    isConflict,
    (memory: MemoryApi) => memory.put(RUN, probeRun({ metadata: { name: "net-abc", labels: { by: "b" } } })),
  ],
])(
  "a status that cannot be recorded since the run %s by now leaves the last one forgotten",
  async (_, isExpected, change) => {
    const { memory, run } = serverWith(probeRun());
    const runs = writer(memory, run);
    const recorded = await runs.record(run, { ...run.status, phase: "Running" });
    expect(recorded).toMatchObject({ status: { phase: "Running" } });
    expect(runs.newest(run)).toEqual(recorded);
    change(memory);
    await expect(runs.record(recorded, run.status)).rejects.toSatisfy(isExpected);
    expect(runs.newest(run)).toEqual(run);
  },
);
