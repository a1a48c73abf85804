import { base, beside, changed, type Refused } from "./goodSpec.ts";
import { lookups, requests } from "./refusedRequests.ts";

const selecting = (podSelector: unknown) => changed({ from: { podSelector } });

const expectations: readonly Refused[] = [
  {
    title: "no expectation",
    spec: { expectations: [] },
    sentence: "should have at least 1 items",
    zod: "Too small",
  },
  {
    title: "two expectations of one name",
    spec: { expectations: [base, base] },
    sentence: 'Duplicate value: {"name":"ui-reads-catalog"}',
    zod: "names must be unique",
  },
  {
    title: "a name that the status could not carry",
    spec: changed({ name: "UI reads catalog" }),
    sentence: "must be a name: at most 63 of a-z, 0-9 and -, a letter or digit at both ends",
  },
  {
    title: "an unknown word for expect",
    spec: changed({ expect: "Blocked" }),
    sentence: 'Unsupported value: "Blocked": supported values: "Allowed", "Denied"',
    zod: 'expected one of \\"Allowed\\"|\\"Denied\\"',
  },
  {
    title: "no expect",
    spec: changed({ expect: undefined }),
    sentence: "spec.expectations[0].expect: Required value",
    zod: "Invalid option",
  },
  {
    title: "two tools",
    spec: changed({ http: { port: 80 } }),
    sentence: "exactly one of http, tcp, icmp, dns must be set",
  },
  {
    title: "no tool",
    spec: changed({ tcp: undefined }),
    sentence: "exactly one of http, tcp, icmp, dns must be set",
  },
  {
    title: "no target",
    spec: changed({ to: undefined }),
    sentence: "`to` must be set with http, tcp and icmp, and omitted with dns",
  },
  {
    title: "a target for dns",
    spec: changed({ tcp: undefined, dns: { name: "example.com" } }),
    sentence: "`to` must be set with http, tcp and icmp, and omitted with dns",
  },
  {
    title: "ping to a Service",
    spec: changed({ tcp: undefined, icmp: {} }),
    sentence: "icmp cannot have a service as its target, because a cluster address is not an interface",
  },
];

const OWN_ADDRESS =
  "must not be a loopback or unspecified address: that is the probe pod itself, which runs none of the source's containers";

const GROUP_ADDRESS =
  "must not be a multicast or broadcast address: an answer to it proves no path to one target; name the address of the target";

const targets: readonly Refused[] = [
  {
    title: "two targets",
    spec: changed({ to: { service: { name: "catalog" }, ip: "10.0.0.1" } }),
    sentence:
      "exactly one of service, podSelector with or without namespaceSelector, host, ip, node must be set",
  },
  {
    title: "an empty target",
    spec: changed({ to: {} }),
    sentence:
      "exactly one of service, podSelector with or without namespaceSelector, host, ip, node must be set",
  },
  {
    title: "a network for an address",
    spec: changed({ to: { ip: "10.0.0.0/8" } }),
    sentence: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
  },
  {
    title: "an address with a zone",
    spec: changed({ to: { ip: "fe80::1%eth0" } }),
    sentence: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
  },
  {
    title: "an IPv4 address mapped into IPv6",
    spec: changed({ to: { ip: "::ffff:cb00:710a" } }),
    sentence: "must be an IPv4 or IPv6 address, such as 203.0.113.10",
  },
  ...["127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "0:0:0:0:0:0:0:0"].map((ip) => ({
    title: `the address of the pod itself (${ip})`,
    spec: changed({ to: { ip } }),
    sentence: OWN_ADDRESS,
  })),
  ...["224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::101"].map((ip) => ({
    title: `a multicast or broadcast address (${ip})`,
    spec: changed({ to: { ip } }),
    sentence: GROUP_ADDRESS,
  })),
  {
    title: "a multicast address for a host",
    spec: changed({ to: { host: "224.0.0.251" } }),
    sentence: GROUP_ADDRESS,
  },
  ...[
    "::ffff:127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:0:0",
    "::ffff:224.0.0.1",
    "::ffff:255.255.255.255",
    "0:0:0:0:0:FFFF:E000:0001",
  ].map((ip) => ({
    title: `an address of the pod itself or of a group, mapped into IPv6 (${ip})`,
    spec: changed({ to: { ip } }),
    sentence: "write it without a zone, and an IPv4 address not mapped into IPv6",
  })),
  {
    title: "the address of the pod itself for a host",
    spec: changed({ to: { host: "127.0.0.1" } }),
    sentence: OWN_ADDRESS,
  },
  ...[
    "0",
    "0.0",
    "127.1",
    "0x7f.1",
    "0177.0.0.01",
    "2130706433",
    "224.1",
    "0xE0000001",
    "255.255.255.255.",
  ].map((host) => ({
    title: `a host that a resolver reads as an address in another notation (${host})`,
    spec: changed({ to: { host } }),
    sentence: "must not end in a number unless it is a whole IPv4 address",
  })),
  {
    title: "a URL for a host",
    spec: changed({ to: { host: "https://example.com" } }),
    sentence: "must be a host name, such as www.example.com",
  },
  {
    title: "a Service with a dotted name",
    spec: changed({ to: { service: { name: "catalog.shop" } } }),
    sentence: "must be a name: at most 63 of a-z, 0-9 and -",
  },
];

