import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";
import { connectivityTestSchema } from "../../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../../crds/group.ts";
import type { Api } from "../../../operator/runtime/api.ts";
import {
  connectivityTestPath,
  connectivityTestsPath,
  leasePath,
} from "../../../operator/runtime/resourcePaths.ts";
import { withOperator } from "../../install/withOperator.ts";
import { deploy } from "../../kube/deploy.ts";
import { reportAims } from "../../process/aimTable.ts";
import { timedReport } from "../../process/report.ts";
import { until } from "../../process/until.ts";
import { apiAt } from "../cluster/apiAt.ts";
import { operatorCost } from "../cluster/operatorCost.ts";
import { MORE_PORTS, type Site, testOf, workloads } from "../cluster/workloads.ts";
import { type LeaseMeasured, leaseRows } from "./leaseRows.ts";

/** All of them are closed: 128 expectations, 8 targets at 16 ports each. */
const TARGETS = 8;
const PORTS = MORE_PORTS.slice(0, 16);
const REQUEST_EVERY_MS = 1_600;
const LOOK_EVERY_MS = 250;
const NAME = "denied";
const report = timedReport();

/**
 * One test of 128 denied expectations, of which a run is requested every 1.6 s, in a real cluster of one node: does the leader
 * renew its Lease? Prints a table; resolves to whether all aims are met.
 */
export async function leaseBench(minutes = 10): Promise<boolean> {
  return withOperator({ report }, async ({ cluster, kubectl, image }) => {
    const site: Site = { namespace: `bench-${Date.now().toString(36)}`, image };
    report(`deploying one source and ${TARGETS} targets`);
    await deploy(kubectl, workloads(site, { sources: 1, targets: TARGETS, closed: TARGETS }), 300);
    const api = apiAt(cluster.kubeconfig);
    await api.create(connectivityTestsPath(site.namespace), testOf(site.namespace, NAME, expectations()));
    await until("the operator leads", async () => (await leaseIn(api)).holderIdentity || undefined, {
      seconds: 60,
    });
    const before = await operatorCost(kubectl);
    report(`a run is requested every ${REQUEST_EVERY_MS / 1_000} s for ${minutes} minutes`);
    const ended = AbortSignal.timeout(minutes * 60_000);
    const [requests, lease] = await Promise.all([requestUntil(api, site, ended), lookUntil(api, ended)]);
    const after = await operatorCost(kubectl);
    const { runs } = await lastRuns(api, site);
    const rows = leaseRows({
      minutes,
      requests,
      ...lease,
      runs,
      restarts: after.restarts - before.restarts,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      residentBytes: after.residentBytes,
    });
    await kubectl(["delete", "namespace", site.namespace, "--wait=false"]);
    return reportAims(rows);
  });
}

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

function expectations() {
  return Array.from({ length: TARGETS }, (_, target) =>
    PORTS.map((port) => ({
      name: `target-${target}-${port}`,
      from: pods("source-0"),
      to: pods(`target-${target}`),
      tcp: { port },
      expect: "Denied",
    })),
  ).flat();
}

/** Requests runs until then. Resolves to how many requests the API server has accepted. */
async function requestUntil(api: Api, { namespace }: Site, ended: AbortSignal): Promise<number> {
  let accepted = 0;
  for (let count = 1; !ended.aborted; count += 1) {
    const annotations = { [RUN_REQUESTED]: `bench-${count}` };
    await api.patch(connectivityTestPath(namespace, NAME), { metadata: { annotations } }).then(
      () => (accepted += 1),
      (error: unknown) => report(`a request failed: ${String(error)}`),
    );
    await sleep(REQUEST_EVERY_MS);
  }
  return accepted;
}

const leaseSchema = z.object({
  spec: z.object({ holderIdentity: z.string().default(""), renewTime: z.string().default("") }),
});

const leaseIn = async (api: Api) =>
  leaseSchema.parse(await api.get(leasePath("netverdict-system", "netverdict"))).spec;

/** Reads the Lease again and again until then: its holders, and the longest time between two renewals in seconds. */
async function lookUntil(api: Api, ended: AbortSignal): Promise<Pick<LeaseMeasured, "holders" | "gap">> {
  const holders = new Set<string>();
  let [renewed, gap] = ["", 0];
  while (!ended.aborted) {
    const { holderIdentity, renewTime } = await leaseIn(api).catch(() => ({
      holderIdentity: "",
      renewTime: "",
    }));
    if (renewTime !== "") {
      holders.add(holderIdentity);
      if (renewed !== "") gap = Math.max(gap, (Date.parse(renewTime) - Date.parse(renewed)) / 1_000);
      renewed = renewTime;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return { holders: holders.size, gap };
}

/** What the last runs came to, and the message of the status. */
async function lastRuns(api: Api, { namespace }: Site) {
  const { status } = connectivityTestSchema.parse(await api.get(connectivityTestPath(namespace, NAME)));
  report(`the status says: ${status.message}`);
  return { runs: (status.history ?? []).map(({ verdict, text }) => `${verdict} ${text}`) };
}
