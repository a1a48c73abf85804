import { join } from "node:path";

import type { Binaries } from "../build/binaries.ts";
import { addressesOf, pathsOf, ranges, type Spec } from "./spec.ts";
import type { Component } from "./supervision.ts";

/** The programs of the control plane, all on node 1. They start at once: each tries again until the others answer. */
export function controlPlane(spec: Spec, folders: Binaries): readonly Component[] {
  return [
    etcd(spec, folders),
    apiServer(spec, folders),
    controllerManager(spec, folders),
    scheduler(spec, folders),
  ];
}

function etcd(spec: Spec, folders: Binaries): Component {
  const client = "http://127.0.0.1:2379";
  return {
    name: "etcd",
    argv: [
      join(folders.base, "etcd"),
      `--data-dir=${pathsOf(spec.name).data}/etcd`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      "--listen-peer-urls=http://127.0.0.1:2380",
      // The data are thrown away with the cluster.
      "--unsafe-no-fsync",
    ],
  };
}

function apiServer(spec: Spec, folders: Binaries): Component {
  const { pki } = pathsOf(spec.name);
  return {
    name: "kube-apiserver",
    argv: [
      join(folders.base, "kube-apiserver"),
      "--etcd-servers=http://127.0.0.1:2379",
      "--secure-port=6443",
      `--advertise-address=${addressesOf(spec).node(1)[0]}`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      `--client-ca-file=${pki}/ca.crt`,
      `--kubelet-client-certificate=${pki}/apiserver-kubelet.crt`,
      `--kubelet-client-key=${pki}/apiserver-kubelet.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      "--kubelet-preferred-address-types=InternalIP",
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
      `--service-cluster-ip-range=${ranges.services.join(",")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${pki}/sa.pub`,
      `--service-account-signing-key-file=${pki}/sa.key`,
    ],
  };
}

/** Single instances need no leader election; without it they start several seconds sooner. */
function controllerManager(spec: Spec, folders: Binaries): Component {
  const { pki, kubeconfig } = pathsOf(spec.name);
  return {
    name: "kube-controller-manager",
    argv: [
      join(folders.base, "kube-controller-manager"),
      `--kubeconfig=${kubeconfig("kcm")}`,
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      `--service-account-private-key-file=${pki}/sa.key`,
      `--root-ca-file=${pki}/ca.crt`,
      "--authentication-skip-lookup=true",
      // Each node's pod range is fixed in its CNI configuration.
      "--allocate-node-cidrs=false",
    ],
  };
}

function scheduler(spec: Spec, folders: Binaries): Component {
  return {
    name: "kube-scheduler",
    argv: [
      join(folders.base, "kube-scheduler"),
      `--kubeconfig=${pathsOf(spec.name).kubeconfig("scheduler")}`,
      "--leader-elect=false",
      "--authentication-skip-lookup=true",
    ],
  };
}
