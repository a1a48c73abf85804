import { changed, type Refused } from "./goodSpec.ts";

const requesting = (http: object) => changed({ tcp: undefined, http: { port: 80, ...http } });
const sending = (name: string, value = "blue") => requesting({ headers: [{ name, value }] });
const unsafe = (method: string) => ({
  title: `the method ${method}, which may change something`,
  spec: requesting({ method }),
  sentence: `Unsupported value: "${method}": supported values: "GET", "HEAD", "OPTIONS"`,
  zod: 'expected one of \\"GET\\"|\\"HEAD\\"|\\"OPTIONS\\"',
});
/** What http may not ask. */
export const requests: readonly Refused[] = [
  {
    title: "a path without a slash",
    spec: requesting({ path: "health" }),
    sentence: "must be a URL path that begins with /",
  },
  {
    title: "a status class that HTTP has not",
    spec: requesting({ status: ["6xx"] }),
    sentence: "must be an HTTP status from 100 to 599, or a class such as 2xx",
  },
  unsafe("POST"),
  unsafe("DELETE"),
  {
    title: "a scheme that is not HTTP",
    spec: requesting({ scheme: "ftp" }),
    sentence: 'Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
    zod: 'expected one of \\"HTTP\\"|\\"HTTPS\\"',
  },
  {
    title: "a certificate to be skipped without TLS",
    spec: requesting({ insecureSkipTLSVerify: true }),
    sentence: "insecureSkipTLSVerify needs scheme HTTPS",
  },
  {
    title: "a name for the Host header with a port",
    spec: requesting({ host: "shop.example:8443" }),
    sentence: "must be a host name, such as www.example.com",
  },
  {
    title: "an address for the Host header",
    spec: requesting({ host: "10.0.0.1" }),
    sentence: "must not end in a number, since it would be read as an IPv4 address",
  },
  {
    title: "a header of no name",
    spec: sending(""),
    sentence: "must be a header name, such as X-Tenant",
  },
  {
    title: "a second header smuggled into a name",
    spec: sending("X-A: b\r\nX-C"),
    sentence: "must be a header name, such as X-Tenant",
  },
  {
    title: "a second header smuggled into a value",
    spec: sending("X-Tenant", "blue\r\nX-Admin: yes"),
    sentence: "must be printable ASCII without spaces at its ends, and not empty",
  },
  {
    title: "an empty header",
    spec: sending("X-Tenant", ""),
    sentence: "must be printable ASCII without spaces at its ends, and not empty",
  },
  ...[
    "X-HTTP-Method-Override",
    "x-http-method",
    "X-METHOD-OVERRIDE",
    "X_HTTP_METHOD_OVERRIDE",
    "X.Http.Method.Override",
    "XHTTPMethodOverride",
    "X-HTTP-Override-Method",
    "Method-Override",
    "_method",
    "_METHOD",
  ].map((name) => ({
    title: `the header ${name}, which replaces the method`,
    spec: sending(name, "DELETE"),
    sentence:
      "must not replace the method, as X-HTTP-Method-Override does: a probe must not change its target; write http.method instead",
  })),
  ...[
    "Metadata-Flavor",
    "Metadata",
    "metadata_flavor",
    "Metadata-Token",
    "X-Google-Metadata-Request",
    "X-aws-ec2-metadata-token",
    "X-aws-ec2-metadata-token-ttl-seconds",
    "X-aliyun-ecs-metadata-token-ttl-seconds",
    "X-IDENTITY-HEADER",
  ].map((name) => ({
    title: `the header ${name} of a metadata service`,
    spec: sending(name),
    sentence:
      "must not be a header for a metadata service, such as Metadata-Flavor: the service returns credentials of the node; omit it, or test the path by tcp",
  })),
  ...[
    "Authorization",
    "cookie",
    "PROXY-AUTHORIZATION",
    "X-Api-Key",
    "apikey",
    "X-Api-Key-2",
    "X-Vault-Token",
    "PRIVATE-TOKEN",
    "X-GitLab-Token",
    "X-Consul-Token",
    "X-Auth-Token",
    "X-AuthToken",
    "X-Auth",
    "X-Amz-Security-Token",
    "X-Amz-Credential",
    "X_Access_Token",
    "Ocp-Apim-Subscription-Key",
    "DD-APPLICATION-KEY",
    "X-Client-Secret",
    "Cookie2",
    "X-Session-Id",
    "JSESSIONID",
    "X-Forwarded-Authorization",
    "X-Hub-Signature-256",
  ].map((name) => ({
    title: `the header ${name} with credentials`,
    spec: sending(name),
    sentence:
      "must not be a header with credentials, such as Authorization, Cookie or X-Api-Key: all users who may view the test can read it; omit it, and let http.status list the answer without it, such as 401",
  })),
  {
    title: "the header Host",
    spec: sending("host"),
    sentence: "must not be Host: write http.host instead",
  },
  ...["Content-Length", "Transfer-Encoding", "connection"].map((name) => ({
    title: `the header ${name}`,
    spec: sending(name, "5"),
    sentence:
      "must not be a header that frames the request or belongs to the connection: the probe sets it itself; omit it",
  })),
  {
    title: "a header twice, in other letters",
    spec: requesting({
      headers: [
        { name: "X-Tenant", value: "blue" },
        { name: "x-tenant", value: "red" },
      ],
    }),
    sentence: "header names must be unique, without regard to case",
  },
  {
    title: "seven headers",
    spec: requesting({ headers: Array.from("abcdefg", (name) => ({ name, value: "x" })) }),
    sentence: "must have at most 6 items",
    zod: "expected array to have <=6 items",
  },
  {
    title: "a header longer than 128 letters",
    spec: sending("X-Tenant", "x".repeat(129)),
    sentence: "Too long: may not be more than 128",
    zod: "expected string to have <=128 characters",
  },
];

