import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Engine, EngineContext } from "./engine.ts";
import { exec, must } from "../nodes/exec.ts";
import { engineGroups } from "../build/groups.ts";
import type { Kubectl } from "../../kube/kubectl.ts";
import { cniFolder } from "../nodes/nodeFiles.ts";
import { addressesOf, nodeName, pathsOf, ranges, type Spec } from "../nodes/spec.ts";
import type { Component } from "../nodes/supervision.ts";
import { until } from "../../process/until.ts";

const MANIFESTS = join(import.meta.dirname, "../manifests");
/** How long a new pod waits at most until felix has programmed its policies. */
const POLICY_SETUP_SECONDS = 10;
/** Where felix notes which pods' policies are in force. */
const ENDPOINT_STATUS = "/var/run/calico";

/** Calico without its operator and without BGP: felix and the CNI plugin, with the Kubernetes API as their store. */
export const calico: Engine = {
  name: "calico",
  programs: engineGroups.calico,
  packageLists: [],
  users: [
    { file: "calico-node", subject: "/CN=calico-node" },
    { file: "calico-cni", subject: "/CN=calico-cni-plugin" },
  ],
  async install({ spec, folders, kubectl, on }) {
    await kubectl(["create", "-f", join(folders.engine, "crds.yaml")]);
    await until("Calico's kinds are established", () => established(kubectl), {
      seconds: 30,
      everyMs: 100,
      signal: on.signal,
    });
    await kubectl(["create", "-f", join(MANIFESTS, "calico-rbac.yaml")]);
    const resources = await settings(spec);
    // A kind can be established some moments before the API server serves it.
    const apply = async (): Promise<true> => {
      await kubectl(["apply", "-f", "-"], { input: resources });
      return true;
    };
    await until("Calico's settings are accepted", apply, { seconds: 20, everyMs: 200, signal: on.signal });
  },
  async startNode(context, i) {
    const { spec, startOn, on } = context;
    await startOn(i, felix(context, i));
    await until(`felix on ${nodeName(i)} is ready`, () => felixIsReady(spec, i), {
      seconds: 60,
      everyMs: 100,
      signal: on.signal,
    });
    // As Calico's own installer does: the plugin refuses pods until it finds this file.
    const save = ["sh", "-c", `echo ${nodeName(i)} > /var/lib/calico/nodename`];
    await must(spec.name, nodeName(i), { argv: save });
    await writeFile(join(cniFolder(spec, i), "10-calico.conflist"), JSON.stringify(cniConfig(spec, i)));
  },
};

/** kubectl's wait fails at once on a kind that has no conditions yet, so it is asked again. */
async function established(kubectl: Kubectl): Promise<true> {
  const kinds = ["ippools", "clusterinformations"].map((kind) => `crd/${kind}.crd.projectcalico.org`);
  await kubectl(["wait", "--for=condition=Established", "--timeout=10s", ...kinds]);
  return true;
}

async function settings(spec: Spec): Promise<string> {
  const [pods4, pods6] = ranges.pods;
  const text = await readFile(join(MANIFESTS, "calico.yaml"), "utf8");
  return text.replace("@POD4@", pods4).replace("@POD6@", pods6).replace("@NAME@", spec.name);
}

async function felixIsReady(spec: Spec, i: number): Promise<true | undefined> {
  const argv = ["curl", "-sf", "--max-time", "2", "http://127.0.0.1:9099/readiness"];
  return (await exec(spec.name, nodeName(i), { argv, seconds: 5 })).code === 0 ? true : undefined;
}

/**
 * DebugSkipCTLBCleanup, in exactly this case: without cgo felix panics at start when it cleans up after its eBPF mode.
 * DefaultEndpointToHostAction: pods reach the API server, which runs on their node.
 */
function felix({ spec, folders }: EngineContext, i: number): Component {
  return {
    name: `felix-${i}`,
    argv: [join(folders.engine, "calico-felix")],
    env: {
      KUBECONFIG: pathsOf(spec.name).kubeconfig("calico-node"),
      FELIX_DATASTORETYPE: "kubernetes",
      FELIX_FELIXHOSTNAME: nodeName(i),
      FELIX_LOGSEVERITYSCREEN: "info",
      FELIX_LOGFILEPATH: "none",
      FELIX_IPINIPENABLED: "false",
      FELIX_VXLANENABLED: "false",
      FELIX_IPV6SUPPORT: "true",
      FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT",
      FELIX_USAGEREPORTINGENABLED: "false",
      FELIX_BPFENABLED: "false",
      FELIX_DebugSkipCTLBCleanup: "true",
      // The rules of iptables, kept in nftables: this branch of Calico has no nftables mode of its own that programs policies.
      FELIX_IPTABLESBACKEND: "NFT",
      // Left empty, the CNI plugin would wait in vain for every pod's policies, POLICY_SETUP_SECONDS each.
      FELIX_ENDPOINTSTATUSPATHPREFIX: ENDPOINT_STATUS,
      FELIX_HEALTHENABLED: "true",
      FELIX_HEALTHHOST: "127.0.0.1",
    },
  };
}

function cniConfig(spec: Spec, i: number) {
  const subnets = addressesOf(spec).podsOf(i);
  const plugin = {
    type: "calico",
    log_level: "info",
    log_file_path: "/var/log/calico-cni.log",
    datastore_type: "kubernetes",
    nodename: nodeName(i),
    mtu: 1500,
    ipam: { type: "host-local", dataDir: "/run/cni-ipam", ranges: subnets.map((subnet) => [{ subnet }]) },
    policy: { type: "k8s" },
    policy_setup_timeout_seconds: POLICY_SETUP_SECONDS,
    endpoint_status_dir: `${ENDPOINT_STATUS}/endpoint-status`,
    kubernetes: { kubeconfig: pathsOf(spec.name).kubeconfig("calico-cni") },
  };
  const portmap = { type: "portmap", snat: true, capabilities: { portMappings: true } };
  return { cniVersion: "1.0.0", name: "k8s-pod-network", plugins: [plugin, portmap] };
}
