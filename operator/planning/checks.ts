import type { DnsProbe } from "../../crds/dnsprobe.ts";
import { toolOf, type Expectation } from "../../crds/expectation.ts";
import type { HttpProbe } from "../../crds/httpprobe.ts";
import { NO_EXPECTATION, type Check } from "../../crds/proberun/proberun.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";

/** What a check is made of: an expectation whose source is known. */
export type CheckedExpectation = Omit<Expectation, "from">;

/** Returns the check of the path with that id. A check that belongs to no expectation is netverdict's own. */
export function checkOf(expectation: CheckedExpectation, target: TargetAddress, path: number): Check {
  const { family, address, host, port, provesSource } = target;
  return {
    path,
    tool: toolOf(expectation),
    family,
    provesSource,
    ...(expectation.name === NO_EXPECTATION && { control: true }),
    ...(address !== undefined && { address }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...requestFieldsOf(expectation, target),
  };
}

/**
 * Returns the fields of a check that the author wrote besides its target: the HTTP request, or the lookup. Defaults
 * of the schema are omitted, because a probe pod gets its checks through an environment variable.
 */
export function requestFieldsOf(
  { http, dns, to }: CheckedExpectation,
  target: TargetAddress,
): Partial<Check> {
  if (dns) return dnsFieldsOf(dns);
  if (!http) return {};
  return { ...(to?.service && { host: target.to.replace(/^Service\//, "") }), ...httpFieldsOf(http) };
}

function httpFieldsOf({
  path,
  method,
  scheme,
  host,
  headers,
  insecureSkipTLSVerify,
  status,
}: HttpProbe): Partial<Check> {
  return {
    urlPath: path,
    ...(method !== "GET" && { method }),
    ...(scheme !== "HTTP" && { scheme }),
    ...(host !== undefined && { requestHost: host }),
    ...(headers !== undefined && headers.length > 0 && { headers }),
    ...(insecureSkipTLSVerify && { insecureSkipTLSVerify }),
    ...(status && { status: status.map(String) }),
  };
}

function dnsFieldsOf({ type, protocol }: DnsProbe): Partial<Check> {
  return {
    ...(type !== undefined && { recordType: type }),
    ...(protocol !== "UDP" && { protocol }),
  };
}
