/** A label that pods of a queue have, and their twins do not. */
export const QUEUE = "volcano.sh/queue-name";

interface Place {
  readonly namespace: string;
  /** Ranges of the addresses of the workload `legacy`. */
  readonly ranges: readonly string[];
}

const API = "cilium.io/v2";
const podsOf = (app: string) => ({ matchLabels: { "k8s:app": app } });
const ofQueue = { matchLabels: { "k8s:app": "batch", [`k8s:${QUEUE}`]: "nightly" } };

/**
 * Policies of Cilium's own kinds. `vault` and `mail` let in a source by a label that its twin lacks, `ldap` by the addresses of
 * the source, and `outbound` holds only for what the source itself sends. `web` treats source and twin alike.
 */
export function ciliumPolicies({ namespace, ranges }: Place) {
  const namespaced = (name: string, spec: object) => ({
    apiVersion: API,
    kind: "CiliumNetworkPolicy",
    metadata: { namespace, name },
    spec,
  });
  const inNamespace = { "k8s:io.kubernetes.pod.namespace": namespace };
  return [
    namespaced("vault", {
      endpointSelector: podsOf("vault"),
      ingress: [{ fromEndpoints: [ofQueue, podsOf("monitor")] }],
    }),
    {
      apiVersion: API,
      kind: "CiliumClusterwideNetworkPolicy",
      metadata: { name: `${namespace}-mail` },
      spec: {
        endpointSelector: { matchLabels: { ...podsOf("mail").matchLabels, ...inNamespace } },
        ingress: [{ fromEndpoints: [{ matchLabels: { ...ofQueue.matchLabels, ...inNamespace } }] }],
      },
    },
    namespaced("ldap", { endpointSelector: podsOf("ldap"), ingress: [{ fromCIDR: ranges }] }),
    namespaced("outbound", {
      endpointSelector: { matchLabels: { ...podsOf("outbound").matchLabels, [`k8s:${QUEUE}`]: "nightly" } },
      egress: [{ toEntities: ["world"] }],
    }),
    namespaced("web", { endpointSelector: podsOf("web"), ingress: [{ fromEntities: ["cluster"] }] }),
  ];
}
