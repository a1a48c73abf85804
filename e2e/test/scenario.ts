import { randomBytes } from "node:crypto";

import { inject, test } from "vitest";

import { openCluster } from "../cluster/cluster.ts";
import { apply } from "../install/deploy.ts";
import { kubectlOf } from "../install/kubectl.ts";

/** The cluster of the e2e tests, as globalSetup has left it. */
export const cluster = inject("cluster");

/** kubectl as the cluster's administrator; fails with kubectl's own words. */
export const kubectl = kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig });

/** Makes an image known to the cluster's nodes. */
export async function load(image: string): Promise<void> {
  await (await openCluster(cluster.name)).load(image);
}

/** Makes a namespace under Pod Security `restricted` whose name begins with the purpose and is like no other. */
export type MakeNamespace = (purpose: string) => Promise<string>;

/**
 * vitest's `it` with `namespace`: a test makes the namespaces that it needs, and they are deleted after it. Scenarios run
 * side by side, so a test touches nothing outside of its own namespaces.
 *
 * @example
 * it("a closed port is Denied", async ({ namespace }) => {
 *   const shop = await namespace("shop");
 *   await deploy(kubectl, server({ namespace: shop, name: "web" }));
 * });
 */
export const it = test.extend("namespace", async ({ task }, { onCleanup }) => {
  const made: string[] = [];
  onCleanup(async () => {
    if (made.length > 0)
      await kubectl(["delete", "namespace", "--ignore-not-found", "--wait=false", ...made]);
  });
  return async (purpose: string) => {
    const name = `${purpose}-${randomBytes(3).toString("hex")}`;
    made.push(name);
    await apply(kubectl, JSON.stringify(namespaceOf(name, task.name)));
    return name;
  };
});

/** The annotation tells whoever finds the namespace which test it belongs to. */
function namespaceOf(name: string, testName: string) {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const annotations = { "netverdict.dev/e2e-test": testName };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels, annotations } };
}
