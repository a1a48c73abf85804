import { setTimeout as sleep } from "node:timers/promises";

import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION, CONNECTIVITY_TEST, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { isRunning, probePodsIn } from "../harness/runs.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { testsIn, waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";

/** How many tests of one namespace become due at once. Each has a probe pod and a witness. */
const TESTS = 30;
const PODS_PER_RUN = 2;
/** NETVERDICT_MAX_PODS_PER_NAMESPACE of the operator under test (e2e/runner/globalSetup.ts). */
const LIMIT = 20;

const spec = {
  maxAttempts: 1,
  ipFamilies: ["IPv4"],
  expectations: [expectationToward("vault", "Denied"), expectationToward("web", "Allowed")],
};

/** A client, a server, and a server that no pod may reach. */
async function workloads(here: string): Promise<void> {
  const servers = ["client", "web", "vault"].map((name) => server({ namespace: here, name }));
  const nobody = { podSelector: { matchLabels: { app: "vault" } }, policyTypes: ["Ingress"] };
  const policy = networkPolicy({ namespace: here, name: "vault" }, nobody);
  await deploy(kubectl, [...servers, policy].join("\n---\n"));
}

const manifest = (namespace: string, name: string) =>
  JSON.stringify({
    apiVersion: API_VERSION,
    kind: CONNECTIVITY_TEST.kind,
    metadata: { namespace, name },
    spec,
  });

const isEnded = ({ status }: ConnectivityTest) => status.run !== undefined;

/**
 * The names of the probe and witness pods that have not ended and are not being deleted, as a witness is that starts after its
 * probes have ended. Nothing else of netverdict runs meanwhile: these files run alone.
 */
async function podsInProgress(namespace: string): Promise<string[]> {
  const pods = [...(await probePodsIn(namespace)), ...(await probePodsIn(WITNESS_NAMESPACE))];
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((pod) => isRunning(pod) || pod.status.phase === "Pending")
    .map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
}

describe("thirty tests of one namespace that become due at once", () => {
  let crowd: readonly ConnectivityTest[] = [];
  let neighbour: ConnectivityTest;
  /** The pods in progress, as they were seen twice a second, while the test of the other namespace had none. */
  const pods: string[][] = [];
  const queued: ConnectivityTest[] = [];

  beforeAll(async () => {
    const [many, single] = await Promise.all([makeNamespace("many"), makeNamespace("single")]);
    await Promise.all([workloads(many.name), workloads(single.name)]);
    const names = Array.from({ length: TESTS }, (_, index) => `test-${index}`);
    await apply(kubectl, names.map((name) => manifest(many.name, name)).join("\n---\n"));
    const end = Date.now() + 240_000;
    for (let seen: readonly ConnectivityTest[] = []; seen.filter(isEnded).length < 5;) {
      if (Date.now() > end) throw new Error("five tests have no verdict within four minutes");
      await sleep(500);
      seen = await testsIn(read, many.name);
      queued.push(...seen.filter(({ status }) => status.queued !== undefined));
      pods.push(await podsInProgress(many.name));
    }
    await apply(kubectl, manifest(single.name, "test"));
    const deciding = waitForVerdict(read, { namespace: single.name, name: "test" });
    for (; !crowd.every(isEnded) || crowd.length < TESTS; crowd = await testsIn(read, many.name)) {
      if (Date.now() > end) throw new Error("thirty tests have no verdict within four minutes");
      await sleep(500);
    }
    neighbour = await deciding;
    return async () => {
      await Promise.all([many.remove(), single.remove()]);
    };
  }, 300_000);

  it("have the right verdicts, none Inconclusive", () => {
    const verdicts = crowd.flatMap(({ metadata, status }) =>
      (status.expectations ?? []).map(({ verdict, message }) => `${metadata.name} ${verdict}: ${message}`),
    );
    expect(verdicts.filter((text) => !text.includes(" Passed: "))).toEqual([]);
    expect(verdicts).toHaveLength(2 * TESTS);
  });

  it("have several runs at once, and never more pods than the limit", () => {
    expect(pods.filter((names) => names.length > LIMIT)).toEqual([]);
    expect(Math.max(...pods.map((names) => names.length))).toBeGreaterThan(PODS_PER_RUN);
  });

  it("say while they are queued what they wait for, and afterwards how long they were queued", () => {
    expect(queued.map(({ status }) => status.message).join()).toMatch(/is queued since \S+, until /);
    const waitedFor = new Set(queued.map(({ status }) => status.queued?.waitsFor));
    expect([...waitedFor]).toEqual(expect.arrayContaining(["EarlierRuns", "NamespaceStarts"]));
    const waits = crowd.map(({ status }) => status.run?.queuedSeconds ?? 0);
    expect(Math.max(...waits)).toBeGreaterThan(5);
    expect(crowd.every(({ status }) => status.queued === undefined)).toBe(true);
  });

  it("do not delay the test of another namespace until they have ended", () => {
    expect(neighbour.status).toMatchObject({ verdict: "Passed", summary: { text: "2/2" } });
    const endOf = ({ status }: ConnectivityTest) => Date.parse(status.run?.finishedAt ?? "");
    const later = crowd.filter((test) => endOf(test) > endOf(neighbour));
    expect(later.length).toBeGreaterThan(0);
    expect(neighbour.status.run?.queuedSeconds ?? 0).toBeLessThanOrEqual(
      Math.max(...crowd.map(({ status }) => status.run?.queuedSeconds ?? 0)),
    );
  });
});
