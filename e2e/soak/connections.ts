import { z } from "zod";

import { podsPath } from "../../operator/runtime/resourcePaths.ts";
import { until } from "../process/until.ts";
import { connectionOf, SOURCES, TARGETS } from "./scene.ts";
import type { Soaking } from "./soaking.ts";

/** The pods of the workloads, by the name of the workload. They live as long as the soak test. */
export type Pods = ReadonlyMap<string, { readonly name: string; readonly addresses: readonly string[] }>;

const podListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
      status: z.object({ podIPs: z.array(z.object({ ip: z.string() })).default([]) }),
    }),
  ),
});

/** The pods of the Deployments; a probe pod does not have the label `pod-template-hash`. */
export async function podsOf({ read, site }: Soaking): Promise<Pods> {
  const { items } = podListSchema.parse(JSON.parse(await read(podsPath(site.namespace))));
  const own = items.filter(({ metadata }) => "pod-template-hash" in metadata.labels);
  const pods = own.map(({ metadata: { name, labels }, status }) => {
    return [labels["app"] ?? "", { name, addresses: status.podIPs.map(({ ip }) => ip) }] as const;
  });
  if (pods.length !== SOURCES.length + TARGETS.length) throw new Error(`${pods.length} pods run`);
  return new Map(pods);
}

/** Connects to each address, and prints how many attempts succeeded. */
const CONNECT = `
const attempts = process.argv.slice(1).map((host) => new Promise((done) => {
  const socket = require("node:net").connect({ host, port: 8080, timeout: 1500 });
  const end = (isOpen) => { socket.destroy(); done(isOpen); };
  socket.on("connect", () => end(true)).on("error", () => end(false)).on("timeout", () => end(false));
}));
Promise.all(attempts).then((all) => console.log(all.filter(Boolean).length));`;

/** Waits until the source's own pod can reach the target at all of its addresses, or at none, as the truth has it. */
export async function awaitConnection(
  soaking: Soaking,
  pods: Pods,
  [source, target]: readonly [string, string],
): Promise<void> {
  const [from, to] = [pods.get(source), pods.get(target)];
  const wanted = soaking.truth.isOpen(connectionOf(source, target)) ? (to?.addresses.length ?? 0) : 0;
  const isSo = async () => {
    const reached = await execute(soaking, from?.name ?? "", [
      "node",
      "-e",
      CONNECT,
      ...(to?.addresses ?? []),
    ]);
    return Number(reached) === wanted ? true : undefined;
  };
  await until(`${connectionOf(source, target)} is as its policy has it`, isSo, {
    seconds: 240,
    everyMs: 300,
    signal: soaking.stopped,
  });
}

/** Waits until the pods of all sources get answers from the DNS of the cluster. */
export async function awaitDns(soaking: Soaking, pods: Pods): Promise<void> {
  const name = `${TARGETS[0]}.${soaking.site.namespace}.svc.cluster.local`;
  const resolve = `require("node:dns").resolve4(${JSON.stringify(name)}, (error) => process.exit(error ? 1 : 0))`;
  for (const source of SOURCES) {
    const answers = async () => {
      await execute(soaking, pods.get(source)?.name ?? "", ["node", "-e", resolve]);
      return true as const;
    };
    await until(`${source} gets answers from DNS`, answers, {
      seconds: 240,
      everyMs: 300,
      signal: soaking.stopped,
    });
  }
}

async function execute({ kubectl, site }: Soaking, pod: string, argv: readonly string[]): Promise<string> {
  return kubectl(["exec", `--namespace=${site.namespace}`, pod, "--", ...argv], { seconds: 15 });
}
