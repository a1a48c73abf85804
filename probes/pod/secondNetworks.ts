import { z } from "zod";

/** The part of `namespace/name@interface` that Multus accepts as a name. */
const NAME = "[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?";
const SHORT_ELEMENT = new RegExp(`^(?:${NAME}/)?${NAME}(?:@[A-Za-z0-9][-A-Za-z0-9_.]*)?$`);

/** Multus reads an annotation with one of these characters as JSON. */
const IS_JSON = /[[{"]/;

/**
 * The fields of an element that select the network. A pod may have them twice. All other fields give the pod an address
 * (`ips`, `mac`, `infiniband-guid`, `ipam-claim-reference`), a port of its node (`portMappings`) or a device, or are passed
 * on unread (`cni-args`).
 */
const elementSchema = z.object({
  name: z.string().min(1),
  namespace: z.string().optional(),
  interface: z.string().optional(),
  bandwidth: z.unknown().optional(),
});
const elementsSchema = z.array(elementSchema.loose());

/** The networks that a twin may join, or why it cannot have those of its source. */
export type TwinNetworks = { readonly networks: string } | { readonly problem: string };

/**
 * Returns an annotation that attaches a pod to networks, without what belongs to one pod alone: in its JSON form, or as
 * `namespace/name@interface, …`, which has no addresses
 * (https://k8snetworkplumbingwg.github.io/multus-cni/docs/how-to-use.html). With a `default-route`, the source sends through
 * that network what a pod without it sends through the pod network, and the gateway may not be in a twin's range.
 */
export function twinNetworks(annotation: string): TwinNetworks {
  if (!IS_JSON.test(annotation)) {
    const elements = annotation.split(",").map((element) => element.trim());
    return elements.every((element) => SHORT_ELEMENT.test(element))
      ? { networks: annotation }
      : { problem: "is neither a JSON list nor a list of names" };
  }
  const { data, error } = elementsSchema.safeParse(jsonOf(annotation));
  if (error) return { problem: "is not a JSON list of networks with a name" };
  if (data.some((element) => "default-route" in element))
    return { problem: "has a default-route, which a probe pod must not take over" };
  return { networks: JSON.stringify(data.map((element) => elementSchema.parse(element))) };
}

/** Undefined, which is no list, if the text is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
