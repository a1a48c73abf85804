interface CalicoPolicySpec {
  /** The pods that it holds for. */
  readonly selector: string;
  readonly namespaceSelector?: string;
  /** The only senders that it allows. */
  readonly source: object;
}

/** A policy of Calico's own kinds for what pods receive, as a manifest for `apply`. */
export function calicoPolicy(
  kind: "NetworkPolicy" | "GlobalNetworkPolicy",
  metadata: { readonly name: string; readonly namespace?: string },
  { source, ...spec }: CalicoPolicySpec,
): string {
  const ingress = [{ action: "Allow", source }];
  const apiVersion = "crd.projectcalico.org/v1";
  return JSON.stringify({ apiVersion, kind, metadata, spec: { types: ["Ingress"], ...spec, ingress } });
}
