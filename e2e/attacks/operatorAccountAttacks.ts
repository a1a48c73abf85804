import type { Attacks } from "./attack.ts";

const ONLY_PROBE_PODS = "it may create, change and delete only pods that a ProbeRun controls";
const ONLY_THE_PROBE = "its pods may have one container with the image";
const OF_A_NODE = "its pods may use the network of a node only in the namespace netverdict-witness";
const PRIVILEGES = "its pods may have no token, no device, no folder of a node and no privileged container";
const GATE = "policy `netverdict-readiness-gate`";
const by = "policy `netverdict-operator`";

/** What a user tries with the account of the operator. */
export const OPERATOR_ACCOUNT_ATTACKS = {
  who: "A user who has got a token of the operator's account",
  test: "operatorAccount.test.ts",
  rows: {
    noOwner: { attempt: "a pod without an owner", by, result: ONLY_PROBE_PODS },
    otherOwner: { attempt: "a pod of a ReplicaSet", by, result: ONLY_PROBE_PODS },
    notController: {
      attempt: "a pod that a ProbeRun owns and does not control",
      by,
      result: ONLY_PROBE_PODS,
    },
    hostNetwork: { attempt: "a probe pod on the network of a node", by, result: OF_A_NODE },
    hostProcesses: { attempt: "a probe pod among the processes of a node", by, result: OF_A_NODE },
    token: { attempt: "a probe pod with a token", by, result: PRIVILEGES },
    folder: { attempt: "a probe pod with a folder of a node", by, result: PRIVILEGES },
    trustedFolder: {
      attempt: "the same where admission is trusted",
      by,
      result: PRIVILEGES,
    },
    privileged: { attempt: "a probe pod with a privileged container", by, result: PRIVILEGES },
    image: { attempt: "a probe pod with another image", by, result: ONLY_THE_PROBE },
    command: { attempt: "a probe pod with another command", by, result: ONLY_THE_PROBE },
    inspector: {
      attempt: "a probe pod whose runner starts Node's inspector at SIGUSR1",
      by,
      result: ONLY_THE_PROBE,
    },
    arguments: { attempt: "a probe pod with arguments", by, result: ONLY_THE_PROBE },
    hook: { attempt: "a probe pod with a hook that runs a command", by, result: ONLY_THE_PROBE },
    readiness: { attempt: "a probe pod whose readiness runs a command", by, result: ONLY_THE_PROBE },
    nodeOptions: { attempt: "a probe pod with NODE_OPTIONS", by, result: ONLY_THE_PROBE },
    secretVariable: { attempt: "a probe pod with a Secret in a variable", by, result: ONLY_THE_PROBE },
    secretVolume: { attempt: "a probe pod with a Secret in a volume", by, result: ONLY_THE_PROBE },
    second: { attempt: "a probe pod with another container", by, result: ONLY_THE_PROBE },
    deletion: { attempt: "deletion of the pod of a workload", by, result: ONLY_PROBE_PODS },
    otherStatus: {
      attempt: "a status of a pod without the readiness gate of netverdict",
      by: GATE,
      result: "it may change the status only of pods with the readiness gate netverdict.dev/passed",
    },
    otherCondition: {
      attempt: "the condition Ready of a pod with that readiness gate",
      by: GATE,
      result: "it may change the condition netverdict.dev/passed of a pod, and nothing else of its status",
    },
    address: {
      attempt: "another address in the status of such a pod",
      by: GATE,
      result: "it may change the condition netverdict.dev/passed of a pod, and nothing else of its status",
    },
    statusLabel: {
      attempt: "a label of such a pod, with its status",
      by: GATE,
      result: "it may change no label, annotation or finalizer of a pod",
    },
    takenBack: {
      attempt: "such a pod that has passed out of its Services",
      by: GATE,
      result: "it may not take back the condition netverdict.dev/passed",
    },
    secrets: {
      attempt: "a list of all Secrets",
      by: "RBAC: the operator has no right to Secrets",
      result: 'cannot list resource "secrets"',
    },
    operatorToken: {
      attempt: "a token of another account",
      by: "RBAC: the operator has no right to tokens",
      result: 'cannot create resource "serviceaccounts/token"',
    },
  },
} as const satisfies Attacks;
