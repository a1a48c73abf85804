import { expect, it } from "vitest";
import { z } from "zod";

import { kubectl, namespace, read } from "../harness/scenario.ts";
import { server } from "../harness/workload.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";

const manifest = (here: string): string => `
apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: seen, namespace: ${here}}
spec:
  schedule: {every: 1h}
  expectations:
    - name: client-calls-web
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: web}}
      http: {port: 80}
      expect: Allowed
`;

const podsSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** The lines of /metrics of every replica, read through the API server as Prometheus would from the pods. */
async function metricsOfReplicas(): Promise<string[][]> {
  const { items } = podsSchema.parse(JSON.parse(await kubectl(["get", "pods", ...OPERATOR, "-o", "json"])));
  return Promise.all(
    items.map(async ({ metadata: { name } }) => {
      const path = `/api/v1/namespaces/netverdict-system/pods/${name}:8080/proxy/metrics`;
      // Other scenarios restart the operator: the next poll reads its successor.
      const text = await kubectl(["get", "--raw", path]).catch(() => "");
      return text.split("\n");
    }),
  );
}

const seriesOf = (replicas: readonly string[][], beginning: string): string[] =>
  replicas.flatMap((lines) => lines.filter((line) => line.startsWith(beginning) && !line.endsWith(" 0")));

it("one replica leads, and it alone shows a test: its verdict and its times, until the test is deleted", async () => {
  const here = await namespace("metrics");
  const servers = ["client", "web"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await apply(kubectl, manifest(here));
  const { status } = await waitForVerdict(read, { namespace: here, name: "seen" });
  const labels = `namespace="${here}",name="seen"`;
  const seconds = (time = "") => Date.parse(time) / 1_000;

  await expect
    .poll(
      async () => {
        const replicas = await metricsOfReplicas();
        return [
          ...seriesOf(replicas, "netverdict_leader "),
          ...seriesOf(replicas, `netverdict_test_verdict{${labels}`),
          ...seriesOf(replicas, `netverdict_test_last_run_timestamp_seconds{${labels}`),
          ...seriesOf(replicas, `netverdict_test_valid_until_timestamp_seconds{${labels}`),
        ];
      },
      { timeout: 60_000, interval: 2_000 },
    )
    .toEqual([
      "netverdict_leader 1",
      `netverdict_test_verdict{${labels},verdict="Passed"} 1`,
      `netverdict_test_last_run_timestamp_seconds{${labels}} ${seconds(status.run?.finishedAt)}`,
      `netverdict_test_valid_until_timestamp_seconds{${labels}} ${seconds(status.validUntil)}`,
    ]);
  await kubectl(["delete", "connectivitytests", "seen", `--namespace=${here}`]);
  await expect
    .poll(async () => seriesOf(await metricsOfReplicas(), `netverdict_test_verdict{${labels}`), {
      timeout: 60_000,
      interval: 2_000,
    })
    .toEqual([]);
});

it("the event of a verdict has the id of its run", async () => {
  const here = await namespace("event");
  await deploy(kubectl, ["client", "web"].map((name) => server({ namespace: here, name })).join("\n---\n"));
  await apply(kubectl, manifest(here));
  const { status } = await waitForVerdict(read, { namespace: here, name: "seen" });
  const id = String.raw`jsonpath={.items[?(@.reason=="Passed")].metadata.annotations.netverdict\.dev/run-id}`;
  const events = ["get", "events.events.k8s.io", `--namespace=${here}`, "-o", id];
  await expect.poll(() => kubectl(events), { timeout: 30_000 }).toBe(status.run?.id);
});
