import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** Whether this repository has the commit: a shallow clone has not. */
export function hasCommit(revision: string): boolean {
  try {
    execFileSync("git", ["cat-file", "-e", `${revision}^{commit}`], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Throws unless this repository has the commit that --against names. */
export function requireCommit(revision: string): void {
  if (hasCommit(revision)) return;
  throw new Error(`--against ${revision}: this repository has no such commit. Fetch it, or name another one`);
}

/** Copies these files of a commit (all, if there are none) to a folder of its own, and removes the folder after `use`. */
export async function withCommit<Result>(
  revision: string,
  files: readonly string[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "netverdict-before-"));
  try {
    const tar = execFileSync("git", ["archive", revision, ...files], { cwd: ROOT, maxBuffer: 2 ** 28 });
    execFileSync("tar", ["-x", "-C", folder], { input: tar });
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
