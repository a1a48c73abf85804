import { readdir, readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";

import { z } from "zod";

import { baseBinaries } from "../build/binaries.ts";
import { kubectlFor } from "./adminKubectl.ts";
import { childrenOf, isOurs } from "./marker.ts";
import { addressesOf, pathsOf, type Spec } from "./spec.ts";

export interface NodeHealth {
  readonly name: string;
  readonly ready: boolean;
}

export interface ComponentHealth {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
}

/** Asks the API server whether it is ready; gives undefined for every other answer, and for none. */
export async function apiServerIsReady(spec: Spec): Promise<true | undefined> {
  const ca = await readFile(join(pathsOf(spec.name).pki, "ca.crt"));
  const { promise, resolve } = Promise.withResolvers<true | undefined>();
  const options = { ca, signal: AbortSignal.timeout(2000), agent: false };
  request(`${addressesOf(spec).apiServer}/readyz`, options, (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? true : undefined);
  })
    .on("error", () => resolve(undefined))
    .end();
  return promise;
}

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

/** The nodes as the API server sees them. */
export async function nodesOf(name: string): Promise<readonly NodeHealth[]> {
  const kubectl = kubectlFor(name, await baseBinaries());
  const answer: unknown = JSON.parse(await kubectl(["get", "nodes", "-o", "json", "--request-timeout=5s"]));
  return nodeList.parse(answer).items.map(({ metadata, status }) => ({
    name: metadata.name,
    ready: status.conditions.some((one) => one.type === "Ready" && one.status === "True"),
  }));
}

/** Every process that `up` started, and whether it still runs. */
export async function componentsOf(name: string): Promise<readonly ComponentHealth[]> {
  const { pids } = pathsOf(name);
  const files: string[] = await readdir(pids).catch(() => []);
  return Promise.all(
    files.toSorted().map(async (file) => {
      const pid = Number(await readFile(join(pids, file), "utf8"));
      return { name: file, pid, alive: (await isOurs(name, pid)) && (await runsInside(pid)) };
    }),
  );
}

/**
 * A component in a node is the child of an nsenter on the host, which ends with it; but one that was stopped together
 * with its child (SIGSTOP) does not notice. Then the child itself is looked at.
 */
async function runsInside(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  if (!/^State:\s+T/m.test(status)) return true;
  const [child] = await childrenOf(pid);
  if (child === undefined) return false;
  return !/^State:\s+Z/m.test(await readFile(`/proc/${child}/status`, "utf8").catch(() => "State: Z"));
}
