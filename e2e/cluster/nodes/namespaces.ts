import { access, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Binaries } from "../build/binaries.ts";
import { childrenOf } from "./marker.ts";
import { nodeName, nodeNumbers, pathsOf, type Spec } from "./spec.ts";
import type { Supervision } from "./supervision.ts";
import { until } from "../../process/until.ts";

const NODE_SCRIPT = join(import.meta.dirname, "node.sh");

/** Starts what holds the cluster's namespaces: `lan` (router), `wan` (the outside world) and one process per node. */
export async function makeNamespaces(spec: Spec, folders: Binaries, on: Supervision): Promise<void> {
  const unshareNet = ["unshare", "--net"];
  const holders = [
    on.start({ name: "lan", argv: [...unshareNet, "sleep", "infinity"] }).then(ownNetwork),
    on.start({ name: "wan", argv: [...unshareNet, join(folders.base, "outside")] }).then(ownNetwork),
    ...nodeNumbers(spec).map((i) => makeNode(spec, i, on)),
  ];
  await on.guard(Promise.all(holders));
}

async function makeNode(spec: Spec, i: number, on: Supervision): Promise<void> {
  const paths = pathsOf(spec.name);
  const flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const parent = await on.start({
    name: `init-${i}`,
    argv: ["unshare", ...flags, "bash", NODE_SCRIPT, paths.node(i)],
  });
  const init = await until(
    `node ${i} starts`,
    async () => {
      await access(join(paths.node(i), "mounted"));
      return (await childrenOf(parent))[0];
    },
    { seconds: 10, everyMs: 10, signal: on.signal },
  );
  await writeFile(join(paths.pids, nodeName(i)), String(init));
}

/** A link that is moved right after `unshare` started can still meet the old namespace. */
async function ownNetwork(pid: number): Promise<void> {
  const host = await readlink("/proc/self/ns/net");
  const isOwn = async (): Promise<true | undefined> =>
    (await readlink(`/proc/${pid}/ns/net`)) === host ? undefined : true;
  await until(`process ${pid} has its own network`, isOwn, { seconds: 5, everyMs: 10 });
}
