import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { labelSelectorSchema } from "./selector.ts";
import { celPattern, exactlyOne, matching, withRules, type ValidationRule } from "./validationRules.ts";

/** A name of an object by RFC 1123 (a label): of an expectation, a Service, a namespace. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Labels of at most 63 characters (RFC 1035 §2.3.4), with underscores, which names of SRV records contain. */
const HOST =
  /^[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?)*\.?$/;

export const nameSchema = withRules(z.string().max(63), [
  matching(OBJECT_NAME, "must be a name: at most 63 of a-z, 0-9 and -, a letter or digit at both ends"),
]);

/** The name of a node by RFC 1123 (a subdomain). */
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const nodeNameSchema = withRules(z.string().max(253), [
  matching(NODE_NAME, "must be the name of a node, such as worker-1"),
]);

export const hostRule = matching(HOST, "must be a host name, such as www.example.com");

/** A name whose last label is a number. curl, like every URL parser, reads it as an IPv4 address. */
export const READS_AS_ADDRESS = /(^|\.)([0-9]+|0[xX][0-9a-fA-F]*)\.?$/;

/**
 * Reports whether a URL parser reads this name as an address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
 */
export function readsAsAddress(name: string): boolean {
  return READS_AS_ADDRESS.test(name);
}

/** A resolver reads `0`, `127.1` and `0xE0000001` as addresses (inet_aton), which no other rule would recognize. */
const wholeAddress: ValidationRule<string> = {
  cel: `isIP(self) || !self.matches(${celPattern(READS_AS_ADDRESS)})`,
  message:
    "must not end in a number unless it is a whole IPv4 address: a resolver reads it as an address in another notation; write four decimal numbers, such as 203.0.113.10",
  holds: (text) => isAddress(text) || !readsAsAddress(text),
};

/** Loopback (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), and unspecified, by which Linux connects to itself. */
const OWN_ADDRESSES = new BlockList();
OWN_ADDRESSES.addSubnet("127.0.0.0", 8, "ipv4");
OWN_ADDRESSES.addAddress("0.0.0.0", "ipv4");
OWN_ADDRESSES.addAddress("::1", "ipv6");
OWN_ADDRESSES.addAddress("::", "ipv6");

const familyName = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/**
 * Reports whether a connection to the address never leaves the pod that opens it: the address is a loopback or an
 * unspecified one, or one of these addresses of the pod, in any notation. An IPv4 address mapped into IPv6 counts as what
 * it is. False for a text that is not an address, and for one with a zone.
 */
export function isOwnAddress(address: string, ofPod: readonly string[] = []): boolean {
  if (isIP(address) === 0 || address.includes("%")) return false;
  const ofThisPod = new BlockList();
  for (const one of ofPod) if (isIP(one) !== 0) ofThisPod.addAddress(one, familyName(one));
  return [OWN_ADDRESSES, ofThisPod].some((list) => list.check(address, familyName(address)));
}

/** A sidecar of the source listens there, and a probe pod has none of the source's containers. */
const notOwnAddress: ValidationRule<string> = {
  cel: "!isIP(self) || !(ip(self).isLoopback() || ip(self).isUnspecified())",
  message:
    "must not be a loopback or unspecified address: that is the probe pod itself, which runs none of the source's containers; name what the source's sidecar connects to",
  holds: (text) => !isOwnAddress(text),
};

/** Multicast (RFC 1112, RFC 4291 §2.7) and limited broadcast (RFC 919 §7). */
const GROUP_ADDRESSES = new BlockList();
GROUP_ADDRESSES.addSubnet("224.0.0.0", 4, "ipv4");
GROUP_ADDRESSES.addAddress("255.255.255.255", "ipv4");
GROUP_ADDRESSES.addSubnet("ff00::", 8, "ipv6");

/**
 * Reports whether the address is of no single host: a multicast or the limited broadcast address. An IPv4 address mapped into
 * IPv6 counts as what it is. False for a text that is not an address, and for one with a zone.
 */
export function isGroupAddress(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%") && GROUP_ADDRESSES.check(address, familyName(address));
}

/** CEL calls an address neither global nor link-local only if it is of a group, or of the pod itself. */
const notGroupAddress: ValidationRule<string> = {
  cel: "!isIP(self) || ip(self).isGlobalUnicast() || ip(self).isLinkLocalUnicast() || ip(self).isLoopback() || ip(self).isUnspecified()",
  message:
    "must not be a multicast or broadcast address: an answer to it proves no path to one target; name the address of the target",
  holds: (text) => !isGroupAddress(text),
};
export const hostSchema = withRules(z.string().max(253), [
  hostRule,
  wholeAddress,
  notOwnAddress,
  notGroupAddress,
]);

/**
 * The same rule as CEL's `isIP`: no zone, and no IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) in any notation.
 */
const isAddress = (text: string) => isIPv4(text) || (isIPv6(text) && !text.includes("%") && !isMapped(text));
const isMapped = (text: string) => /^\[::ffff:[^:]+:[^:]+\]$/.test(new URL(`http://[${text}]`).hostname);

export const ipSchema = withRules(z.string().max(45), [
  {
    cel: "isIP(self)",
    message:
      "must be an IPv4 or IPv6 address, such as 203.0.113.10; write it without a zone, and an IPv4 address not mapped into IPv6",
    holds: isAddress,
  },
  notOwnAddress,
  notGroupAddress,
]);

const serviceTargetSchema = z.object({
  name: nameSchema.describe("The Service's name."),
  namespace: nameSchema
    .optional()
    .describe(
      "The Service's namespace. If omitted: the test's own. A ClusterConnectivityTest has none, and must set it.",
    ),
});

export const targetSchema = withRules(
  z.object({
    service: serviceTargetSchema
      .optional()
      .describe("A Service: its cluster address and the endpoints behind it, at most 8 of them."),
    podSelector: labelSelectorSchema
      .optional()
      .describe(
        "Pods, at most 8 of each workload, each by its own address. They are in the test's own namespace, or in those that namespaceSelector selects. An empty selector selects all pods.",
      ),
    namespaceSelector: labelSelectorSchema
      .optional()
      .describe(
        "Pods of the namespaces with these labels: those that podSelector selects there, or all if it is omitted. In another namespace than its own, a ConnectivityTest selects only the pods that a ProbeGrant there grants.",
      ),
    host: hostSchema
      .optional()
      .describe("A host name, which the source resolves itself, once for each IP family."),
    ip: ipSchema.optional().describe("An IPv4 or IPv6 address."),
    node: nodeNameSchema
      .optional()
      .describe(
        "The name of a node, for its addresses of type InternalIP, one of each IP family. Probed from a different node, because policies may not apply to traffic from a pod to its own node.",
      ),
  }),
  [exactlyOne(["service", ["podSelector", "namespaceSelector"], "host", "ip", "node"])],
);
export type Target = z.infer<typeof targetSchema>;

/** Reports whether the target is pods by their labels. */
export function isPods({ podSelector, namespaceSelector }: Target): boolean {
  return podSelector !== undefined || namespaceSelector !== undefined;
}
