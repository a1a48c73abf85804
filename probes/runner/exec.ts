import { spawn } from "node:child_process";
import type { Exit } from "../tools/tool.ts";

/**
 * The pod's environment is not passed on: a proxy variable or a locale must not change the behaviour or the output of
 * a tool.
 */
export const TOOL_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };
const MOST_OUTPUT = 65_536;

export interface ExecOptions {
  /** The process is killed if it still runs after this number of milliseconds. */
  readonly limitMs: number;
}

/** Runs a program without a shell and waits for its end, with any exit code. Throws if it cannot be started. */
export function exec(commandLine: readonly string[], { limitMs }: ExecOptions): Promise<Exit> {
  const [program = "", ...args] = commandLine;
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: TOOL_ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout = (stdout + chunk).slice(0, MOST_OUTPUT);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr = (stderr + chunk).slice(0, MOST_OUTPUT);
    });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code, signal, stdout, stderr, elapsedMs: Math.round(performance.now() - startedAt) }),
    );
  });
}
