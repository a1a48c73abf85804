import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { basename, dirname } from "node:path";

import { Failure } from "../../process/failure.ts";
import { dataFolder } from "./spec.ts";

/** One file for each index in use, with the name of its cluster: creating it is what claims the index. */
const CLAIM = "/var/tmp/netverdict-index-";
const COUNT = 250;

/** The indices 1..250 in the order in which a cluster tries them: its own first, so that it mostly keeps one. */
export function candidates(name: string): readonly number[] {
  const first = createHash("sha256").update(name).digest().readUInt32BE(0) % COUNT;
  return Array.from({ length: COUNT }, (_, i) => ((first + i) % COUNT) + 1);
}

/** Indices whose node network an address of this machine already lies in. */
export function indicesOf(addresses: readonly string[]): ReadonlySet<number> {
  return new Set(
    addresses.flatMap((address) => {
      const third = /^198\.18\.(\d+)\./.exec(address)?.[1];
      return third === undefined ? [] : [Number(third)];
    }),
  );
}

/** Claims a node network that no link of this machine and no other cluster uses. */
export async function claimIndex(name: string): Promise<number> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const taken = indicesOf(addresses.map(({ address }) => address));
  for (const index of candidates(name)) {
    if (!taken.has(index) && (await claim(index, name))) return index;
  }
  throw new Failure("no free node network: 198.18.1.0/24 to 198.18.250.0/24 are all in use");
}

/** Releases everything that a cluster has claimed. */
export async function releaseIndex(name: string): Promise<void> {
  const files = await readdir(dirname(CLAIM));
  for (const file of files.filter((each) => each.startsWith(basename(CLAIM)))) {
    const path = `${dirname(CLAIM)}/${file}`;
    if ((await ownerOf(path)) === name) await rm(path, { force: true });
  }
}

async function claim(index: number, name: string): Promise<boolean> {
  const path = `${CLAIM}${index}`;
  try {
    await writeFile(path, name, { flag: "wx" });
    return true;
  } catch {
    const owner = await ownerOf(path);
    if (owner === name) return true;
    // A cluster whose data folder was removed by hand gives back nothing itself.
    if (owner !== "" && (await isGone(owner))) await rm(path, { force: true });
    return false;
  }
}

async function ownerOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function isGone(name: string): Promise<boolean> {
  return stat(dataFolder(name)).then(
    () => false,
    () => true,
  );
}
