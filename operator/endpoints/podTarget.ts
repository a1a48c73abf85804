import type { Port } from "../../crds/expectation.ts";
import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import { nobodyReached, reachedPods, type ReachedPod, type Selection } from "../cluster/podSelection.ts";
import { workloadName } from "../cluster/workload.ts";
import { addressOf, isReadyOnPort, namedPort, type WorkloadPod } from "../cluster/workloadPod.ts";
import { spreadOverNodes } from "./spreadOverNodes.ts";
import {
  missingFamily,
  wantedPort,
  type Expanded,
  type TargetAddress,
  type TargetQuestion,
} from "./targetAddress.ts";

/** Returns the running pods that the target's selectors match: at most 8 of each workload, spread over nodes. */
export function podAddresses(question: TargetQuestion, selection: Selection): Expanded {
  const { namespace: own, surroundings, limit = MAX_BACKENDS } = question;
  const running = reachedPods(selection, { own, ...surroundings });
  if (running.length === 0) {
    return { addresses: [], findings: [nobodyReached(selection, { own, ...surroundings })] };
  }
  const owners = surroundings.replicaSetOwners;
  const workloads = Map.groupBy(running, ({ pod }) => workloadName(pod, { owners, own }));
  const named = [...workloads].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const expanded = named.flatMap(([to, pods]) =>
    spreadOverNodes(pods, {
      limit,
      nodeOf: ({ pod }) => pod.spec.nodeName,
      nameOf: ({ pod }) => pod.metadata.name,
    }).map((pod) => addressesOfPod(pod, { to, backendCount: pods.length }, question)),
  );
  return {
    addresses: expanded.flatMap(({ addresses }) => addresses),
    findings: expanded.flatMap(({ findings }) => findings),
  };
}

/** A workload that a selector matches, and the number of its running pods. */
interface TargetWorkload {
  readonly to: string;
  readonly backendCount: number;
}

function addressesOfPod(
  { pod, ...by }: ReachedPod,
  workload: TargetWorkload,
  question: TargetQuestion,
): Expanded {
  const { to } = workload;
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
        : [onePod(pod, { ...by, ...workload, family, address, ...(port !== undefined && { port }) })],
    ),
    findings: addressed.flatMap(([family, address]) =>
      address === undefined ? [missingFamily(to, family)] : [],
    ),
  };
}

const numberOf = (pod: WorkloadPod, port: Port) => (typeof port === "number" ? port : namedPort(pod, port));

interface OnePod extends TargetWorkload, Pick<ReachedPod, "grant"> {
  readonly family: Family;
  readonly address: string;
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
