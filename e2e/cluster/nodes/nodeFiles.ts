import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Binaries } from "../build/binaries.ts";
import { cgroupOf } from "./cgroups.ts";
import { pathsOf, ranges, type Spec } from "./spec.ts";

/** What the files of a node depend on beside the spec. */
export interface NodeParts {
  readonly folders: Binaries;
  /** The sandbox image's reference. */
  readonly pause: string;
}

/** The folder of a node's CNI configuration; its first file is what makes the node Ready. */
export function cniFolder(spec: Pick<Spec, "name">, i: number): string {
  return join(pathsOf(spec.name).node(i), "cni");
}

/** Writes the configuration of containerd and kubelet of one node. */
export async function writeNodeFiles(spec: Spec, i: number, parts: NodeParts): Promise<void> {
  const folder = pathsOf(spec.name).node(i);
  await mkdir(cniFolder(spec, i), { recursive: true });
  await writeFile(join(folder, "containerd.toml"), containerdConfig(spec, i, parts));
  await writeFile(join(folder, "kubelet.json"), JSON.stringify(kubeletConfig(spec, i), undefined, 2));
  // A name server that does not exist: what a pod asks with dnsPolicy Default must not reach the machine's own.
  await writeFile(join(folder, "resolv.conf"), "nameserver 192.0.2.1\n");
}

/**
 * `restrict_oom_score_adj`: a root without CAP_SYS_RESOURCE may not lower it, and every sandbox would fail.
 * The pinned sandbox image is imported, for nothing can be pulled.
 */
function containerdConfig(spec: Spec, i: number, { folders, pause }: NodeParts): string {
  const folder = pathsOf(spec.name).node(i);
  const cri = `plugins."io.containerd.cri.v1`;
  return `version = 3
root = "${folder}/containerd"
state = "/run/containerd"
[grpc]
address = "/run/containerd/containerd.sock"
[${cri}.images"]
snapshotter = "overlayfs"
[${cri}.images".pinned_images]
sandbox = "${pause}"
[${cri}.runtime"]
restrict_oom_score_adj = true
[${cri}.runtime".cni]
bin_dirs = ["${folders.base}", "${folders.engine}"]
conf_dir = "${cniFolder(spec, i)}"
[${cri}.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[${cri}.runtime".containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = false
`;
}

/** Neither the state of the machine's disk nor its swap may evict pods or remove images. */
function kubeletConfig(spec: Spec, i: number) {
  const { pki, node } = pathsOf(spec.name);
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroupOf(spec.name, i),
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: `${pki}/kubelet${i}.crt`,
    tlsPrivateKeyFile: `${pki}/kubelet${i}.key`,
    clusterDNS: [ranges.dns],
    clusterDomain: "cluster.local",
    resolvConf: `${node(i)}/resolv.conf`,
    volumePluginDir: `${node(i)}/volume-plugins`,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "100Mi" },
    maxPods: 250,
    serializeImagePulls: false,
  };
}
