import type { Twin } from "../../crds/proberun/proberun.ts";
import { isLeftOut } from "./leftOutLabels.ts";
import { twinNetworks } from "./secondNetworks.ts";

/** The fields of a running pod that form its network identity; the pod on the API server has more fields. */
export interface SourcePod {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly serviceAccountName: string;
    readonly runtimeClassName?: string | undefined;
    readonly tolerations: readonly Readonly<Record<string, unknown>>[];
    readonly dnsPolicy?: string | undefined;
    readonly dnsConfig?: Readonly<Record<string, unknown>> | undefined;
    readonly hostAliases: readonly Readonly<Record<string, unknown>>[];
  };
}

/** Annotations that select a pod's address pool. */
const POOL_ANNOTATIONS = new Set([
  "cni.projectcalico.org/ipv4pools", // https://docs.tigera.io/calico/latest/networking/ipam/legacy-firewalls
  "cni.projectcalico.org/ipv6pools",
]);

/** Annotations that attach a pod to networks (Multus, https://github.com/k8snetworkplumbingwg/multus-cni). */
const MULTUS_ANNOTATIONS = new Set(["k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network"]);

/** Annotations that give a pod a fixed address. No probe pod takes them over, because its source has that address. */
const ADDRESS_ANNOTATIONS = new Set([
  "cni.projectcalico.org/ipAddrs", // https://docs.tigera.io/calico/latest/reference/configure-cni-plugins
  "cni.projectcalico.org/ipAddrsNoIpam",
  "cni.projectcalico.org/floatingIPs",
  "cni.projectcalico.org/hwAddr",
]);

/**
 * Reports whether the annotation selects a pod's networks or addresses. Network plugins write other annotations into every
 * pod, such as its address, and these are no part of its identity.
 */
export const isNetworkAnnotation = (annotation: string) =>
  [POOL_ANNOTATIONS, MULTUS_ANNOTATIONS, ADDRESS_ANNOTATIONS].some((names) => names.has(annotation));

/**
 * Returns what a probe pod takes over from a running pod of the source. Image pull secrets are omitted: admission
 * adds those of the service account (https://kubernetes.io/docs/concepts/security/service-accounts/).
 */
export function twinOf({ metadata, spec }: SourcePod): Twin {
  const { nodeName, serviceAccountName, runtimeClassName, tolerations, dnsPolicy, dnsConfig, hostAliases } =
    spec;
  return {
    labels: pick(metadata.labels, (label) => !isLeftOut(label)),
    annotations: {
      ...pick(metadata.annotations, (annotation) => POOL_ANNOTATIONS.has(annotation)),
      ...networksOf(metadata),
    },
    serviceAccountName,
    ...(nodeName !== "" && { nodeName }),
    imagePullSecrets: [],
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    tolerations: tolerations.map((toleration) => ({ ...toleration })),
    ...(dnsPolicy !== undefined && { dnsPolicy }),
    ...(dnsConfig !== undefined && { dnsConfig: { ...dnsConfig } }),
    hostAliases: hostAliases.map((alias) => ({ ...alias })),
  };
}

/** The networks that the twin joins. One that it cannot join is left out, and then there is no twin. */
function networksOf({ annotations }: SourcePod["metadata"]): Record<string, string> {
  return Object.fromEntries(
    multusAnnotations(annotations).flatMap(([name, text]) => {
      const taken = twinNetworks(text);
      return "networks" in taken ? [[name, taken.networks] as const] : [];
    }),
  );
}

const multusAnnotations = (annotations: Readonly<Record<string, string>>) =>
  Object.entries(annotations).filter(([name]) => MULTUS_ANNOTATIONS.has(name));

/** Returns why the networks of a source's pod cannot be those of a twin; undefined if they can. */
export function networkProblem({ annotations }: SourcePod["metadata"]): string | undefined {
  return multusAnnotations(annotations).flatMap(([name, text]) => {
    const taken = twinNetworks(text);
    return "problem" in taken ? [`the annotation ${name} of its pod ${taken.problem}`] : [];
  })[0];
}

function pick(texts: Readonly<Record<string, string>>, isWanted: (key: string) => boolean) {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => isWanted(key)));
}
