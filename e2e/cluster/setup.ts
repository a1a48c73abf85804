import { platform, release } from "node:os";

import { attempt } from "./command.ts";
import { Failure } from "./failure.ts";
import { findGo } from "./go.ts";

/**
 * Makes the machine able to run the test cluster, or fails with one line that says what is missing and the remedy.
 * What can be checked in a moment comes before what takes a while. Repeating it is cheap (0.1 s).
 */
export async function prepareMachine(): Promise<void> {
  if (platform() !== "linux") throw new Failure(`the test cluster needs Linux, this is ${platform()}`);
  requireRoot();
  await findGo();
}

/** Fails unless this process is root: namespaces and mounts need it, and a cluster's files are root's. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Failure("the test cluster needs root (namespaces, mounts). Remedy: run the command with sudo");
}

const OVERLAY = `d=$(mktemp -d -p /var/tmp netverdict-try-XXXXXX) && mkdir $d/upper $d/work &&
mount -t overlay overlay -o lowerdir=/var/lib,upperdir=$d/upper,workdir=$d/work /var/lib && umount /var/lib
code=$?; rm -rf $d; exit $code`;

/** What a container or a hardened host may withhold, each tried the way the cluster uses it. */
const RIGHTS = [
  ["create network namespaces", "unshare", ["--net", "true"]],
  [
    "create process and mount namespaces",
    "unshare",
    ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "true"],
  ],
  [
    "mount a tmpfs in a mount namespace",
    "unshare",
    ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /run && mount --make-rshared /"],
  ],
  ["mount an overlay on /var/tmp (it must be on a real disk)", "unshare", ["--mount", "sh", "-c", OVERLAY]],
  ["list nftables rules in a network namespace", "unshare", ["--net", "nft", "list", "ruleset"]],
] as const;

export async function checkNamespaces(): Promise<void> {
  for (const [what, command, args] of RIGHTS) {
    const { code, stderr } = await attempt(command, args, { seconds: 20 });
    if (code === 0) continue;
    const said = stderr.trim().split("\n")[0] ?? "";
    throw new Failure(
      `this machine (Linux ${release()}) does not let root ${what}: ${said}. Remedy: use a machine or virtual machine of your own`,
    );
  }
}
