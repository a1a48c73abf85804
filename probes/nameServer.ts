/** The port of name servers (RFC 1035 §4.2). */
export const DNS_PORT = 53;

/** Every server of a cluster can answer this query without another server; NXDOMAIN is an answer too. */
export const ANY_NAME = "kubernetes.default.svc.cluster.local.";
