import { twinSchema } from "../crds/proberun.ts";
import { selects } from "../crds/selector.ts";
import { twinOf } from "../probes/twin.ts";
import type { Problem } from "./problem.ts";
import type { Source } from "./sources.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { egressTelltale, holdsFor, ingressTelltales, type Telltale } from "./telltale.ts";

/** Why no probe pod can stand for a source towards a target; undefined: one can. */
export type Imitation = (target: TargetAddress) => Problem | undefined;

/**
 * Whether a probe pod can stand for a source without anybody noticing: no policy tells the two apart, no Service sends
 * its users there, and a ProbeRun has room for it. Policies of other engines cannot be read.
 */
export function imitationOf(source: Source, surroundings: Surroundings): Imitation {
  const always = tooLarge(source) ?? exposed(source, surroundings) ?? toldByEgress(source, surroundings);
  if (always !== undefined) {
    const problem = notReproducible(source, always);
    return () => problem;
  }
  const telltales = ingressTelltales(source.pods, surroundings);
  return (target) => {
    const telltale = telltales.find((one) => meets(one, target, surroundings));
    return telltale && notReproducible(source, tells(telltale, source));
  };
}

const notReproducible = ({ workload }: Source, why: string): Problem => ({
  reason: "SourceNotReproducible",
  message: `${workload} cannot be imitated: ${why}`,
});

/** The API server would refuse the whole run. */
function tooLarge({ pod }: Source): string | undefined {
  const { error } = twinSchema.safeParse(twinOf(pod));
  if (error === undefined) return undefined;
  const field = String(error.issues[0]?.path[0] ?? "fields");
  return `the ${field} of its pod ${pod.metadata.name} are too many or too long`;
}

/** A Service that publishes pods before they are Ready would send its users to the probe pod. */
function exposed({ pod }: Source, { services }: Surroundings): string | undefined {
  const { labels } = twinOf(pod);
  const service = [...services.values()].find(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      spec.publishNotReadyAddresses &&
      Object.keys(spec.selector).length > 0 &&
      selects({ matchLabels: spec.selector }, labels),
  );
  return (
    service &&
    `Service ${service.metadata.name} publishes addresses that are not ready and would send its users to the probe pod; unset its publishNotReadyAddresses, or choose source pods that it does not select`
  );
}

function toldByEgress(source: Source, surroundings: Surroundings): string | undefined {
  const telltale = egressTelltale(source.pods, surroundings);
  return telltale && tells(telltale, source);
}

function meets(telltale: Telltale, { backends }: TargetAddress, { pods }: Surroundings): boolean {
  const uids = new Set(backends.map(({ uid }) => uid));
  const inNamespace = pods.get(telltale.policy.metadata.namespace) ?? [];
  return inNamespace.some((pod) => uids.has(pod.metadata.uid) && holdsFor(telltale, pod));
}

/** Another namespace's policy is not named: whoever writes the test may not be meant to see it. */
function tells({ policy, labels }: Telltale, { pod }: Source): string {
  const { namespace, name } = policy.metadata;
  const which =
    namespace === pod.metadata.namespace
      ? `NetworkPolicy ${name}`
      : `a NetworkPolicy of namespace ${namespace}`;
  return `${which} selects by ${labels.join(", ")}, which no probe pod may carry; select by another label there`;
}
