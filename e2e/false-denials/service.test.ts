import { until } from "../process/until.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { itReportsOfSharedRun, pods, type Case, type Probe } from "../harness/sharedRun.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment, server, service, SLEEPER } from "../harness/workload.ts";

const from = pods("client");
const to = (name: string, port: number | string = 80): Probe => ({
  from,
  to: { service: { name } },
  tcp: { port },
});

/** The cluster's own kube-proxy refuses for a Service without endpoints, which is no policy's doing. */
const unproven = (when: string, probe: Probe, says: string | RegExp): Case => ({
  when,
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "TargetNotProven",
  says,
  probe,
});

const notFound = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...unproven(when, probe, says),
  reason: "TargetNotFound",
});

const notSupported = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...unproven(when, probe, says),
  reason: "TargetNotSupported",
});

const open = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...unproven(when, probe, says),
  verdict: "Failed",
  reason: "Open",
});

const down = (when: string, probe: Probe, says: string | RegExp): Case => ({
  ...unproven(when, probe, says),
  expect: "Allowed",
  verdict: "Failed",
  reason: "TargetDown",
});

const noEndpoint = "the Service has no ready endpoint";

const cases: Readonly<Record<string, Case>> = {
  idle: unproven("the target is scaled to 0, so its Service has no endpoints", to("idle"), noEndpoint),
  "idle-pods": notFound(
    "the target is scaled to 0, so no pod matches its podSelector",
    { from, to: pods("idle"), tcp: { port: 8080 } },
    "no running pod matches",
  ),
  starting: unproven("none of the Service's pods is Ready", to("starting"), noEndpoint),
  crashing: unproven("the target's pod crashes again and again", to("crashing"), noEndpoint),
  "crashing-pods": unproven(
    "the target's pod crashes again and again, and is selected by its labels",
    { from, to: pods("crashing"), tcp: { port: 8080 } },
    "could not reach it either",
  ),
  typo: unproven("the Service's selector matches no pod", to("typo"), noEndpoint),
  bare: unproven("the Service has no selector and no endpoints", to("bare"), noEndpoint),
  "wrong-port": unproven(
    "the Service leads to a port where nothing listens",
    to("wrong-port"),
    "could not reach it either",
  ),
  "no-service": notFound("there is no such Service", to("no-service"), "does not exist"),
  "no-port": notFound("the Service has no such port", to("three", 81), "has no port 81"),
  "no-port-name": notFound("the Service has no port of that name", to("three", "grpc"), "has no port grpc"),
  udp: notSupported("the Service's port is UDP", to("udp", 53), "not TCP"),
  alias: notSupported("the Service is an alias in DNS (ExternalName)", to("alias"), "ExternalName"),
  three: open(
    "one of the Service's three endpoints is open to the source",
    to("three"),
    /→ three \S+:8080 connected/,
  ),
  sticky: open(
    "one of the Service's three endpoints is open to the source, and session affinity always leads it to the same endpoint",
    to("sticky"),
    /→ sticky \S+:8080 connected/,
  ),
  "wants-idle": down("the target is scaled to 0, so its Service has no endpoints", to("idle"), noEndpoint),
  "wants-crashing": down("the target's pod crashes again and again", to("crashing"), noEndpoint),
};

/** A Service of another name or kind than its Deployment would have. */
function serviceWith(namespace: string, name: string, spec: object) {
  const base = service({ namespace, name });
  return { ...base, spec: { ...base.spec, ...spec } };
}

const ofThree = { "part-of": "three" };

function services(namespace: string): readonly object[] {
  const http = { name: "http", port: 80 };
  return [
    ...["idle", "starting", "crashing", "typo"].map((name) => service({ namespace, name })),
    serviceWith(namespace, "bare", { selector: undefined }),
    serviceWith(namespace, "wrong-port", {
      selector: { app: "web" },
      ports: [{ ...http, targetPort: 9003 }],
    }),
    serviceWith(namespace, "udp", { ports: [{ name: "dns", port: 53, protocol: "UDP" }] }),
    serviceWith(namespace, "alias", {
      type: "ExternalName",
      externalName: "example.test",
      selector: undefined,
    }),
    serviceWith(namespace, "three", { selector: ofThree }),
    serviceWith(namespace, "sticky", { selector: ofThree, sessionAffinity: "ClientIP" }),
  ];
}

async function hasCrashed(namespace: string): Promise<true | undefined> {
  const restarts = "jsonpath={.items[*].status.containerStatuses[*].restartCount}";
  const where = `--namespace=${namespace}`;
  const reported = await kubectl(["get", "pods", "--selector=app=crashing", where, "-o", restarts]);
  return Number(reported) > 0 || undefined;
}

itReportsOfSharedRun("service", {
  cases,
  // The family of the Services, since a sign of life counts in its own; and rounds enough to meet those of the witness.
  spec: { ipFamilies: ["IPv4"], probing: { deniedRounds: 10, maxRounds: 20 } },
  besides: [{ name: "alive", expect: "Allowed", from, to: { service: { name: "web" } }, http: { port: 80 } }],
  async prepare(namespace) {
    const ready = [
      deployment({ namespace, name: "client" }),
      deployment({ namespace, name: "idle", replicas: 0 }),
      deployment({ namespace, name: "three-shut", replicas: 2, labels: ofThree }),
      deployment({ namespace, name: "three-open", labels: ofThree }),
      ...services(namespace),
    ];
    const never = [
      deployment({ namespace, name: "starting", script: SLEEPER }),
      deployment({ namespace, name: "crashing", script: "process.exit(1)" }),
    ];
    const yaml = (objects: readonly object[]) =>
      objects.map((object) => JSON.stringify(object)).join("\n---\n");
    await apply(kubectl, yaml(never));
    const nobody = networkPolicy(
      { namespace, name: "nobody" },
      { podSelector: pods("three-shut").podSelector, policyTypes: ["Ingress"] },
    );
    await deploy(kubectl, [server({ namespace, name: "web" }), yaml(ready), nobody].join("\n---\n"));
    const crashed = async () => hasCrashed(namespace);
    await until("a pod has crashed and begun again", crashed, { seconds: 120, everyMs: 500 });
  },
});
