import { expect, it } from "vitest";
import { attempt } from "../process/command.ts";
import { cluster, kubectl, namespace as newNamespace } from "../harness/scenario.ts";

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
  ["watch", "clusterconnectivitytests.netverdict.dev", "default"],
  ["update", "clusterconnectivitytests.netverdict.dev status", "default"],
  ["watch", "probegrants.netverdict.dev", "default"],
  ["list", "namespaces", "default"],
  ["create", "proberuns.netverdict.dev", "default"],
  ["update", "proberuns.netverdict.dev status", "default"],
  ["create", "pods", "default"],
  ["delete", "pods", "default"],
  ["patch", "pods", "netverdict-witness"],
  ["list", "services", "default"],
  ["list", "endpointslices.discovery.k8s.io", "default"],
  ["watch", "endpointslices.discovery.k8s.io", "default"],
  ["list", "networkpolicies.networking.k8s.io", "default"],
  ["list", "limitranges", "default"],
  ["list", "resourcequotas", "default"],
  ["get", "replicasets.apps", "default"],
  ["watch", "replicasets.apps", "default"],
  ["create", "events.events.k8s.io", "default"],
  ["list", "events.events.k8s.io", "default"],
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
  ["watch", "events.events.k8s.io", "default"],
  ["list", "events", "default"],
  ["get", "namespaces", "default"],
  ["create", "probegrants.netverdict.dev", "default"],
  ["update", "clusterconnectivitytests.netverdict.dev", "default"],
  ["update", "networkpolicies.networking.k8s.io", "default"],
  ["get", "mutatingwebhookconfigurations.admissionregistration.k8s.io", "default"],
])("the operator may not %s %s in %s", async (verb, what, namespace) => {
  expect(await may({ who: OPERATOR, verb, what, namespace })).toBe("no");
});

const TESTS = "connectivitytests.netverdict.dev";
const GRANTS = "probegrants.netverdict.dev";
const RUNS = "proberuns.netverdict.dev";
const CLUSTER_TESTS = "clusterconnectivitytests.netverdict.dev";

/** What is asked of each role, and the roles that may. */
const questions: readonly (readonly [verb: string, what: string, roles: readonly string[]])[] = [
  ["get", TESTS, ["view", "edit", "admin"]],
  ["get", RUNS, ["view", "edit", "admin"]],
  ["get", GRANTS, ["view", "edit", "admin"]],
  ["create", TESTS, ["edit", "admin"]],
  ["create", GRANTS, ["admin"]],
  ["create", RUNS, []],
  ["update", `${RUNS} status`, []],
  ["update", `${TESTS} status`, []],
  ["get", CLUSTER_TESTS, []],
  ["create", CLUSTER_TESTS, []],
  // The right to enter probe pods, which is a name without objects.
  ["debug", "probepods.netverdict.dev", []],
];

it.each(["view", "edit", "admin"])(
  "the role %s may do in its namespace what it is meant for, and no more",
  async (role) => {
    const namespace = await newNamespace(role);
    const who = `${role}-of-${namespace}`;
    const binding = ["create", "rolebinding", role, `--clusterrole=${role}`];
    await kubectl([...binding, `--user=${who}`, `--namespace=${namespace}`]);
    for (const [verb, what, roles] of questions) {
      const answer = roles.includes(role) ? "yes" : "no";
      expect([verb, what, await may({ who, verb, what, namespace })]).toEqual([verb, what, answer]);
    }
  },
);
