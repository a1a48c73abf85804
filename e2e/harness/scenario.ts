import { randomBytes } from "node:crypto";

import { expect, inject, onTestFinished } from "vitest";

import { openCluster } from "../cluster/cluster.ts";
import { apply } from "../kube/deploy.ts";
import { kubectlOf } from "../kube/kubectl.ts";
import { readerOf } from "../kube/read.ts";

/** The cluster of the e2e tests, as globalSetup has left it. */
export const cluster = inject("cluster");

/** kubectl as the cluster's administrator; fails with kubectl's own words. */
export const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });

/** Reads from the API server as the cluster's administrator. For everything that waits, since a read costs a millisecond of CPU. */
export const read = readerOf(cluster.kubeconfig);

/** Makes an image known to the cluster's nodes. */
export async function load(image: string): Promise<void> {
  await (await openCluster(cluster.name)).load(image);
}

/**
 * Makes a namespace whose name begins with the purpose and is like no other; it is deleted after the test. Scenarios run
 * side by side, so a test touches nothing outside of its own namespaces.
 *
 * @example
 * it("a closed port is Denied", async () => {
 *   const here = await namespace("closed");
 *   await deploy(kubectl, server({ namespace: here, name: "web" }));
 * });
 */
export async function namespace(purpose: string, options: NamespaceOptions = {}): Promise<string> {
  const { currentTestName: testName = purpose } = expect.getState();
  const { name, remove } = await makeNamespace(purpose, { testName, ...options });
  onTestFinished(remove);
  return name;
}

interface NamespaceOptions {
  /** The Pod Security level that it enforces; left out: `restricted`, which is all that netverdict needs. */
  readonly podSecurity?: "restricted" | "privileged";
}

interface MadeNamespace {
  readonly name: string;
  /** Deletes it and everything in it; does not wait until it is gone. */
  readonly remove: () => Promise<void>;
}

/** The same for a `beforeAll`, which returns `remove` as its own end: for tests that all look at one run. */
export async function makeNamespace(
  purpose: string,
  { testName = purpose, podSecurity = "restricted" }: NamespaceOptions & { readonly testName?: string } = {},
): Promise<MadeNamespace> {
  const name = `${purpose}-${randomBytes(3).toString("hex")}`;
  await apply(kubectl, JSON.stringify(namespaceOf(name, { testName, podSecurity })));
  return {
    name,
    remove: async () => {
      await kubectl(["delete", "namespace", name, "--ignore-not-found", "--wait=false"]);
    },
  };
}

/** The annotation names the test of the namespace, for users who find it. */
function namespaceOf(name: string, { testName, podSecurity }: { testName: string; podSecurity: string }) {
  const labels = { "pod-security.kubernetes.io/enforce": podSecurity };
  const annotations = { "netverdict.dev/e2e-test": testName };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } };
}
