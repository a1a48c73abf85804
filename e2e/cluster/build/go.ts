import { delimiter } from "node:path";

import { z } from "zod";

import { attempt, run } from "../../process/command.ts";
import { Failure } from "../../process/failure.ts";

const NEEDED = [1, 26] as const;

/** The Go that builds, or the versions of those that are too old to. */
export type FoundGo = { readonly command: string } | { readonly tooOld: readonly string[] };

/** Looks for Go on the path, then at the place where Go's own archive puts it. */
export async function lookForGo(): Promise<FoundGo> {
  const tooOld: string[] = [];
  for (const command of ["go", "/usr/local/go/bin/go"]) {
    const version = await versionOf(command);
    if (version !== undefined && isNewEnough(version)) return { command };
    if (version !== undefined) tooOld.push(version);
  }
  return { tooOld };
}

/** The Go that builds; fails where there is none. */
export async function findGo(): Promise<string> {
  const found = await lookForGo();
  if ("command" in found) return found.command;
  throw new Failure(`Go: ${lackOf(found.tooOld)}. ${GO_REMEDY}.`);
}

/** What is wrong where only these versions were found. */
export function lackOf(tooOld: readonly string[]): string {
  const found = tooOld.length === 0 ? "there is none" : `there is ${tooOld.join(" and ")} only`;
  return `${found}, and the cluster's programs need ${NEEDED.join(".")} or later`;
}

export const GO_REMEDY = `Install Go ${NEEDED.join(".")} or later from https://go.dev/dl`;

/** True for 1.26, 1.26.8, 1.27rc1, 2.0. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** Compiled without optimization: 77 s of two cores and 1.9 GB become 35 s and 0.9 GB, for code that no test cluster runs. */
const UNUSED = "github.com/aws/aws-sdk-go-v2/service/ec2";

/**
 * The flags of every build: programs that do not depend on where they were built, without what debuggers need. Measured
 * in docs/bench.md.
 */
export const BUILD_FLAGS: readonly string[] = [
  "-trimpath",
  "-buildvcs=false",
  "-gcflags=all=-dwarf=false",
  `-gcflags=${UNUSED}=-dwarf=false -N -l`,
];

/**
 * The environment of every build: static programs, flags of ours in place of the user's, and compilers that collect no
 * garbage before they hold 1500 MiB (two run at a time). Where modules come from is the user's own setting.
 */
export function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly",
    GOGC: "off",
    GOMEMLIMIT: "1500MiB",
    PATH: [process.env["PATH"] ?? "", "/usr/local/go/bin"].join(delimiter),
  };
}

/** A version of a Go module, with the hash of its content as go.sum has it. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  readonly sum: string;
}

const downloadSchema = z.object({ Dir: z.string(), Sum: z.string() });

/** Downloads a module, once, and returns its folder. Fails where its content has another hash. */
export async function downloadModule({ path, version, sum }: GoModule): Promise<string> {
  const module = `${path}@${version}`;
  // The hash is known, so no checksum database is asked.
  const env = { ...goEnvironment(), GOFLAGS: "-mod=mod", GOSUMDB: "off" };
  const answer = await run(await findGo(), ["mod", "download", "-json", module], { env, seconds: 180 });
  const { Dir, Sum } = downloadSchema.parse(JSON.parse(answer));
  if (Sum !== sum) throw new Failure(`${module}: its hash is ${Sum}, not ${sum}. Check GOPROXY.`);
  return Dir;
}

async function versionOf(go: string): Promise<string | undefined> {
  const answer = await attempt(go, ["env", "GOVERSION"]).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout.trim().replace(/^go/, "") : undefined;
}