const PORT = "must be a number from 1 to 65535 or a port name (at most 15 of a-z, 0-9 and -, with a letter)";
const ports: readonly Refused[] = [
  { title: "port 0", spec: changed({ tcp: { port: 0 } }), sentence: PORT },
  { title: "port 65536", spec: changed({ tcp: { port: 65_536 } }), sentence: PORT },
  { title: "a number in quotes", spec: changed({ tcp: { port: "80" } }), sentence: PORT },
  {
    title: "a port name with two hyphens in a row",
    spec: changed({ tcp: { port: "a--b" } }),
    sentence: PORT,
  },
  {
    title: "a port name of 16 letters",
    spec: changed({ tcp: { port: "abcdefghijklmnop" } }),
    sentence: "Too long: may not be more than 15",
    zod: "expected string to have <=15 characters",
  },
  {
    title: "a fraction for a port",
    spec: changed({ tcp: { port: 80.5 } }),
    sentence: "spec.expectations[0].tcp.port: Invalid value",
    zod: "Invalid input",
  },
  {
    title: "a node that no node could be called",
    spec: changed({ to: { node: "Worker_1" }, tcp: { port: 22 } }),
    sentence: "must be the name of a node, such as worker-1",
  },
  {
    title: "a port name at a node",
    spec: changed({ to: { node: "worker-1" }, tcp: { port: "kubelet" } }),
    sentence: "a port name needs a service or pods that define it: give host, ip and node a port number",
  },
  {
    title: "a port name at an address, where nothing names ports",
    spec: changed({ to: { ip: "10.0.0.1" }, tcp: { port: "mysql" } }),
    sentence: "a port name needs a service or pods that define it: give host, ip and node a port number",
  },
];

const selectors: readonly Refused[] = [
  {
    title: "In without values",
    spec: selecting({ matchExpressions: [{ key: "app", operator: "In" }] }),
    sentence: "values must be set for the operators In and NotIn, and omitted for Exists and DoesNotExist",
  },
  {
    title: "a label value that would be another query",
    spec: selecting({ matchLabels: { app: "ui,tier!=db" } }),
    sentence: "must be a label value: at most 63 of a-z, A-Z, 0-9, -, _ and .",
  },
  {
    title: "a label key that would be another query",
    spec: selecting({ matchLabels: { "app in (a),x": "y" } }),
    sentence: "every key must be a label key, such as app or app.kubernetes.io/name",
  },
];

const settings: readonly Refused[] = [
  {
    title: "both every and cron",
    spec: beside({ schedule: { every: "10m", cron: "*/10 * * * *" } }),
    sentence: "exactly one of every, cron must be set",
  },
  {
    title: "a run every 30 seconds",
    spec: beside({ schedule: { every: "30s" } }),
    sentence: "must be a duration between 1m and 720h, such as 90s or 1m30s",
  },
  {
    title: "a duration in words",
    spec: beside({ schedule: { every: "daily" } }),
    sentence: "must be a duration between 1m and 720h, such as 90s or 1m30s",
  },
  {
    title: "a time zone in words",
    spec: beside({ schedule: { cron: "0 6 * * *", timeZone: "the time of Berlin" } }),
    sentence: "must be the name of a time zone, such as Europe/Berlin",
  },
  {
    title: "a time zone without cron",
    spec: beside({ schedule: { every: "10m", timeZone: "Europe/Berlin" } }),
    sentence: "timeZone needs cron",
  },
  {
    title: "a cron expression of six fields",
    spec: beside({ schedule: { cron: "0 */10 * * * *" } }),
    sentence: "must have five fields: minute, hour, day of month, month, day of week",
  },
  {
    title: "too few rounds to settle a denial",
    spec: beside({ probing: { deniedRounds: 8 } }),
    sentence: "maxRounds must be at least twice deniedRounds, and at least rounds",
  },
  {
    title: "an attempt of a minute",
    spec: beside({ probing: { timeout: "1m" } }),
    sentence: "must be a duration between 500ms and 10s",
  },
  {
    title: "an IP family twice",
    spec: beside({ ipFamilies: ["IPv4", "IPv4"] }),
    sentence: 'spec.ipFamilies[1]: Duplicate value: "IPv4"',
    zod: "families must be different",
  },
];

/** Every case differs from a good object in one place. */
export const rejectionProblem: readonly Refused[] = [
  ...expectations,
  ...targets,
  ...ports,
  ...requests,
  ...lookups,
  ...selectors,
  ...settings,
];
