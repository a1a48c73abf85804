import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../../process/failure.ts";
import { until } from "../../process/until.ts";
import type { ProgramName } from "./programs.ts";

/** What a process has used from its start to its end, without its children. */
export interface StartCost {
  readonly cpuSeconds: number;
  /** Its largest resident memory. */
  readonly megabytes: number;
}

interface Start {
  readonly program: string;
  /** For the files of this start. */
  readonly folder: string;
}

const addressSchema = z.object({ port: z.number() });
/** Microseconds and kilobytes, as `process.resourceUsage()` has them. */
const usageSchema = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

/** Starts each of the programs, and ends it as soon as it works. */
export const startCost: Readonly<Record<ProgramName, (start: Start) => Promise<StartCost>>> = {
  /** Until its HTTP endpoints respond. There is no API server at the address in its kubeconfig. */
  async operator(start) {
    const port = await freePort();
    const kubeconfig = join(start.folder, "kubeconfig");
    await writeFile(kubeconfig, JSON.stringify(KUBECONFIG));
    const environment = {
      KUBECONFIG: kubeconfig,
      NETVERDICT_PROBE_IMAGE: "netverdict",
      NETVERDICT_PORT: String(port),
    };
    return costOf(start, environment, async (child) => {
      const url = `http://127.0.0.1:${port}/healthz`;
      await until("the operator's /healthz", async () => (await fetch(url)).ok || undefined, { seconds: 60 });
      child.kill("SIGTERM");
    });
  },

  /** Until one TCP check has settled in the first round. */
  async runner(start) {
    const server = createServer((socket) => void socket.on("error", () => {}).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = addressSchema.parse(server.address());
    const check = { path: 0, tool: "tcp", family: "IPv4", address: "127.0.0.1", port, provesSource: true };
    const environment = {
      NETVERDICT_CHECKS: JSON.stringify({ checks: [check], probing: { rounds: 1 } }),
      NETVERDICT_TERMINATION_LOG: join(start.folder, "termination-log"),
      NETVERDICT_PORT: "0",
    };
    try {
      return await costOf(start, environment, async () => {});
    } finally {
      server.close();
    }
  },
};

const KUBECONFIG = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "none",
  contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
  clusters: [{ name: "none", cluster: { server: "http://127.0.0.1:1" } }],
  users: [{ name: "none", user: {} }],
};

async function costOf(
  { program, folder }: Start,
  environment: Readonly<Record<string, string>>,
  end: (child: ChildProcess) => Promise<void>,
): Promise<StartCost> {
  const usage = join(folder, "usage.json");
  const child = spawn(process.execPath, [writesUsage(usage), program], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    await end(child);
    const [code] = z.tuple([z.number().nullable(), z.unknown()]).parse(await exited);
    if (code !== 0) throw new Failure(`${program}: exit code ${code}`);
  } finally {
    child.kill("SIGKILL");
  }
  const { userCPUTime, systemCPUTime, maxRSS } = usageSchema.parse(JSON.parse(await readFile(usage, "utf8")));
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: (maxRSS * 1024) / 1e6 };
}

/** An option of Node: at its end, the process writes what it has used. */
function writesUsage(file: string): string {
  const code = `import { writeFileSync } from "node:fs";
    process.once("exit", () => writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.resourceUsage())));`;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}

/** A port of this machine that no program uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressSchema.parse(server.address());
  server.close();
  await once(server, "close");
  return port;
}
