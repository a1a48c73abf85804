import type { Attacks } from "./attack.ts";

const NO_RIGHT = "RBAC: `edit` does not include it";
const NO_GRANT = "no ProbeGrant lets namespace";
const RESERVED = "its name or its owner is reserved for the probe pods of netverdict";
const ENTER = "only cluster administrators may enter it, because its report decides a verdict";
const RESULTS = "only the operator and cluster administrators may write them";

/** What a user tries without a probe pod. */
export const EDITOR_ATTACKS = {
  who: "A user with the role `edit` in one namespace",
  test: "tenants.test.ts",
  rows: {
    run: {
      attempt: "a ProbeRun, which decides labels and account of a pod",
      by: "RBAC: no role of netverdict includes it",
      result: 'cannot create resource "proberuns"',
    },
    clusterTest: {
      attempt: "a ClusterConnectivityTest, which uses the pods of all namespaces",
      by: "RBAC: no role of netverdict includes it",
      result: 'cannot create resource "clusterconnectivitytests"',
    },
    grant: {
      attempt: "a ProbeGrant for the pods of the namespace",
      by: "RBAC: only `admin` includes it",
      result: 'cannot create resource "probegrants"',
    },
    witness: {
      attempt: "a pod in the namespace of the witnesses",
      by: NO_RIGHT,
      result: 'cannot create resource "pods"',
    },
    witnessLog: {
      attempt: "the log of a witness",
      by: NO_RIGHT,
      result: 'cannot get resource "pods"',
    },
    metrics: {
      attempt: "the operator's metrics by a proxy request of the API server",
      by: NO_RIGHT,
      result: 'cannot get resource "services/proxy"',
    },
    operator: {
      attempt: "exec into the operator",
      by: NO_RIGHT,
      result: 'cannot get resource "pods"',
    },
    operatorToken: {
      attempt: "a token of the operator's account",
      by: NO_RIGHT,
      result: 'cannot create resource "serviceaccounts/token"',
    },
    policy: {
      attempt: "deletion of a policy's binding",
      by: NO_RIGHT,
      result: 'cannot delete resource "validatingadmissionpolicybindings"',
    },
    trust: {
      attempt: "the label of the namespace by which its admission is trusted",
      by: NO_RIGHT,
      result: 'cannot patch resource "namespaces"',
    },
    source: {
      attempt: "a test with the identity of another namespace's pods",
      by: "a missing ProbeGrant: `NotGranted`",
      result: NO_GRANT,
    },
    target: {
      attempt: "a test that lists another namespace's pods by labels",
      by: "a missing ProbeGrant: `NotGranted`",
      result: NO_GRANT,
    },
  },
} as const satisfies Attacks;

/** What a user tries with more rights than any role of the cluster gives in a namespace. */
export const OWNER_ATTACKS = {
  who: "A user with all verbs on all resources of one namespace",
  test: "tenants.test.ts",
  rows: {
    run: { attempt: "a ProbeRun", by: "policy `netverdict-results`", result: RESULTS },
    verdict: {
      attempt: "a verdict in the status of a test",
      by: "policy `netverdict-results`",
      result: RESULTS,
    },
    exec: {
      attempt: "exec into a pod with the name of a probe pod",
      by: "policy `netverdict-probe-pod-access`",
      result: ENTER,
    },
    debug: {
      attempt: "the same with a RoleBinding to `netverdict-debug`",
      by: "policy `netverdict-probe-pod-access`: the right counts in all namespaces only",
      result: ENTER,
    },
    reserved: {
      attempt: "a pod with the name of a probe pod",
      by: "policy `netverdict-probe-pods`",
      result: RESERVED,
    },
    statefulSet: {
      attempt: "a StatefulSet whose pods have the names of probe pods",
      by: "policy `netverdict-probe-pods`, at its controller",
      result: RESERVED,
    },
  },
} as const satisfies Attacks;
