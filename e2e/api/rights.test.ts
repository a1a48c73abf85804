import { expect, it } from "vitest";
import { attempt } from "../cluster/command.ts";
import { cluster } from "../test/scenario.ts";

const OPERATOR = "system:serviceaccount:netverdict-system:netverdict";

/** Whether the operator may, in the API server's own word; `what` is a resource, `type/name` of one object, or a resource and its subresource. */
async function may(verb: string, what: string, namespace: string): Promise<string> {
  const [resource = "", subresource] = what.split(" ");
  const args = ["auth", "can-i", verb, resource, `--namespace=${namespace}`, `--as=${OPERATOR}`];
  const { stdout } = await attempt(cluster.kubectl, [
    `--kubeconfig=${cluster.kubeconfig}`,
    ...args,
    ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
  ]);
  return stdout.trim();
}

it.each([
  ["watch", "connectivitytests.netverdict.dev", "default"],
  ["update", "connectivitytests.netverdict.dev status", "default"],
  ["create", "proberuns.netverdict.dev", "default"],
  ["update", "proberuns.netverdict.dev status", "default"],
  ["create", "pods", "default"],
  ["delete", "pods", "default"],
  ["list", "services", "default"],
  ["list", "endpointslices.discovery.k8s.io", "default"],
  ["get", "replicasets.apps", "default"],
  ["create", "events.events.k8s.io", "default"],
  ["create", "leases.coordination.k8s.io", "netverdict-system"],
  ["update", "leases.coordination.k8s.io/netverdict", "netverdict-system"],
])("the operator may %s %s in %s", async (verb, resource, namespace) => {
  expect(await may(verb, resource, namespace)).toBe("yes");
});

it.each([
  ["get", "secrets", "default"],
  ["list", "secrets", "netverdict-system"],
  ["get", "pods log", "default"],
  ["create", "pods exec", "default"],
  ["patch", "pods", "default"],
  ["patch", "pods ephemeralcontainers", "default"],
  ["get", "serviceaccounts", "default"],
  ["create", "serviceaccounts token", "default"],
  ["update", "connectivitytests.netverdict.dev", "default"],
  ["update", "proberuns.netverdict.dev", "default"],
  ["create", "connectivitytests.netverdict.dev", "default"],
  ["update", "leases.coordination.k8s.io/other", "netverdict-system"],
  ["create", "leases.coordination.k8s.io", "default"],
  ["get", "nodes", "default"],
])("the operator may not %s %s in %s", async (verb, resource, namespace) => {
  expect(await may(verb, resource, namespace)).toBe("no");
});
