import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";
import { z } from "zod";

import { PASSED_GATE } from "../../crds/group.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { kubectl, namespace, read } from "../harness/scenario.ts";
import { deployment, server, service } from "../harness/workload.ts";
import { requestRun, waitForToken, waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { until } from "../process/until.ts";

/** The Deployment `web` gets the readiness gate of docs/gates.md, and is rolled out while a client sends requests to it. */

const ROOT = join(import.meta.dirname, "../..");

/** The examples in the section on pods: the change of the Deployment, and the test. */
async function examples(): Promise<readonly [gate: string, test: string]> {
  const [, section = ""] = (await readFile(join(ROOT, "docs/gates.md"), "utf8")).split("\n## Pods\n");
  const blocks = Array.from(
    section.split("\n## ")[0]?.matchAll(/```yaml\n(.*?)```/gs) ?? [],
    ([, text = ""]) => text,
  );
  const [gate = "", test = ""] = blocks;
  return [gate, test];
}

/** A version of `web` that serves until its endpoints are removed, so that no request fails because a pod ends. */
function webDeployment(here: string, version: string, role: string) {
  const labels = { role };
  const { spec, ...others } = deployment({
    namespace: here,
    name: "web",
    replicas: 2,
    labels,
    environment: { version },
  });
  const { containers, ...pod } = spec.template.spec;
  const lifecycle = { preStop: { sleep: { seconds: 6 } } };
  const template = {
    ...spec.template,
    spec: {
      ...pod,
      terminationGracePeriodSeconds: 8,
      containers: containers.map((container) => ({ ...container, lifecycle })),
    },
  };
  return JSON.stringify({ ...others, spec: { ...spec, template } });
}

const SENDS_REQUESTS = `
  const count = { answered: 0, failed: [] };
  const send = () => {
    const address = { host: process.env.WEB_SERVICE_HOST, port: 80, agent: false, timeout: 20_000 };
    const request = require("http").get(address, (response) => {
      response.resume();
      if (response.statusCode === 200) count.answered += 1;
      else count.failed.push(response.statusCode);
    });
    request.on("timeout", () => request.destroy(new Error("timeout"))).on("error", ({ message }) => count.failed.push(message));
  };
  setInterval(send, 100);
  setInterval(() => console.log(JSON.stringify(count)), 500);`;
const countSchema = z.object({ answered: z.number(), failed: z.array(z.unknown()) });

async function requestsOf(here: string) {
  const last = await kubectl(["logs", "deployment/client", `--namespace=${here}`, "--tail=1"]);
  return countSchema.parse(JSON.parse(last));
}

const podListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
      status: z.object({
        conditions: z
          .array(
            z.object({
              type: z.string(),
              status: z.string(),
              reason: z.string().optional(),
              message: z.string().optional(),
            }),
          )
          .default([]),
      }),
    }),
  ),
});

/** The conditions of the pods of `web` with this role: of the readiness gate, and Ready. Probe pods have no hash of a template. */
async function webPods(here: string, role: string) {
  const { items } = podListSchema.parse(JSON.parse(await read(`/api/v1/namespaces/${here}/pods`)));
  return items
    .filter(({ metadata: { labels } }) => labels["role"] === role && "pod-template-hash" in labels)
    .map(({ status: { conditions } }) => {
      const gate = conditions.find(({ type }) => type === PASSED_GATE);
      const ready = conditions.find(({ type }) => type === "Ready")?.status;
      return { gate: gate?.status, reason: gate?.reason, message: gate?.message, ready };
    });
}

const rolledOut = (here: string, seconds = 150) =>
  kubectl(["rollout", "status", "deployment/web", `--namespace=${here}`, `--timeout=${seconds}s`], {
    seconds: seconds + 5,
  });

/** Lets pods with these roles connect to the store, and no others. */
const letIn = (here: string, values: readonly string[]) => {
  const from = [{ podSelector: { matchExpressions: [{ key: "role", operator: "In", values }] } }];
  const spec = {
    podSelector: { matchLabels: { app: "store" } },
    policyTypes: ["Ingress"],
    ingress: [{ from }],
  };
  return networkPolicy({ namespace: here, name: "store" }, spec);
};

it("a version with a wrong label does not roll out, no request to the old pods fails, and a right one follows", async () => {
  const here = await namespace("readiness-gate");
  const named = { namespace: here, name: "web" };
  const [gate, test] = await examples();
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "store" }),
      letIn(here, ["frontend"]),
      webDeployment(here, "1", "frontend"),
      JSON.stringify(service(named)),
    ].join("\n---\n"),
  );
  await kubectl(["patch", "deployment/web", `--namespace=${here}`, `--patch=${gate}`]);
  await until(
    "the pod with the gate is named by no test",
    async () => (await webPods(here, "frontend")).find(({ reason }) => reason === "NoTest"),
    { seconds: 60, everyMs: 500 },
  );
  await kubectl(["apply", `--namespace=${here}`, "--filename=-"], { input: test });
  await rolledOut(here);
  await expect
    .poll(() => webPods(here, "frontend"), { timeout: 30_000 })
    .toMatchObject([
      { gate: "True", reason: "Passed", ready: "True" },
      { gate: "True", reason: "Passed", ready: "True" },
    ]);
  await deploy(
    kubectl,
    JSON.stringify(
      deployment({ namespace: here, name: "client", script: SENDS_REQUESTS, readinessProbe: false }),
    ),
  );

  await apply(kubectl, webDeployment(here, "2", "fronted"));
  const stopped = await until(
    "the new pod is stopped by the test",
    async () => (await webPods(here, "fronted")).find(({ reason }) => reason === "Failed"),
    { seconds: 120, everyMs: 500 },
  );
  expect(stopped).toMatchObject({ gate: "False", ready: "False" });
  expect(stopped.message).toMatch(/^ConnectivityTest\/web: web-reaches-store: expected Allowed, was Denied/);
  await expect(rolledOut(here, 10)).rejects.toThrow("timed out waiting for the condition");
  expect(await webPods(here, "frontend")).toMatchObject([{ ready: "True" }, { ready: "True" }]);
  const during = await requestsOf(here);
  expect(during.failed).toEqual([]);
  expect(during.answered).toBeGreaterThan(50);

  await apply(kubectl, webDeployment(here, "3", "frontend"));
  await rolledOut(here);
  const afterwards = await requestsOf(here);
  expect(afterwards.failed).toEqual([]);
  expect(afterwards.answered).toBeGreaterThan(during.answered);

  // What has passed once stays Ready, although its test fails now.
  await apply(kubectl, letIn(here, ["backend"]));
  await requestRun(kubectl, named, "closed");
  await waitForToken(kubectl, named, { token: "closed", verdict: "Failed" });
  expect((await waitForVerdict(read, named, { token: "closed" })).status.verdict).toBe("Failed");
  const pods = (await webPods(here, "frontend")).filter(({ ready }) => ready === "True");
  expect(pods).toMatchObject([{ gate: "True" }, { gate: "True" }]);

  // The version that corrects that is rolled out, although the old pods are cut off until they are gone.
  await apply(kubectl, webDeployment(here, "4", "backend"));
  await rolledOut(here);
  expect((await requestsOf(here)).failed).toEqual([]);
}, 480_000);
