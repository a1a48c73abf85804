import type { Check, PlannedPod, ProbeRunSpec, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import { familyOf } from "../../crds/vocabulary.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { isListener } from "../planning/nodeLinks.ts";
import { later } from "../runtime/clock.ts";

/** For so long the pods of a look wait for the addresses of those that listen, in milliseconds. */
const MAX_WAIT = 10_000;

/** The witnesses of a look, as far as they are known. */
export interface WitnessPods {
  readonly spec: ProbeRunSpec;
  readonly status?: ProbeRunStatus | undefined;
  /** By name. */
  readonly pods: ReadonlyMap<string, ProbePod>;
}

/**
 * Until when the other pods of a look wait: those that connect to a listener need its address before they can be created,
 * and a success proves something only while the probes' rounds decide, so that all the others wait with them. Undefined:
 * nobody listens; each has an address, or will never have one; or they have waited for long enough.
 */
export function waitDeadline(witnesses: WitnessPods, since: string | undefined, now: Date): Date | undefined {
  const limit = later(new Date(since ?? 0), MAX_WAIT);
  const { spec } = witnesses;
  const awaited = spec.pods.filter((pod) => isListener(pod, spec.paths) && !isAddressKnown(pod, witnesses));
  return awaited.length > 0 && now < limit ? limit : undefined;
}

function isAddressKnown({ name }: PlannedPod, { status, pods }: WitnessPods): boolean {
  const phase = status?.pods.find((pod) => pod.name === name)?.phase;
  return phase === "Finished" || phase === "NotRun" || (pods.get(name)?.podIPs.length ?? 0) > 0;
}

/**
 * The checks of a pod, with the addresses of the listeners that they go to. Undefined: one of them has none, or runs on
 * another node than it was planned for, so that the pod would tell nothing of the wire.
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
