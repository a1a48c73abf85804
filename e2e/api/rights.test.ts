import { expect, it } from "vitest";
import { attempt } from "../cluster/command.ts";
import { cluster, kubectl, namespace as newNamespace } from "../test/scenario.ts";

const OPERATOR = "system:serviceaccount:netverdict-system:netverdict";

interface Question {
  readonly who: string;
  readonly verb: string;
  /** A resource, `type/name` of one object, or a resource and its subresource. */
  readonly what: string;
  readonly namespace: string;
}

/** `yes` or `no`, in the API server's own word. */
async function may({ who, verb, what, namespace }: Question): Promise<string> {
  const [resource = "", subresource] = what.split(" ");
  const args = ["auth", "can-i", verb, resource, `--namespace=${namespace}`, `--as=${who}`];
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
  ["list", "networkpolicies.networking.k8s.io", "default"],
  ["list", "limitranges", "default"],
  ["list", "resourcequotas", "default"],
  ["get", "replicasets.apps", "default"],
  ["create", "events.events.k8s.io", "default"],
  ["create", "leases.coordination.k8s.io", "netverdict-system"],
  ["update", "leases.coordination.k8s.io/netverdict", "netverdict-system"],
])("the operator may %s %s in %s", async (verb, what, namespace) => {
  expect(await may({ who: OPERATOR, verb, what, namespace })).toBe("yes");
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
  ["update", "networkpolicies.networking.k8s.io", "default"],
  ["get", "mutatingwebhookconfigurations.admissionregistration.k8s.io", "default"],
])("the operator may not %s %s in %s", async (verb, what, namespace) => {
  expect(await may({ who: OPERATOR, verb, what, namespace })).toBe("no");
});

it("who may edit a namespace writes tests there and only reads runs and statuses", async () => {
  const namespace = await newNamespace("editor");
  const who = `editor-of-${namespace}`;
  await kubectl([
    "create",
    "rolebinding",
    "editor",
    "--clusterrole=edit",
    `--user=${who}`,
    `--namespace=${namespace}`,
  ]);
  const mayEditor = async (verb: string, what: string) => may({ who, verb, what, namespace });
  expect(await mayEditor("create", "connectivitytests.netverdict.dev")).toBe("yes");
  expect(await mayEditor("get", "proberuns.netverdict.dev")).toBe("yes");
  expect(await mayEditor("create", "proberuns.netverdict.dev")).toBe("no");
  expect(await mayEditor("update", "connectivitytests.netverdict.dev status")).toBe("no");
});
