import type { Attacks } from "./attack.ts";

const ENTER = "only cluster administrators may enter it, because its report decides a verdict";
const CHANGE = "only cluster administrators may change it, because its report decides a verdict";
const RESERVED = "its name or its owner is reserved for the probe pods of netverdict";
const ACCESS = "policy `netverdict-probe-pod-access`";
const PODS = "policy `netverdict-probe-pods`";

/** What a user tries at a running probe pod, whose verdict will be Failed. */
export const PROBE_POD_ATTACKS = {
  who: "A user with the role `edit` in the namespace of the source",
  test: "probePods.test.ts",
  rows: {
    exec: { attempt: "exec into a probe pod", by: ACCESS, result: ENTER },
    attach: { attempt: "attach to a probe pod", by: ACCESS, result: ENTER },
    portForward: { attempt: "port-forward to the runner's port", by: ACCESS, result: ENTER },
    proxy: { attempt: "a proxy request, with a scheme before the pod's name", by: ACCESS, result: ENTER },
    ephemeral: { attempt: "an ephemeral container in a probe pod", by: ACCESS, result: ENTER },
    label: { attempt: "another label for a probe pod", by: PODS, result: CHANGE },
    annotation: { attempt: "another annotation for a probe pod", by: PODS, result: CHANGE },
    image: { attempt: "another image for the container of a probe pod", by: PODS, result: CHANGE },
    deadline: { attempt: "a shorter deadline for a probe pod", by: PODS, result: CHANGE },
    orphan: { attempt: "removal of the ProbeRun as the owner of a probe pod", by: PODS, result: CHANGE },
    podStatus: {
      attempt: "a termination message in the status of a probe pod",
      by: "RBAC: `edit` does not include it",
      result: 'cannot patch resource "pods/status"',
    },
    owned: {
      attempt: "a workload with a ProbeRun as its owner, to be neither source nor target",
      by: PODS,
      result: RESERVED,
    },
    reserved: { attempt: "a pod with the name of a probe pod", by: PODS, result: RESERVED },
    adopted: {
      attempt: "a ProbeRun as the owner of a pod that exists",
      by: PODS,
      result: "only netverdict creates pods that a ProbeRun owns",
    },
    results: {
      attempt: "a result in the status of a ProbeRun",
      by: "RBAC: no role of netverdict includes it",
      result: 'cannot update resource "proberuns/status"',
    },
    verdict: {
      attempt: "a verdict in the status of a test",
      by: "RBAC: no role of netverdict includes it",
      result: 'cannot update resource "connectivitytests/status"',
    },
  },
} as const satisfies Attacks;
