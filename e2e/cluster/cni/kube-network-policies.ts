import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Engine, EngineContext } from "./engine.ts";
import { exec, must } from "../nodes/exec.ts";
import { engineGroups } from "../build/groups.ts";
import { cniFolder } from "../nodes/nodeFiles.ts";
import { addressesOf, nodeName, pathsOf, ranges, type Spec } from "../nodes/spec.ts";
import type { Component } from "../nodes/supervision.ts";
import { until } from "../../process/until.ts";

const MANIFEST = join(import.meta.dirname, "../manifests/kube-network-policies.yaml");
const USER = "kube-network-policies";
const QUEUE = 100;
/** The name that the program gives to its rules. */
const TABLE = "kube-network-policies";

/**
 * The engine that kind uses: nftables rules hand the first packet of each connection to a program, which evaluates the policies.
 * As in kind, the CNI plugin `ptp` connects the pods. It has never run: docs/engines.md.
 */
export const kubeNetworkPolicies: Engine = {
  name: "kube-network-policies",
  programs: engineGroups["kube-network-policies"],
  packageLists: [],
  users: [{ file: USER, subject: `/CN=${USER}` }],
  async install({ kubectl }) {
    await kubectl(["create", "-f", MANIFEST]);
  },
  async startNode(context, i) {
    const { spec, startOn, on } = context;
    const at = nodeName(i);
    await must(spec.name, at, { argv: ["nft", "-f", "-"], input: masquerade });
    await startOn(i, program(context, i));
    await until(`kube-network-policies on ${at} reads its queue`, () => readsQueue(spec, i), {
      seconds: 60,
      everyMs: 100,
      signal: on.signal,
    });
    // It opens its queue after it has tried to write its rules, and goes on where the kernel rejects them.
    await must(spec.name, at, { argv: ["nft", "list", "table", "inet", TABLE] });
    await writeFile(join(cniFolder(spec, i), "10-ptp.conflist"), JSON.stringify(cniConfig(spec, i)));
  },
};

/** What pods send to anything but pods comes from their node, as in kind. */
const masquerade = ["ip", "ip6"]
  .map((family, i) => {
    const pods = ranges.pods[i] ?? "";
    const rule = `${family} saddr ${pods} ${family} daddr != ${pods} masquerade`;
    return `table ${family} pods { chain nat { type nat hook postrouting priority 100; ${rule}; }; }\n`;
  })
  .join("");

function program({ spec, folders }: EngineContext, i: number): Component {
  return {
    name: `kube-network-policies-${i}`,
    argv: [
      join(folders.engine, "kube-network-policies"),
      `--kubeconfig=${pathsOf(spec.name).kubeconfig(USER)}`,
      `--node=${nodeName(i)}`,
      `--queue=${QUEUE}`,
    ],
  };
}

async function readsQueue(spec: Spec, i: number): Promise<true | undefined> {
  const { stdout } = await exec(spec.name, nodeName(i), {
    argv: ["cat", "/proc/net/netfilter/nfnetlink_queue"],
    seconds: 5,
  });
  return stdout.split("\n").some((line) => line.trim().startsWith(`${QUEUE} `)) ? true : undefined;
}

function cniConfig(spec: Spec, i: number) {
  const subnets = addressesOf(spec).podsOf(i);
  const plugin = {
    type: "ptp",
    mtu: 1500,
    ipam: {
      type: "host-local",
      dataDir: "/run/cni-ipam",
      ranges: subnets.map((subnet) => [{ subnet }]),
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    },
  };
  const portmap = { type: "portmap", snat: true, capabilities: { portMappings: true } };
  return { cniVersion: "1.0.0", name: "k8s-pod-network", plugins: [plugin, portmap] };
}
