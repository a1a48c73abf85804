import type { Port } from "../crds/expectation.ts";
import { selects, type LabelSelector } from "../crds/selector.ts";
import { familyOf, type Family } from "../crds/words.ts";
import { addressOf, isReadyOnPort, isRunning, namedPort, type WorkloadPod } from "./pod.ts";
import { spreadOverNodes } from "./spread.ts";
import {
  MAX_BACKENDS,
  missingFamily,
  wantedPort,
  type Expanded,
  type TargetAddress,
  type TargetQuestion,
} from "./targetAddress.ts";
import { workloadOf } from "./workload.ts";

/** The running pods that the selector matches in the test's own namespace: at most 8, spread over nodes. */
export function podAddresses(question: TargetQuestion, selector: LabelSelector): Expanded {
  const { namespace, surroundings, limit = MAX_BACKENDS } = question;
  const running = (surroundings.pods.get(namespace) ?? []).filter(
    (pod) => isRunning(pod) && selects(selector, pod.metadata.labels),
  );
  if (running.length === 0) {
    return {
      addresses: [],
      findings: [{ reason: "TargetNotFound", message: "no running pod matches the target's podSelector" }],
    };
  }
  const chosen = spreadOverNodes(running, {
    limit,
    nodeOf: ({ spec }) => spec.nodeName,
    nameOf: ({ metadata }) => metadata.name,
  });
  const expanded = chosen.map((pod) => addressesOfPod(pod, running.length, question));
  return {
    addresses: expanded.flatMap(({ addresses }) => addresses),
    findings: expanded.flatMap(({ findings }) => findings),
  };
}

function addressesOfPod(pod: WorkloadPod, backendCount: number, question: TargetQuestion): Expanded {
  const to = workloadOf(pod, question.surroundings.replicaSetOwners);
  const wanted = wantedPort(question.expectation);
  const port = wanted === undefined ? undefined : numberOf(pod, wanted);
  if (wanted !== undefined && port === undefined) {
    return {
      addresses: [],
      findings: [{ reason: "TargetNotFound", message: `${to} has no container port named ${wanted}` }],
    };
  }
  const families = question.families ?? pod.status.podIPs.map(({ ip }) => familyOf(ip));
  const addressed = families.map((family) => [family, addressOf(pod, family)] as const);
  return {
    addresses: addressed.flatMap(([family, address]) =>
      address === undefined
        ? []
        : [onePod(pod, { to, family, address, backendCount, ...(port !== undefined && { port }) })],
    ),
    findings: addressed.flatMap(([family, address]) =>
      address === undefined ? [missingFamily(to, family)] : [],
    ),
  };
}

const numberOf = (pod: WorkloadPod, port: Port) => (typeof port === "number" ? port : namedPort(pod, port));

interface OnePod {
  readonly to: string;
  readonly family: Family;
  readonly address: string;
  readonly backendCount: number;
  readonly port?: number;
}

function onePod(pod: WorkloadPod, found: OnePod): TargetAddress {
  const { address, port } = found;
  return {
    ...found,
    kind: "Pod",
    signOfLife: !pod.spec.hostNetwork,
    backends: [
      {
        name: pod.metadata.name,
        uid: pod.metadata.uid,
        node: pod.spec.nodeName,
        hostNetwork: pod.spec.hostNetwork,
        readinessOnPort: port !== undefined && isReadyOnPort(pod, { address, port }),
      },
    ],
  };
}
