import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { attempt, type RunOptions } from "../../process/command.ts";
import { messageOf } from "../../process/failure.ts";
import { goEnvironment } from "../build/go.ts";
import type { Problem } from "./problem.ts";

/** How long a registry, or anything else that takes its time, may take: all are asked at once, within 5 seconds. */
export const LIMIT_SECONDS = 4;

/** What a registry's own client got. */
export type Answer = { readonly answered: true } | { readonly answered: false; readonly said: string };

/** The registries that builds take from; undefined: not asked, since nothing is needed of it. */
export interface Answers {
  readonly modules: Answer | undefined;
  readonly debian: Answer | undefined;
  readonly npm: Answer | undefined;
}

const REMEDIES = {
  modules: {
    subject: "Go module proxy",
    action:
      "Check the network and its proxy (HTTPS_PROXY), or set GOPROXY to a module proxy that answers (go env GOPROXY)",
  },
  debian: {
    subject: "Debian mirror",
    action:
      "Check the network, apt's sources (/etc/apt/sources.list.d) and its proxy (apt-config dump Acquire::http::Proxy)",
  },
  npm: {
    subject: "npm registry",
    action:
      "Check the network, and npm's registry and proxy (npm config get registry; npm config get https-proxy)",
  },
} as const satisfies Record<keyof Answers, Omit<Problem, "observation">>;

export function registryProblems(answers: Answers): readonly Problem[] {
  return (["modules", "debian", "npm"] as const).flatMap((name) => {
    const answer = answers[name];
    if (answer === undefined || answer.answered) return [];
    return [{ ...REMEDIES[name], observation: answer.said }];
  });
}

/** A small module that goes into Kubernetes, Calico and Cilium, so that a mirror of nothing but their modules has it. */
export const MODULE = "gopkg.in/inf.v0@v0.9.1";

/**
 * Asks the module proxy that the user configured for a small module, past the module cache. Go's checksum database is not
 * asked: the builds use go.sum. A proxy may still refuse a larger module; only its download shows that.
 */
export async function askModuleProxy(go: string): Promise<Answer> {
  return inTemporaryFolder(async (cwd) => {
    const own = { GOMODCACHE: join(cwd, "modules"), GOFLAGS: "-modcacherw", GONOSUMDB: "*", GOWORK: "off" };
    return ask([go, "mod", "download", MODULE], { cwd, env: { ...goEnvironment(), ...own } });
  });
}

/** Asks the npm registry that the user configured for a small package of this project, past npm's cache. */
export async function askNpm(): Promise<Answer> {
  const options = ["--prefer-online", "--fetch-retries=0", "--logs-max=0", "--loglevel=error"];
  return ask(["npm", "view", "p-limit", "version", ...options]);
}

/**
 * Asks the mirrors that apt would, as apt would: with its proxies, credentials and certificates. One answer is enough, for
 * a source that has nothing to do with this cluster may be out of reach.
 *
 * @param codename of the distribution, such as bookworm; sources of other suites count only where none has it
 */
export async function askDebian(codename: string | undefined): Promise<Answer> {
  const started = Date.now();
  const { stdout, stderr } = await attempt("apt-get", ["--print-uris", "update"], {
    seconds: LIMIT_SECONDS,
  }).catch((error: unknown) => ({ stdout: "", stderr: messageOf(error) }));
  const releases = releasesOf(stdout, codename);
  if (releases.length === 0) return { answered: false, said: `apt names no sources (${reasonIn(stderr)})` };
  const seconds = LIMIT_SECONDS - (Date.now() - started) / 1000;
  return inTemporaryFolder(async (folder) => {
    const options = ["Acquire::Retries=0", "APT::Sandbox::User=root"].flatMap((option) => ["-o", option]);
    const answers = releases.map(async (uri, i) =>
      ask(["/usr/lib/apt/apt-helper", ...options, "download-file", uri, join(folder, String(i))], {
        seconds,
      }),
    );
    return firstAnswer(await Promise.all(answers));
  });
}

/** The addresses in `apt-get --print-uris update` that answer where a mirror does: the signed list of each suite. */
export function releasesOf(uris: string, codename: string | undefined): readonly string[] {
  const all = uris.split("\n").flatMap((line) => /^'([^']+\/InRelease)'/.exec(line)?.[1] ?? []);
  const ofDistribution = all.filter((uri) => {
    const suite = /\/dists\/([^/]+)\//.exec(uri)?.[1] ?? "";
    return codename !== undefined && (suite === codename || suite.startsWith(`${codename}-`));
  });
  return ofDistribution.length > 0 ? ofDistribution : all;
}

/** What a client says of a failure, in one line without credentials and full stop: the reason, not the noise around it. */
export function reasonIn(said: string): string {
  const lines = said
    .split("\n")
    .filter((line) => !/^W:|^go: downloading|^npm \S+ (?:code|syscall|errno) /.test(line))
    .map((line) => line.replace(/^(?:npm (?:error|ERR!)|E:|go:)/, "").trim())
    .filter((line) => line !== "");
  const reason = lines.find((line) => line.includes("reason:")) ?? lines[0] ?? "it failed without a message";
  return reason
    .replaceAll(/\/\/[^/@\s]+@/g, "//")
    .slice(0, 300)
    .replace(/\.$/, "");
}

function firstAnswer(answers: readonly Answer[]): Answer {
  return (
    answers.find(({ answered }) => answered) ?? answers[0] ?? { answered: false, said: "nothing was asked" }
  );
}

/** `timeout` ends the processes that the client started as well. */
async function ask(argv: readonly string[], options: RunOptions = {}): Promise<Answer> {
  const { seconds = LIMIT_SECONDS, ...rest } = options;
  const end = Date.now() + seconds * 1000;
  const { code, stderr } = await attempt("timeout", ["--signal=KILL", String(seconds), ...argv], rest);
  if (code === 0) return { answered: true };
  const said = Date.now() < end ? reasonIn(stderr) : `no answer within ${LIMIT_SECONDS} s`;
  return { answered: false, said };
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-preflight-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
