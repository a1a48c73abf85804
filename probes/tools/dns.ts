import type { RecordType } from "../../crds/dnsprobe.ts";
import type { Check } from "../../crds/proberun/plannedpath.ts";
import { broken, unanswered, type Attempt, type Exit, type Tool } from "./tool.ts";

/** The address of a name follows that name; an address before it is the server's own. */
const ADDRESS = /^Name:\t.*\nAddress: /m;
const RECORDS: Readonly<Record<RecordType, RegExp>> = {
  A: ADDRESS,
  AAAA: ADDRESS,
  CNAME: /^\S+\tcanonical name = \S+$/m,
  SRV: /^\S+\tservice = \d+ \d+ \d+ \S+$/m,
};
/** `** server can't find nowhere.example: NXDOMAIN`: the rcode in the server's answer (RFC 1035 §4.1.1, RFC 6895 §2.3). */
const RCODE = /^\*\* server can't find .*: ([A-Z0-9]+)$/m;
/** The name exists, but has no such record; a name that is only an alias of one has nothing but its alias. */
const NO_DATA = /^\*\*\* Can't find .*: No answer$|^\S+\tcanonical name = /m;
const NO_SERVER = /^;; no servers could be reached$/m;
/**
 * `;; communications error to 192.0.2.2#53: timed out`, `;; UDP setup with … failed: network unreachable.`,
 * `;; Connection to 192.0.2.2#53(192.0.2.2) for www.example. failed: connection refused.`
 */
const NO_SERVER_BECAUSE =
  /^;; (?:communications error to \S+|(?:UDP setup with|Connection to) .* failed): (.+?)\.?$/gm;
/** A failure over TCP that does not mention the connection happened after the connection was established. */
const AFTER_CONNECTING = /^;; communications error to \S+: (.+)$/m;
const TRUNCATED = /^;; Truncated, retrying in TCP mode/m;

/**
 * One lookup by bind's nslookup, at the server at the check's address or at the pod's own. The runner completes relative
 * names itself, because nslookup leaves the search list earlier than applications do
 * (findings/dns-search-list-ends.sh). NXDOMAIN, and a failure that a server reports, prove an open path. So
 * does a connection without an answer, and an answer that is too long for UDP.
 */
export const dns: Tool = {
  commandLine: (check, target, timeoutMs) => [
    "nslookup",
    ...lookupOptions(check),
    `-timeout=${Math.max(1, Math.ceil(timeoutMs / 1_000))}`,
    "-retry=1",
    target,
    ...(check.address === undefined ? [] : [check.address]),
  ],
  classify: (exit, check) => {
    const { code, stdout, elapsedMs } = exit;
    // Exit code 0 is not sufficient: a name without such a record also ends with 0.
    if (code === 0 && RECORDS[recordTypeOf(check)].test(stdout)) {
      return { outcome: "Resolved", matchesRequest: true, latencyMs: elapsedMs };
    }
    return notResolved(exit, check);
  },
};

/** The arguments of nslookup for the lookup. */
export function lookupOptions(check: Check): string[] {
  const { address, port } = check;
  const at = address !== undefined && port !== undefined ? [`-port=${port}`] : [];
  return [...at, ...(check.protocol === "TCP" ? ["-vc"] : []), `-type=${recordTypeOf(check)}`];
}

function recordTypeOf({ recordType, family }: Check): RecordType {
  return recordType ?? (family === "IPv6" ? "AAAA" : "A");
}

function notResolved(exit: Exit, { protocol }: Check): Attempt {
  const { stdout, elapsedMs: latencyMs } = exit;
  const rcode = RCODE.exec(stdout)?.[1];
  if (rcode !== undefined) {
    return { ...unanswered(rcode === "NXDOMAIN" ? "NameNotFound" : "ResolverFailed", rcode), latencyMs };
  }
  const failed = afterConnecting(stdout, protocol) ?? (TRUNCATED.test(stdout) ? "truncated" : undefined);
  if (failed !== undefined) return { ...openWithout(failed), latencyMs };
  if (NO_SERVER.test(stdout)) return noServer(stdout);
  if (exit.code === 0 && NO_DATA.test(stdout))
    return { ...unanswered("NameNotFound", "No answer"), latencyMs };
  return broken("nslookup", exit);
}

function afterConnecting(stdout: string, protocol: Check["protocol"]): string | undefined {
  return protocol === "TCP" ? AFTER_CONNECTING.exec(stdout)?.[1] : undefined;
}

/**
 * The server was reached and gave no complete answer. This machine may have caused the silence, but it is not a
 * denial.
 */
function openWithout(words: string): Attempt {
  return { ...unanswered("ResolverFailed", words), ...(words === "timed out" && { wentSilent: true }) };
}

/** Several servers may have failed in different ways: a refusal says more than silence. */
function noServer(stdout: string): Attempt {
  const words = [...stdout.matchAll(NO_SERVER_BECAUSE)].map(([, error = ""]) => error);
  const refused = words.find((word) => word === "connection refused");
  if (refused !== undefined) return unanswered("Refused", refused);
  const unreachable = words.find((word) => word.endsWith("unreachable"));
  if (unreachable !== undefined) return unanswered("Unreachable", unreachable);
  return unanswered("NoReply", words.at(-1) ?? "no servers could be reached");
}
