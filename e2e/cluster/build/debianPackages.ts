import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { attempt, run } from "../../process/command.ts";
import type { Step } from "./prepare.ts";
import type { Report } from "../../process/report.ts";

const LISTS_OF_APT = "/var/lib/apt/lists";
const OLD_AFTER_MS = 24 * 3600 * 1000;

/** The package names of a list: one per line, `#` starts a comment. */
export function parsePackages(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((name) => name !== "");
}

/** Those of `wanted` that `dpkg-query -W -f '${Package} ${db:Status-Status}\n'` does not show as installed. */
export function missingFrom(wanted: readonly string[], dpkgSaid: string): string[] {
  const installed = new Set(
    dpkgSaid.split("\n").flatMap((line) => {
      const [name = "", status] = line.split(" ");
      return status === "installed" ? [name] : [];
    }),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Installs these packages, which are missing; one that is there is never touched. */
export function packageStep(missing: readonly string[], report: Report): Step {
  return {
    title: `installing Debian packages: ${missing.join(" ")}`,
    seconds: 45,
    isDone: missing.length === 0,
    run: async () => {
      if (await listsAreOld()) await updateLists(report);
      await install(missing).catch(async () => {
        // A list can name versions that the mirror has replaced since.
        await updateLists(report);
        await install(missing);
      });
    },
  };
}

/** The packages of these lists that are not installed; all of them on a machine without dpkg. */
export async function missingPackages(lists: readonly string[]): Promise<string[]> {
  const texts = lists.map((list) => readFile(join(import.meta.dirname, list), "utf8"));
  const wanted = (await Promise.all(texts)).flatMap(parsePackages);
  const { stdout } = await attempt("dpkg-query", [
    "-W",
    "-f",
    "${Package} ${db:Status-Status}\n",
    ...wanted,
  ]).catch(() => ({ stdout: "" }));
  return missingFrom(wanted, stdout);
}

async function listsAreOld(): Promise<boolean> {
  const lists = await stat(join(LISTS_OF_APT, "partial")).catch(() => undefined);
  return lists === undefined || Date.now() - lists.mtimeMs > OLD_AFTER_MS;
}

/** A source that does not answer must not keep packages of the others from being installed. */
async function updateLists(report: Report): Promise<void> {
  const { code, stderr } = await attempt("apt-get", ["update", "-q"], { seconds: 300 });
  if (code !== 0) report(`apt-get update had errors, going on: ${stderr.trim().split("\n")[0] ?? ""}`);
}

async function install(names: readonly string[]): Promise<void> {
  await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "--no-upgrade", ...names], {
    seconds: 900,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
