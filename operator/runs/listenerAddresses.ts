import type { Check, PlannedPod, ProbeRunSpec, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { familyOf } from "../../crds/vocabulary.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { isListener } from "../planning/nodeLinks.ts";
import { later } from "../runtime/clock.ts";
import { isPodFinished } from "./progress.ts";

/** How long the pods of a run wait for the addresses of the listeners, in milliseconds. */
const MAX_WAIT = 10_000;

/** The known witnesses of a run. */
export interface WitnessPods {
  readonly spec: ProbeRunSpec;
  readonly status?: ProbeRunStatus | undefined;
  /** By name. */
  readonly pods: ReadonlyMap<string, ProbePod>;
}

/**
 * Returns until when the other pods of a run wait. Pods that connect to a listener need its address before they can
 * be created. A success proves something only during the deciding rounds, so all others wait with them. Undefined if
 * there is no listener; if each has an address, or will never have one; or if they have waited for the maximum time.
 */
export function waitDeadline(witnesses: WitnessPods, since: string | undefined, now: Date): Date | undefined {
  const limit = later(new Date(since ?? 0), MAX_WAIT);
  const { spec } = witnesses;
  const awaited = spec.pods.filter((pod) => isListener(pod, spec.paths) && !isAddressKnown(pod, witnesses));
  return awaited.length > 0 && now < limit ? limit : undefined;
}

function isAddressKnown({ name }: PlannedPod, { status, pods }: WitnessPods): boolean {
  const known = status?.pods.find((pod) => pod.name === name);
  return (known !== undefined && isPodFinished(known)) || (pods.get(name)?.podIPs.length ?? 0) > 0;
}

/**
 * Returns the checks of a pod, with the addresses of their listeners. Undefined if a listener has no address, or runs
 * on another node than planned, so that the pod would prove nothing about the link.
 */
export function checksWithAddresses(
  { name }: PlannedPod,
  { spec, pods }: Omit<WitnessPods, "status">,
): Check[] | undefined {
  const checks = spec.paths
    .filter(({ pod }) => pod === name)
    .map(({ check, backends: [backend], kind }) => {
      if (kind !== "Pod" || check.address !== undefined || backend === undefined) return check;
      const listener = pods.get(backend.name);
      const address = listener?.podIPs.find((ip) => familyOf(ip) === check.family);
      return address !== undefined && listener?.nodeName === backend.node ? { ...check, address } : undefined;
    });
  const known = checks.filter((check) => check !== undefined);
  return known.length === checks.length ? known : undefined;
}
