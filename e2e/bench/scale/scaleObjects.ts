import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { parse } from "yaml";
import { z } from "zod";
import type { Api } from "../../../operator/runtime/api.ts";
import {
  connectivityTestPath,
  connectivityTestsPath,
  networkPoliciesPath,
  podsPath,
} from "../../../operator/runtime/resourcePaths.ts";
import { until } from "../../process/until.ts";

/** All tests are in it, so one policy in it is a change for all of them. */
export const NAMESPACE = "scale";
const AT_ONCE = 20;

/** Calls `make` for each number; a few at a time. */
async function forEach(count: number, make: (number: number) => Promise<unknown>): Promise<void> {
  const limit = pLimit(AT_ONCE);
  await Promise.all(Array.from({ length: count }, (_, number) => limit(() => make(number))));
}

/** Creates the kinds of a checkout, and the namespaces. */
export async function createScene(api: Api, root: string): Promise<void> {
  const folder = join(root, "manifests/crds");
  for (const file of await readdir(folder)) {
    const kind: unknown = parse(await readFile(join(folder, file), "utf8"));
    await api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kind);
  }
  for (const name of [NAMESPACE, "netverdict-system", "netverdict-witness"])
    await api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await until("the kinds are served", async () => api.get(`${connectivityTestsPath(NAMESPACE)}?limit=1`), {
    seconds: 60,
    everyMs: 200,
  });
}

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const nameOf = (number: number) => `test-${number}`;

/** Suspended tests, of two expectations each, whose sources do not exist. */
export const createTests = async (api: Api, count: number) =>
  forEach(count, async (number) =>
    api.create(connectivityTestsPath(NAMESPACE), {
      apiVersion: "netverdict.dev/v1alpha1",
      kind: "ConnectivityTest",
      metadata: { name: nameOf(number), namespace: NAMESPACE },
      spec: {
        suspend: true,
        progressDeadline: "0s",
        maxAttempts: 1,
        rerunOn: ["PolicyChange"],
        expectations: ["Denied", "Allowed"].map((expect) => ({
          name: expect.toLowerCase(),
          from: pods(`ui-${number}`),
          to: pods("db"),
          tcp: { port: 5432 },
          expect,
        })),
      },
    }),
  );

export const suspendTests = async (api: Api, count: number, suspend: boolean) =>
  forEach(count, async (number) =>
    api.patch(connectivityTestPath(NAMESPACE, nameOf(number)), { spec: { suspend } }),
  );

const statusSchema = z.object({ status: z.object({ verdict: z.string().optional() }).prefault({}) });

/** How many tests have a verdict. */
export async function decidedTests(api: Api): Promise<number> {
  const verdicts = await api.list(
    connectivityTestsPath(NAMESPACE),
    (raw) => statusSchema.parse(raw).status.verdict,
  );
  return verdicts.filter((verdict) => verdict !== undefined && verdict !== "Pending").length;
}

/** Creates a NetworkPolicy for pods that no test names. */
export const changePolicy = async (api: Api) =>
  api.create(networkPoliciesPath(NAMESPACE), {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "scale", namespace: NAMESPACE },
    spec: { podSelector: { matchLabels: { app: "other" } }, policyTypes: ["Ingress"] },
  });

/** Running pods of many applications, on nodes that do not exist. */
export const createPods = async (api: Api, count: number) =>
  forEach(count, async (number) => {
    const name = `pod-${number}`;
    await api.create(podsPath(NAMESPACE), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: NAMESPACE, labels: { app: `app-${number % 50}` } },
      spec: {
        nodeName: `node-${number % 100}`,
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "app", ports: [{ containerPort: 8080 }] }],
      },
    });
    const ip = `10.64.${number >> 8}.${number & 255}`;
    const status = {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: "Ready", status: "True" }],
    };
    await api.patch(`${podsPath(NAMESPACE, name)}/status`, { status });
  });
