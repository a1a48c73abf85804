import { z } from "zod";

import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { parseProbePod, type ProbePod } from "../../operator/cluster/probePod.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { Failure } from "../process/failure.ts";
import { until } from "../process/until.ts";
import { cluster, kubectl } from "../harness/scenario.ts";
import { watchLines } from "../harness/watchLines.ts";

/** What was seen of one probe pod during its life. */
export interface Life {
  /** At its end. */
  readonly pod: ProbePod;
  /** The most memory that the kernel has counted for it, in bytes. */
  readonly memory: number;
}

const listSchema = z.object({ items: z.array(z.unknown()) });

/** Watches the probe pods of a run until all have ended; by name. Fails after 120 s with how they then are. */
export async function watchPods({ metadata, spec }: ProbeRun): Promise<ReadonlyMap<string, Life>> {
  const opened = await openCluster(cluster.name);
  const lives = new Map<string, Life>();
  const look = async () => {
    const [pods, memory] = await Promise.all([readPods(metadata.namespace), memoryByPod(opened)]);
    for (const pod of pods) lives.set(pod.metadata.name, later(lives.get(pod.metadata.name), pod, memory));
    if (pods.filter(({ phase }) => ENDED.has(phase)).length === spec.pods.length) return lives;
    throw new Failure(JSON.stringify(pods, undefined, 2));
  };
  // No more often: two processors do all of this, and what is watched needs them too.
  return until("every probe pod has ended", look, { seconds: 120, everyMs: 1_000 });
}

const ENDED: ReadonlySet<string> = new Set(["Succeeded", "Failed"]);

function later(life: Life | undefined, pod: ProbePod, memory: ReadonlyMap<string, number>): Life {
  return { pod, memory: Math.max(life?.memory ?? 0, memory.get(pod.metadata.uid) ?? 0) };
}

const CONDITIONS = "{{.metadata.name}}{{range .status.conditions}} {{.type}}={{.status}}{{end}}";

/** The values that the conditions `ContainersReady` and `Ready` of a pod have had together. */
export interface ReadinessWatch {
  readonly readinessOf: (pod: string) => ReadonlySet<string>;
  readonly stop: () => void;
}

/** Watches the readiness of all pods of a namespace. A watch misses no state, however short, and polling does. */
export function watchReadiness(namespace: string): ReadinessWatch {
  const { seen, stop } = watchLines(["pods", `--namespace=${namespace}`], CONDITIONS);
  return {
    stop,
    readinessOf(pod) {
      const states = seen().flatMap((line) => {
        const [name, ...conditions] = line.split(" ");
        if (name !== pod) return [];
        const status = new Map(conditions.map((one) => one.split("=", 2)).map(([type, is]) => [type, is]));
        return [`${status.get("ContainersReady") ?? "Unknown"}/${status.get("Ready") ?? "Unknown"}`];
      });
      return new Set(states);
    },
  };
}

async function readPods(namespace: string): Promise<ProbePod[]> {
  const answer: unknown = JSON.parse(
    await kubectl(["get", "pods", `--namespace=${namespace}`, "--output=json"]),
  );
  return listSchema.parse(answer).items.flatMap((item) => parseProbePod(item) ?? []);
}

/** cgroup v2 and v1. */
const PEAK = ["(", "-name", "memory.peak", "-o", "-name", "memory.max_usage_in_bytes", ")"];

/** The kernel's own high-water marks of the pods of the first node, in bytes by the pod's UID. */
async function memoryByPod(opened: Cluster): Promise<ReadonlyMap<string, number>> {
  const argv = ["find", "/sys/fs/cgroup", "-path", "*/pod*", ...PEAK, "-exec", "grep", "-H", ".", "{}", "+"];
  const { stdout } = await opened.exec(opened.nodes[0] ?? "", argv);
  const marks = stdout.matchAll(/\/pod([\da-f-]{36})\/memory\.\w+:(\d+)$/gm);
  return new Map([...marks].map(([, uid = "", bytes]) => [uid, Number(bytes)]));
}
