import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

import { cluster, kubectl } from "../harness/scenario.ts";
import { attempt, run, type Outcome } from "../process/command.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Invoked {
  /** Default: that of the cluster's administrator. */
  readonly kubeconfig?: string;
  readonly signal?: AbortSignal;
}

/** The command-line program as a gate runs it: one file, in a folder of its own. */
export interface CliProgram {
  /** For files that a test writes, too. */
  readonly folder: string;
  /** The path of the program. */
  readonly file: string;
  netverdict(args: readonly string[], options?: Invoked): Promise<Outcome>;
  /** Writes a kubeconfig with this token instead of the administrator's certificate, and returns its path. */
  kubeconfigWith(token: string): Promise<string>;
  remove(): Promise<void>;
}

/** Builds the program, as `npm run build` does. */
export async function buildProgram(): Promise<CliProgram> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-cli-"));
  const rolldown = join(ROOT, "node_modules/.bin/rolldown");
  await run(rolldown, ["--config", "rolldown.config.ts", "--dir", folder], { cwd: ROOT, seconds: 120 });
  const file = join(folder, "netverdict.mjs");
  let kubeconfigs = 0;
  return {
    folder,
    file,
    async netverdict(args, { kubeconfig = cluster.kubeconfig, ...options } = {}) {
      const env = { ...process.env, KUBECONFIG: kubeconfig };
      return attempt(process.execPath, [file, ...args], { env, seconds: 150, ...options });
    },
    async kubeconfigWith(token) {
      const config = kubeconfigSchema.parse(
        JSON.parse(await kubectl(["config", "view", "--raw", "--minify", "-o", "json"])),
      );
      const users = [{ name: config.contexts[0].context.user, user: { token } }];
      const path = join(folder, `${(kubeconfigs += 1)}.kubeconfig`);
      await writeFile(path, JSON.stringify({ ...config, users }));
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const kubeconfigSchema = z.looseObject({
  contexts: z.tuple([z.looseObject({ context: z.looseObject({ user: z.string() }) })]),
});

/** A token of a service account, which is created first, without any rights. */
export async function accountToken(namespace: string, account: string): Promise<string> {
  await kubectl(["create", "serviceaccount", account, `--namespace=${namespace}`]);
  return (await kubectl(["create", "token", account, `--namespace=${namespace}`])).trim();
}
