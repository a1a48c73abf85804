import { isIP, isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/** Nothing that would end the host of a URL, and no zone. */
const MAY_BE_IPV6 = /^[\da-f:.]+$/i;

/**
 * The address as it is always written (RFC 5952; IPv4 in IPv6 as IPv4), so that two spellings of one are equal. Undefined:
 * it is no address. It is called for every address of every pod, so it leaves to ipaddr.js only what Node cannot do in a
 * tenth of the time.
 */
export function canonical(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const written = MAY_BE_IPV6.test(address)
    ? URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
    : undefined;
  return written?.startsWith("::") === true ? ipaddr.process(address).toString() : written;
}

/** Reports whether the text is a range in CIDR notation, such as `203.0.113.0/24`. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text) && isIP(text.split("/")[0] ?? "") !== 0;
}

/**
 * Reports whether one of the ranges contains the address; a range of the other family never does. Ranges must satisfy
 * `isRange`.
 */
export function isWithin(address: string, ranges: readonly string[]): boolean {
  const written = canonical(address);
  if (written === undefined) return false;
  const parsed = ipaddr.parse(written);
  return ranges.some((range) => {
    const [network, length] = ipaddr.parseCIDR(range);
    return network.kind() === parsed.kind() && parsed.match(network, length);
  });
}
