import { describe, expect, it, vi } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun, ProbeRunSpec, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { Api } from "../runtime/api.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { BEGAN, connectivityTest, later, probeRun, withoutFollowUp } from "../testing/objects.ts";
import { createRunWriter, identityOfRun, identityOfWitnessRun } from "./runWriter.ts";

const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const alreadyExists = rejection(409, "AlreadyExists");
const failing = (refused: Error) => () => Promise.reject(refused);

/** A writer over a cache that shows these runs, or those that it is told to show later. */
function writer(api: Partial<Api>, ...cached: readonly ProbeRun[]) {
  const cache = new Map<string, ProbeRun>();
  function show(...runs: readonly ProbeRun[]) {
    cache.clear();
    for (const run of runs) cache.set(keyOf(run.metadata), run);
  }
  show(...cached);
  return { ...createRunWriter({ api: fakeApi(api), cache, now: () => later(0) }), show };
}

const createHome = (api: Partial<Api>, spec: ProbeRunSpec) =>
  writer(api).create(identityOfRun("shop", spec), spec);

describe("creating a run", () => {
  const run = probeRun();
  const begin = (api: Partial<Api>, { metadata: { name, uid } }: ConnectivityTest = connectivityTest()) =>
    createHome(api, { ...run.spec, test: { ...run.spec.test, name, uid } });

  it("writes the plan down in the test's namespace, owned by the test", async () => {
    const create = vi.fn<Api["create"]>().mockResolvedValue(run);
    await expect(begin({ create })).resolves.toEqual(run);
    expect(create.mock.calls).toEqual([
      [
        RUNS,
        {
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
      ],
    ]);
  });

  it("that exists already takes the one that is there, if the same test owns it", async () => {
    const existing = probeRun({ status: { phase: "Running" } });
    const get = vi.fn<Api["get"]>().mockResolvedValue(existing);
    await expect(begin({ create: failing(alreadyExists), get })).resolves.toEqual(existing);
    expect(get).toHaveBeenCalledExactlyOnceWith(`${RUNS}/net-abc`);
  });

  it("that exists already from an earlier version deletes that one, and creates its own", async () => {
    const leftover = withoutFollowUp(run);
    const create = vi.fn<Api["create"]>().mockRejectedValueOnce(alreadyExists).mockResolvedValueOnce(run);
    const remove = vi.fn<Api["delete"]>().mockResolvedValue(undefined);
    await expect(begin({ create, get: () => Promise.resolve(leftover), delete: remove })).resolves.toEqual(
      run,
    );
    expect(remove).toHaveBeenCalledExactlyOnceWith(`${RUNS}/net-abc`, { uid: run.metadata.uid });
  });

  it("that exists already and is somebody else's is an error", async () => {
    const test = connectivityTest({ metadata: { name: "net", namespace: "shop", uid: "uid-another" } });
    const outcome = begin({ create: failing(alreadyExists), get: () => Promise.resolve(run) }, test);
    await expect(outcome).rejects.toBe(alreadyExists);
  });

  it.each([
    rejection(403, "Forbidden"),
    rejection(409, "Conflict"),
    rejection(500, "InternalError"),
    new Error("no way"),
  ])("that fails otherwise (%s) is an error", async (error) => {
    await expect(begin({ create: failing(error) })).rejects.toBe(error);
  });
});

describe("creating a run of witnesses", () => {
  const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
  const plain = probeRun();
  const spec = { ...plain.spec, test: { ...plain.spec.test, namespace: "shop" } };
  const metadata = { name: "shop.net-abc", namespace: "netverdict-witness" };
  const createWitnesses = (api: Partial<Api>) => writer(api).create(identityOfWitnessRun(spec), spec);

  it("writes it into the witnesses' namespace, with nothing to own it", async () => {
    const create = vi.fn<Api["create"]>().mockResolvedValue({ ...plain, metadata, spec });
    await createWitnesses({ create });
    const body = { apiVersion: "netverdict.dev/v1alpha1", kind: "ProbeRun", metadata, spec };
    expect(create.mock.calls).toEqual([[WITNESSES, body]]);
  });

  it("that exists already takes the one that is there, if it is of the same test", async () => {
    const there = (uid: string) => ({
      create: failing(alreadyExists),
      get: () => Promise.resolve({ ...plain, metadata, spec: { ...spec, test: { ...spec.test, uid } } }),
    });
    await expect(createWitnesses(there("uid-net"))).resolves.toMatchObject({ metadata });
    await expect(createWitnesses(there("uid-other"))).rejects.toBe(alreadyExists);
  });
});

it("a status is recorded over the version that it was made from, and no other", async () => {
  const run: ProbeRun = probeRun({ metadata: { name: "net-abc", resourceVersion: "7" } });
  const status: ProbeRunStatus = { phase: "Finished", pods: [], results: [] };
  const newer = { ...run, metadata: { ...run.metadata, resourceVersion: "8" }, status };
  const update = vi.fn<Api["update"]>().mockResolvedValue(newer);
  await expect(writer({ update }).record(run, status)).resolves.toEqual(newer);
  expect(update).toHaveBeenCalledExactlyOnceWith(`${RUNS}/net-abc/status`, {
    apiVersion: "netverdict.dev/v1alpha1",
    kind: "ProbeRun",
    metadata: { name: "net-abc", namespace: "shop", uid: "uid-net-abc", resourceVersion: "7" },
    spec: run.spec,
    status,
  });
  const conflict = rejection(409, "Conflict");
  await expect(writer({ update: failing(conflict) }).record(run, status)).rejects.toBe(conflict);
});

describe("a run that was just created", () => {
  const made = probeRun({ metadata: { name: "net-abc", uid: "made", resourceVersion: "7" } });
  const which = identityOfRun("shop", made.spec);
  const answering = { create: () => Promise.resolve(made) };

  it("is known before the cache shows it, and asks to be looked at again when it must have", async () => {
    const runs = writer(answering);
    expect(runs.get(which)).toBeUndefined();
    await runs.create(which, made.spec);
    expect(runs.get(which)).toEqual(made);
    expect(runs.hiddenUntil(made)).toEqual(later(5_000));
  });

  it("is known no more as soon as the cache shows that it was deleted", async () => {
    const runs = writer(answering);
    await runs.create(which, made.spec);
    runs.show(made);
    expect(runs.get(which)).toEqual(made);
    runs.show();
    expect(runs.get(which)).toBeUndefined();
  });

  it("is known as the cache shows it, once that is newer: also as one that is being deleted", async () => {
    const runs = writer(answering);
    await runs.create(which, made.spec);
    const going = { ...made, metadata: { ...made.metadata, resourceVersion: "9", deletionTimestamp: BEGAN } };
    runs.show(going);
    expect(runs.get(which)).toEqual(going);
    expect(runs.newest(going)).toEqual(going);
  });
});

it("a run of that name that an earlier version created is not the one that is meant", () => {
  const run = withoutFollowUp(probeRun());
  expect(writer({}, run).get(identityOfRun("shop", run.spec))).toBeUndefined();
});

it.each([
  ["nobody owns", { ownerReferences: [] }, {}],
  ["another test owns", {}, { name: "net", uid: "uid-another" }],
])("a run of that name that %s is not the one that is meant", (_, metadata, test) => {
  const run = probeRun({ metadata: { name: "net-abc", ...metadata } });
  const meant = { ...run.spec, test: { ...run.spec.test, ...test } };
  expect(writer({}, run).get(identityOfRun("shop", meant))).toBeUndefined();
});

it.each([rejection(404, "NotFound"), rejection(409, "Conflict")])(
  "a status that cannot be recorded since the run is another by now (%s) leaves the last one forgotten",
  async (error) => {
    const run = probeRun({ metadata: { name: "net-abc", resourceVersion: "7" } });
    const recorded = { ...run, metadata: { ...run.metadata, resourceVersion: "8" } };
    const update = vi.fn<Api["update"]>().mockResolvedValueOnce(recorded).mockRejectedValueOnce(error);
    const runs = writer({ update }, run);
    await runs.record(run, run.status);
    expect(runs.newest(run)).toEqual(recorded);
    await expect(runs.record(recorded, run.status)).rejects.toBe(error);
    expect(runs.newest(run)).toEqual(run);
  },
);