const lookingUp = (dns: object) =>
  changed({ to: undefined, tcp: undefined, dns: { name: "example.com", ...dns } });
/** What dns may not ask. */
export const lookups: readonly Refused[] = [
  {
    title: "an address to look up",
    spec: lookingUp({ name: "203.0.113.10" }),
    sentence: "must be a name to look up, not an address",
  },
  {
    title: "a name with two dots in a row",
    spec: lookingUp({ name: "example..com" }),
    sentence: "must be a host name, such as www.example.com",
  },
  {
    title: "a label of 64 letters",
    spec: lookingUp({ name: `${"x".repeat(64)}.example` }),
    sentence: "must be a host name, such as www.example.com",
  },
  {
    title: "a type of record that is not offered",
    spec: lookingUp({ type: "MX" }),
    sentence: 'Unsupported value: "MX": supported values: "A", "AAAA", "CNAME", "SRV"',
    zod: 'expected one of \\"A\\"|\\"AAAA\\"|\\"CNAME\\"|\\"SRV\\"',
  },
  {
    title: "a name for a name server",
    spec: lookingUp({ server: "ns.example.com" }),
    sentence: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
  },
  ...["127.0.0.1", "0.0.0.0", "::"].map((server) => ({
    title: `a name server in the pod itself (${server})`,
    spec: lookingUp({ server }),
    sentence: "must not be a loopback or unspecified address: that is the probe pod itself",
  })),
  ...["224.0.0.251", "ff02::fb", "255.255.255.255"].map((server) => ({
    title: `a multicast or broadcast address for a name server (${server})`,
    spec: lookingUp({ server }),
    sentence: "must not be a multicast or broadcast address: an answer to it proves no path to one target",
  })),
  ...["::ffff:0.0.0.0", "::ffff:224.0.0.251", "::ffff:ffff:ffff"].map((server) => ({
    title: `such an address for a name server, mapped into IPv6 (${server})`,
    spec: lookingUp({ server }),
    sentence: "write it without a zone, and an IPv4 address not mapped into IPv6",
  })),
  {
    title: "a name server with a port",
    spec: lookingUp({ server: "203.0.113.53:53" }),
    sentence: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
  },
  {
    title: "DNS over TLS",
    spec: lookingUp({ protocol: "TLS" }),
    sentence: 'Unsupported value: "TLS": supported values: "UDP", "TCP"',
    zod: 'expected one of \\"UDP\\"|\\"TCP\\"',
  },
  {
    title: "a target beside a name server",
    spec: changed({ tcp: undefined, dns: { name: "example.com", server: "203.0.113.53" } }),
    sentence: "`to` must be set with http, tcp and icmp, and omitted with dns",
  },
];
