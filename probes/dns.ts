import { broken, unanswered, type Attempt, type Exit, type Tool } from "./tool.ts";

/** The record asked for stands after the name; an address before it is the server's own. */
const RESOLVED = /^Name:\t.*\nAddress: /m;
/** `** server can't find nowhere.example: NXDOMAIN`: the rcode in the server's answer (RFC 1035 §4.1.1, RFC 6895 §2.3). */
const RCODE = /^\*\* server can't find .*: ([A-Z0-9]+)$/m;
/** The name is there, but has no such record; a name that is only an alias of one has nothing but its alias. */
const NO_DATA = /^\*\*\* Can't find .*: No answer$|^\S+\tcanonical name = /m;
const NO_SERVER = /^;; no servers could be reached$/m;
/** `;; communications error to 192.0.2.2#53: timed out`, `;; UDP setup with … failed: network unreachable.` */
const NO_SERVER_BECAUSE = /^;; (?:communications error to \S+|UDP setup with .* failed): (.+?)\.?$/gm;

/** Every server that serves a cluster can say something of it; that there is no such name is an answer too. */
export const ANY_NAME = "kubernetes.default.svc.cluster.local.";

/**
 * One lookup by bind's nslookup with the pod's own resolver: its servers, and its search list for a name without a dot at
 * the end, unless the check names a server. An answer that there is no such name, or a failure that a server reports, shows an open path all the same.
 */
export const dns: Tool = {
  commandLine: ({ family, address, port }, target, timeoutMs) => [
    "nslookup",
    ...(address !== undefined && port !== undefined ? [`-port=${port}`] : []),
    `-type=${family === "IPv6" ? "AAAA" : "A"}`,
    `-timeout=${Math.max(1, Math.ceil(timeoutMs / 1_000))}`,
    "-retry=1",
    target,
    ...(address === undefined ? [] : [address]),
  ],
  classify: (exit) => {
    const { code, stdout, elapsedMs } = exit;
    // Exit code 0 is not enough: a name without such a record ends with it too.
    if (code === 0 && RESOLVED.test(stdout)) {
      return { outcome: "Resolved", asAsked: true, latencyMs: elapsedMs };
    }
    return notResolved(exit);
  },
};

function notResolved(exit: Exit): Attempt {
  const { stdout, elapsedMs: latencyMs } = exit;
  const rcode = RCODE.exec(stdout)?.[1];
  if (rcode !== undefined) {
    return { ...unanswered(rcode === "NXDOMAIN" ? "NameNotFound" : "ResolverFailed", rcode), latencyMs };
  }
  if (NO_SERVER.test(stdout)) return noServer(stdout);
  if (exit.code === 0 && NO_DATA.test(stdout))
    return { ...unanswered("NameNotFound", "No answer"), latencyMs };
  return broken("nslookup", exit);
}

/** Several servers may have failed in different ways: one that said no tells more than one that said nothing. */
function noServer(stdout: string): Attempt {
  const words = [...stdout.matchAll(NO_SERVER_BECAUSE)].map(([, error = ""]) => error);
  const refused = words.find((word) => word === "connection refused");
  if (refused !== undefined) return unanswered("Refused", refused);
  const unreachable = words.find((word) => word.endsWith("unreachable"));
  if (unreachable !== undefined) return unanswered("Unreachable", unreachable);
  return unanswered("NoReply", words.at(-1) ?? "no servers could be reached");
}
