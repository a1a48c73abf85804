import type { Port } from "../../crds/expectation.ts";
import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import { noPodsProblem, selectPods, type SelectedPod, type Selection } from "../cluster/podSelection.ts";
import { workloadName } from "../cluster/workload.ts";
import { isReadyOnPort, namedPorts, podAddress, type WorkloadPod } from "../cluster/workloadPod.ts";
import { spreadOverNodes } from "./spreadOverNodes.ts";
import {
  missingFamily,
  wantedPort,
  type ExpandedTarget,
  type TargetAddress,
  type TargetQuery,
} from "./targetAddress.ts";

/** Returns the running pods that the target's selectors match: at most 8 of each workload, spread over nodes. */
export function podAddresses(query: TargetQuery, selection: Selection): ExpandedTarget {
  const { namespace: own, snapshot, limit = MAX_BACKENDS } = query;
  const running = selectPods(selection, { own, ...snapshot });
  if (running.length === 0) {
    return { addresses: [], findings: [noPodsProblem(selection, { own, ...snapshot })] };
  }
  const owners = snapshot.replicaSetOwners;
  const workloads = Map.groupBy(running, ({ pod }) => workloadName(pod, { owners, own }));
  const named = [...workloads].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const expanded = named.flatMap(([to, pods]) =>
    spreadOverNodes(pods, {
      limit,
      nodeOf: ({ pod }) => pod.spec.nodeName,
      nameOf: ({ pod }) => pod.metadata.name,
    }).map((pod) => addressesOfPod(pod, { to, backendCount: pods.length }, query)),
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
  { pod, ...by }: SelectedPod,
  workload: TargetWorkload,
  query: TargetQuery,
): ExpandedTarget {
  const { to } = workload;
  const ports = portsOf(pod, wantedPort(query.expectation));
  if (ports.length === 0) {
    const name = String(wantedPort(query.expectation));
    return {
      addresses: [],
      findings: [{ reason: "TargetNotFound", message: `${to} has no container port named ${name}` }],
    };
  }
  const families = query.families ?? pod.status.podIPs.map(({ ip }) => familyOf(ip));
  const addressed = families.map((family) => [family, podAddress(pod, family)] as const);
  return {
    addresses: addressed.flatMap(([family, address]) =>
      address === undefined
        ? []
        : ports.map((port) => onePod(pod, { ...by, ...workload, family, address, ...port })),
    ),
    findings: addressed.flatMap(([family, address]) =>
      address === undefined ? [missingFamily(to, family)] : [],
    ),
  };
}

/** Returns the ports to dial: every port of a name, or one without a number with icmp. */
function portsOf(pod: WorkloadPod, wanted: Port | undefined): { port?: number }[] {
  if (wanted === undefined) return [{}];
  const numbers = typeof wanted === "number" ? [wanted] : namedPorts(pod, wanted);
  return numbers.map((port) => ({ port }));
}

interface OnePod extends TargetWorkload, Pick<SelectedPod, "grant"> {
  readonly family: Family;
  readonly address: string;
  readonly port?: number;
}

function onePod(pod: WorkloadPod, found: OnePod): TargetAddress {
  const { address, port } = found;
  return {
    ...found,
    kind: "Pod",
    provesSource: !pod.spec.hostNetwork,
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
