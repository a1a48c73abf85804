import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { metricSum } from "../../kube/metricSum.ts";
import { until } from "../../process/until.ts";
import { freePort } from "../start/startCost.ts";
import { processCpuSeconds } from "./apiServer.ts";

/** What the operator has used in a part of the measurement. */
export interface PhaseCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The largest resident memory. */
  readonly megabytes: number;
  /** Of the delay of the event loop, in milliseconds. */
  readonly p99: number;
  readonly longest: number;
  /** To the API server, those for the Lease among them. */
  readonly requests: number;
}

/** The operator as a process of its own, from its bundle. */
export interface OperatorProcess {
  /** From the start of the process until it was ready. */
  readonly synced: PhaseCost;
  /** What it uses from here until the end of the work. */
  during(work: () => Promise<unknown>): Promise<PhaseCost>;
  /** Waits until no test waits for its reconcile, and the operator has used no CPU to speak of for some seconds. */
  settled(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

interface OperatorOptions {
  /** Path of the operator's program. */
  readonly program: string;
  readonly kubeconfig: string;
}

/** The delay of a timer of 10 ms includes those. */
const RESOLUTION_MS = 10;
/** Half of the memory limit of manifests/deployment.yaml, as Node chooses it in a container with that limit. */
const HEAP_OPTION = "--max-old-space-size=256";
const QUIET_SECONDS = 3;
const loopSchema = z.object({ p99: z.number(), longest: z.number() });

/** Starts the operator, and waits until it is ready. */
export async function startOperatorProcess({
  program,
  kubeconfig,
}: OperatorOptions): Promise<OperatorProcess> {
  const port = await freePort();
  const loop = join(tmpdir(), `netverdict-loop-${process.pid}-${port}.json`);
  const log = await open(join(tmpdir(), `netverdict-scale-${port}.log`), "w");
  const child = spawn(process.execPath, [writesLoopDelay(loop), HEAP_OPTION, "--disable-sigusr1", program], {
    env: {
      PATH: process.env["PATH"],
      KUBECONFIG: kubeconfig,
      NETVERDICT_PROBE_IMAGE: "netverdict",
      NETVERDICT_PORT: String(port),
      NETVERDICT_PROBE_START_TIMEOUT: "5s",
      NETVERDICT_LOG_LEVEL: "warn",
      POD_NAME: "operator",
      POD_NAMESPACE: "netverdict-system",
    },
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  process.once("exit", () => child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  const url = `http://127.0.0.1:${port}`;

  async function loopDelay() {
    await rm(loop, { force: true });
    child.kill("SIGUSR2");
    const text = async () => readFile(loop, "utf8");
    return loopSchema.parse(
      JSON.parse(await until("the operator writes its delays", text, { seconds: 60, everyMs: 20 })),
    );
  }
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  const requestsNow = async () => metricSum(await metrics(), "netverdict_api_requests_total");

  async function during(work: () => Promise<unknown>, before = requestsNow): Promise<PhaseCost> {
    const requests = await before();
    await loopDelay();
    await writeFile(`/proc/${pid}/clear_refs`, "5");
    const [started, cpu] = [performance.now(), await processCpuSeconds(pid)];
    await work();
    const seconds = (performance.now() - started) / 1_000;
    const cpuSeconds = (await processCpuSeconds(pid)) - cpu;
    return {
      seconds,
      cpuSeconds,
      megabytes: await peakMegabytes(pid),
      ...(await loopDelay()),
      requests: (await requestsNow()) - requests,
    };
  }

  // Before that the signal would end it.
  await until("the operator runs", async () => readFile(loop, "utf8"), { seconds: 60 });
  const isReady = async () => (await fetch(`${url}/readyz`)).ok || undefined;
  const began = performance.now();
  const ready = await during(
    async () => until("the operator is ready", isReady, { seconds: 300, everyMs: 50 }),
    async () => 0,
  );
  const operator: OperatorProcess = {
    synced: {
      ...ready,
      seconds: (performance.now() - began) / 1_000,
      cpuSeconds: await processCpuSeconds(pid),
    },
    during,
    async settled(seconds) {
      let last = await processCpuSeconds(pid);
      // It begins when it leads, a moment after it is ready.
      await sleep(QUIET_SECONDS * 1_000);
      const isQuiet = async () => {
        const depth = metricSum(await metrics(), "netverdict_queue_depth");
        const now = await processCpuSeconds(pid);
        const used = now - last;
        last = now;
        return (depth === 0 && used < 0.15 * QUIET_SECONDS) || undefined;
      };
      await until("the operator has nothing to do", isQuiet, { seconds, everyMs: QUIET_SECONDS * 1_000 });
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      await rm(loop, { force: true });
    },
  };
  return operator;
}

/** An option of Node: at its start and at SIGUSR2 the process writes how late its event loop was since the last time. */
function writesLoopDelay(file: string): string {
  const code = `import { renameSync, writeFileSync } from "node:fs";
    import { monitorEventLoopDelay } from "node:perf_hooks";
    const delay = monitorEventLoopDelay({ resolution: ${RESOLUTION_MS} });
    delay.enable();
    const milliseconds = (value) => Math.max(0, value / 1e6 - ${RESOLUTION_MS}) || 0;
    const write = () => {
      const text = JSON.stringify({ p99: milliseconds(delay.percentile(99)), longest: milliseconds(delay.max) });
      delay.reset();
      writeFileSync(${JSON.stringify(`${file}.new`)}, text);
      renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)});
    };
    process.on("SIGUSR2", write);
    write();`;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}

async function peakMegabytes(pid: number): Promise<number> {
  const [, kilobytes = ""] = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kilobytes) * 1_024) / 1e6;
}
