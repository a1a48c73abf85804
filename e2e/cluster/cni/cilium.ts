import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import type { Engine, EngineContext } from "./engine.ts";
import { exec, must } from "../nodes/exec.ts";
import { engineGroups } from "../build/groups.ts";
import { nodesOf } from "../nodes/health.ts";
import { cniFolder } from "../nodes/nodeFiles.ts";
import { addressesOf, nodeName, pathsOf, ranges, type Spec } from "../nodes/spec.ts";
import type { Component } from "../nodes/supervision.ts";
import { until } from "../../process/until.ts";

const MANIFEST = join(import.meta.dirname, "../manifests/cilium.yaml");
/** The names under which the agent calls what compiles its programs for the kernel, and where Debian has them. */
const COMPILER = { clang: "/usr/bin/clang-19", llc: "/usr/bin/llc-19" };
const USER = "cilium";

/**
 * Cilium without its operator: the agent creates the identities, and this code gives each agent the pod ranges of its node. The
 * rest is as with Calico: no tunnel, kube-proxy for Services, nothing above layer 4.
 */
export const cilium: Engine = {
  name: "cilium",
  programs: engineGroups.cilium,
  packageLists: ["debian-packages-cilium.txt"],
  users: [{ file: USER, subject: `/CN=${USER}` }],
  async install({ folders, kubectl }) {
    const kinds = ["v2", "v2alpha1"].map((version) => `--filename=${join(folders.engine, "crds", version)}`);
    await kubectl(["create", ...kinds]);
    await kubectl(["create", "-f", MANIFEST]);
  },
  async startNode(context, i) {
    const { spec, startOn, on } = context;
    await Promise.all([tellPodRanges(context, i), makeFolders(context, i)]);
    await startOn(i, agent(context, i));
    await until(`Cilium's agent on ${nodeName(i)} is ready`, () => agentIsReady(spec, i), {
      seconds: 90,
      everyMs: 200,
      signal: on.signal,
    });
    await writeFile(join(cniFolder(spec, i), "10-cilium.conflist"), JSON.stringify(CNI_CONFIG));
  },
};

/** What the controller manager would choose, but the same that the routes between the nodes lead to. */
async function tellPodRanges({ spec, kubectl, on }: EngineContext, i: number): Promise<void> {
  const registered = async (): Promise<true | undefined> =>
    (await nodesOf(spec.name)).some(({ name }) => name === nodeName(i)) ? true : undefined;
  await until(`${nodeName(i)} registers`, registered, { seconds: 60, everyMs: 200, signal: on.signal });
  const podCIDRs = addressesOf(spec).podsOf(i);
  const patch = JSON.stringify({ spec: { podCIDR: podCIDRs[0], podCIDRs } });
  await kubectl(["patch", "node", nodeName(i), `--patch=${patch}`]);
}

/** The agent writes beside the sources that it compiles, so each node has its own. */
async function makeFolders({ spec, folders }: EngineContext, i: number): Promise<void> {
  const { sources, compiler } = foldersOf(spec, i);
  await mkdir(compiler, { recursive: true });
  for (const [name, program] of Object.entries(COMPILER)) await symlink(program, join(compiler, name));
  await cp(join(folders.engine, "bpf"), join(sources, "bpf"), { recursive: true });
  await must(spec.name, nodeName(i), { argv: ["mount", "-t", "bpf", "bpf", "/sys/fs/bpf"] });
}

function foldersOf({ name }: Spec, i: number) {
  const own = join(pathsOf(name).node(i), "cilium");
  return { sources: join(own, "lib"), compiler: join(own, "bin") };
}

async function agentIsReady(spec: Spec, i: number): Promise<true | undefined> {
  const argv = ["curl", "-sf", "--max-time", "2", "-H", "brief: true", "http://127.0.0.1:9879/healthz"];
  return (await exec(spec.name, nodeName(i), { argv, seconds: 5 })).code === 0 ? true : undefined;
}

function agent({ spec, folders }: EngineContext, i: number): Component {
  const { sources, compiler } = foldersOf(spec, i);
  const [pods4, pods6] = ranges.pods;
  return {
    name: `cilium-${i}`,
    argv: [
      join(folders.engine, "daemon"),
      `--k8s-kubeconfig-path=${pathsOf(spec.name).kubeconfig(USER)}`,
      `--lib-dir=${sources}`,
      "--state-dir=/run/cilium",
      "--socket-path=/run/cilium/cilium.sock",
      "--cgroup-root=/run/cilium/cgroupv2",
      "--cluster-name=default",
      "--devices=eth0",
      "--identity-allocation-mode=crd",
      "--ipam=kubernetes",
      "--routing-mode=native",
      "--enable-ipv4=true",
      "--enable-ipv6=true",
      `--ipv4-native-routing-cidr=${pods4}`,
      `--ipv6-native-routing-cidr=${pods6}`,
      "--kube-proxy-replacement=false",
      "--enable-l7-proxy=false",
      "--enable-hubble=false",
      "--enable-health-checking=false",
      "--enable-endpoint-health-checking=false",
      // Its flags are all here; else it looks for a ConfigMap as well.
      "--enable-dynamic-config=false",
    ],
    env: {
      K8S_NODE_NAME: nodeName(i),
      PATH: [compiler, process.env["PATH"] ?? ""].join(delimiter),
    },
  };
}

/** As the agent itself writes it for `--cni-chaining-mode=portmap`: without kube-proxy replacement, host ports need that plugin. */
const CNI_CONFIG = {
  cniVersion: "1.0.0",
  name: "portmap",
  plugins: [
    { type: "cilium-cni", "log-file": "/var/log/cilium-cni.log" },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};
