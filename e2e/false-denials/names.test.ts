import { deploy } from "../kube/deploy.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { itReportsOfSharedRun, pods, type Case, type Probe } from "../harness/sharedRun.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment } from "../harness/workload.ts";

/** `client` may go everywhere; `mute` to `web` alone, not even to the cluster's DNS; `lost` asks a resolver that is not there. */
type Source = "client" | "mute" | "lost";

const MISSING = "missing.example.test";
/** In the embedded cluster's DNS; see e2e/cluster/manifests. */
const OUTSIDE = "outside.example.test";
/** Set aside for documentation (RFC 5737): no route leads there. */
const NO_RESOLVER = "198.51.100.53";

const lookup = (from: Source, name: string): Probe => ({ from: pods(from), dns: { name } });
const connection = (from: Source, host: string): Probe => ({
  from: pods(from),
  to: { host },
  tcp: { port: 80 },
});

/** Nothing was sent to a host that nobody could resolve, so nothing was denied. */
const unresolved = (when: string, probe: Probe, says: string): Case => ({
  when,
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "NameNotResolved",
  says,
  probe,
});

/** Whoever reaches a host has to resolve it first. */
const failed = (when: string, probe: Probe, says: string): Case => ({
  ...unresolved(when, probe, says),
  expect: "Allowed",
  verdict: "Failed",
});

const missing = "the host is a name that does not exist";
const blocked = "the same policy blocks the cluster's DNS, so the source cannot resolve the host";
const noResolver = "the source's resolver does not exist";

const cases: Readonly<Record<string, Case>> = {
  "dns-missing": {
    when: "the name does not exist, which the resolver has answered (NXDOMAIN)",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: "there is no such record",
    probe: lookup("client", MISSING),
  },
  "dns-no-resolver": {
    when: "the source's resolver does not exist, for a dns check",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: "without proof of the target",
    probe: lookup("lost", OUTSIDE),
  },
  "host-missing": unresolved(missing, connection("client", MISSING), MISSING),
  "host-blocked": unresolved(blocked, connection("mute", OUTSIDE), OUTSIDE),
  "host-no-resolver": unresolved(noResolver, connection("lost", OUTSIDE), OUTSIDE),
  "wants-dns": {
    when: "the name does not exist, which the resolver has answered (NXDOMAIN)",
    expect: "Allowed",
    verdict: "Failed",
    reason: "UnexpectedAnswer",
    says: "there is no such record",
    probe: lookup("client", MISSING),
  },
  "wants-host": failed(missing, connection("client", MISSING), MISSING),
  "wants-blocked": failed(blocked, connection("mute", OUTSIDE), OUTSIDE),
  "wants-resolver": failed(noResolver, connection("lost", OUTSIDE), OUTSIDE),
};

/** Keeps `mute` from everything but `web`: from the outside host as much as from the name server. */
const muted = {
  podSelector: pods("mute").podSelector,
  policyTypes: ["Egress"],
  egress: [{ to: [pods("web")] }],
};

itReportsOfSharedRun("names", {
  cases,
  besides: ["client", "mute", "lost"].map((app) => ({
    name: `${app}-alive`,
    expect: "Allowed",
    from: pods(app),
    to: pods("web"),
    tcp: { port: 8080 },
  })),
  async prepare(namespace) {
    const pod = { dnsPolicy: "None", dnsConfig: { nameservers: [NO_RESOLVER] } };
    const workloads = [
      deployment({ namespace, name: "web" }),
      deployment({ namespace, name: "client" }),
      deployment({ namespace, name: "mute" }),
      deployment({ namespace, name: "lost", pod }),
    ];
    const manifests = workloads.map((object) => JSON.stringify(object));
    await deploy(kubectl, [...manifests, networkPolicy({ namespace, name: "muted" }, muted)].join("\n---\n"));
  },
});
