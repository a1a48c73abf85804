import { join } from "node:path";

import { type Binaries, searchPath } from "../build/binaries.ts";
import { addressesOf, nodeName, pathsOf, ranges, type Spec } from "./spec.ts";
import type { Component } from "./supervision.ts";

/** containerd finds its shim, and kubelet its tools, on the search path. */
export function containerd(spec: Spec, i: number, folders: Binaries): Component {
  return {
    name: `containerd-${i}`,
    argv: [join(folders.base, "containerd"), "--config", join(pathsOf(spec.name).node(i), "containerd.toml")],
    env: { PATH: searchPath(folders) },
  };
}

export function kubelet(spec: Spec, i: number, folders: Binaries): Component {
  const { node, kubeconfig } = pathsOf(spec.name);
  return {
    name: `kubelet-${i}`,
    argv: [
      join(folders.base, "kubelet"),
      `--config=${node(i)}/kubelet.json`,
      `--kubeconfig=${kubeconfig(nodeName(i))}`,
      `--hostname-override=${nodeName(i)}`,
      `--node-ip=${addressesOf(spec).node(i).join(",")}`,
      `--root-dir=${node(i)}/kubelet`,
      `--cert-dir=${node(i)}/kubelet/pki`,
    ],
    env: { PATH: searchPath(folders) },
  };
}

/** The limits of conntrack belong to the machine's first network namespace: 0 leaves them alone. */
export function kubeProxy(spec: Spec, i: number, folders: Binaries): Component {
  return {
    name: `kube-proxy-${i}`,
    argv: [
      join(folders.base, "kube-proxy"),
      `--kubeconfig=${pathsOf(spec.name).kubeconfig("proxy")}`,
      `--hostname-override=${nodeName(i)}`,
      "--proxy-mode=nftables",
      `--cluster-cidr=${ranges.pods.join(",")}`,
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0",
      "--conntrack-tcp-timeout-close-wait=0",
    ],
  };
}
