import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../process/command.ts";
import type { User } from "./cni/engine.ts";
import { addressesOf, nodeName, nodeNumbers, pathsOf, ranges, type Spec } from "./nodes/spec.ts";

interface Certificate extends User {
  readonly usage: "serverAuth" | "clientAuth";
  readonly names?: readonly string[];
  /** Also written as a kubeconfig of the file's name. */
  readonly kubeconfig?: true;
}

/** A certificate authority, all certificates and the kubeconfigs of one cluster; `users` are those of its engine. */
export async function makePki(spec: Spec, users: readonly User[]): Promise<void> {
  const { pki } = pathsOf(spec.name);
  await mkdir(pki, { recursive: true, mode: 0o700 });
  await Promise.all([makeKey(pki, "ca"), makeKey(pki, "sa")]);
  await Promise.all([
    openssl(pki, [
      "req",
      "-x509",
      "-new",
      "-key",
      "ca.key",
      "-subj",
      `/CN=${spec.name}-ca`,
      "-days",
      "30",
      "-out",
      "ca.crt",
    ]),
    openssl(pki, ["pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub"]),
  ]);
  await Promise.all(
    certificates(spec, users).map(async (certificate) => {
      await issue(pki, certificate);
      if (certificate.kubeconfig) await writeKubeconfig(spec, certificate.file);
    }),
  );
}

/** What Kubernetes and the engine ask for: the subject is the identity that RBAC knows. */
function certificates(spec: Spec, users: readonly User[]): readonly Certificate[] {
  const client = (file: string, subject: string): Certificate => ({
    file,
    subject,
    usage: "clientAuth",
    kubeconfig: true,
  });
  return [
    { file: "apiserver", subject: "/CN=kube-apiserver", usage: "serverAuth", names: apiServerNames(spec) },
    {
      file: "apiserver-kubelet",
      subject: "/O=system:masters/CN=kube-apiserver-kubelet-client",
      usage: "clientAuth",
    },
    client("admin", "/O=system:masters/CN=admin"),
    client("kcm", "/CN=system:kube-controller-manager"),
    client("scheduler", "/CN=system:kube-scheduler"),
    client("proxy", "/CN=system:kube-proxy"),
    ...users.map(({ file, subject }) => client(file, subject)),
    ...nodeNumbers(spec).flatMap((i) => [
      client(nodeName(i), `/O=system:nodes/CN=system:node:${nodeName(i)}`),
      kubeletServing(spec, i),
    ]),
  ];
}

function kubeletServing(spec: Spec, i: number): Certificate {
  const addresses = addressesOf(spec).node(i);
  const names = [`DNS:${nodeName(i)}`, ...addresses.map((address) => `IP:${address}`)];
  return { file: `kubelet${i}`, subject: `/CN=${nodeName(i)}`, usage: "serverAuth", names };
}

function apiServerNames(spec: Spec): readonly string[] {
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const names = [...service, "kubernetes.default.svc.cluster.local", "localhost"];
  const addresses = ["127.0.0.1", ...addressesOf(spec).node(1), ...ranges.firstService];
  return [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
}

async function issue(pki: string, { file, subject, usage, names = [] }: Certificate): Promise<void> {
  const extensions = [
    "basicConstraints=CA:FALSE",
    "keyUsage=digitalSignature",
    `extendedKeyUsage=${usage}`,
    ...(names.length > 0 ? [`subjectAltName=${names.join(",")}`] : []),
  ];
  await makeKey(pki, file);
  await writeFile(join(pki, `${file}.ext`), extensions.join("\n"));
  await openssl(pki, ["req", "-new", "-key", `${file}.key`, "-subj", subject, "-out", `${file}.csr`]);
  // A serial file would be shared by the certificates that are issued at the same time.
  const serial = ["-set_serial", `0x${randomBytes(8).toString("hex")}`];
  const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", ...serial, "-days", "30", "-extfile", `${file}.ext`];
  await openssl(pki, ["x509", "-req", "-in", `${file}.csr`, ...signer, "-out", `${file}.crt`]);
}

async function makeKey(pki: string, file: string): Promise<void> {
  const curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
  await openssl(pki, ["genpkey", ...curve, "-out", `${file}.key`]);
}

async function openssl(pki: string, args: readonly string[]): Promise<void> {
  await run("openssl", args, { cwd: pki, seconds: 20 });
}

async function writeKubeconfig(spec: Spec, user: string): Promise<void> {
  const { pki, kubeconfig } = pathsOf(spec.name);
  const base64 = async (file: string): Promise<string> => readFile(join(pki, file), "base64");
  const cluster = {
    server: addressesOf(spec).apiServer,
    "certificate-authority-data": await base64("ca.crt"),
  };
  const credentials = {
    "client-certificate-data": await base64(`${user}.crt`),
    "client-key-data": await base64(`${user}.key`),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: spec.name, cluster }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: spec.name, context: { cluster: spec.name, user } }],
    "current-context": spec.name,
  };
  await writeFile(kubeconfig(user), JSON.stringify(config, undefined, 2), { mode: 0o600 });
}
