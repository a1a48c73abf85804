import type { Reason } from "../../crds/reasons.ts";
import { planRun } from "../planning/plan.ts";
import { nextStatus } from "../status/status.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { judge } from "../verdict/judge.ts";
import {
  connectivityTest,
  expectation,
  later,
  pod,
  probeRun,
  service,
  snapshot,
  type Cluster,
} from "./objects.ts";
import {
  apart,
  liveSource,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "./probeRuns.ts";
import { type Diagnosis, type ReportedStatus, TEST_DIAGNOSES } from "./testDiagnoses.ts";

const test = connectivityTest({ metadata: { name: "net" } });

export const SINCE = "since 2026-11-21 12:00 UTC";

/** What the status says of the first expectation once the run has ended. */
export function reportedStatus(record: RunRecord, witness?: RunRecord): ReportedStatus {
  const run = { ...probeRun(), ...record };
  const verdicts = judge(record, witness);
  const ended = { run, verdicts, startedAt: later(0), finishedAt: later(20_000) };
  const [first] = nextStatus({ test, ended, now: later(30_000) }).expectations ?? [];
  return { reason: first?.reason, message: first?.message ?? "" };
}

const endpoint = { source: "Deployment/orders", target: "mysql", port: "10.1.0.2:3306" };

interface PathCase extends Pick<Diagnosis, "seen" | "next"> {
  readonly path: PathSketch;
  readonly beside?: readonly PathSketch[];
  readonly sketch?: Partial<RunSketch>;
  readonly witness?: RunRecord;
}

function ofPath({ path, beside = [], sketch, witness, ...wanted }: PathCase): Diagnosis {
  const record = runOf({ pods: apart, ...sketch, paths: [path, ...beside] });
  return { path: endpoint, ...reportedStatus(record, witness), ...wanted };
}

export const denied: PathSketch = { samples: "....." };
const allowed: PathSketch = { expect: "Allowed", samples: "....." };
const proven = [liveSource, targetAlive];
const POLICIES = "Check the source's egress policies";

interface FindingCase {
  readonly ask?: Parameters<typeof expectation>[0];
  readonly cluster: Cluster;
  readonly seen: string;
  readonly next: string;
}

const ui = pod("ui", { labels: { app: "ui" }, owner: "StatefulSet/ui" });

function ofFinding({ ask, cluster, seen, next }: FindingCase): Diagnosis {
  const asked = expectation({ to: { service: { name: "web" } }, tcp: { port: 8443 }, ...ask });
  const planned = planRun({
    test: connectivityTest({ spec: { expectations: [asked] } }),
    run: { id: "abc", trigger: "Generation" },
    snapshot: snapshot(cluster),
    witness: { enabled: true, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  const found = reportedStatus({ spec: planned.spec, status: probeRun().status });
  return { ...found, path: { source: "pods app=ui", target: "Service/web", port: "tcp 8443" }, seen, next };
}

/** A situation for each reason, and the required parts of its message. */
export const DIAGNOSES: Readonly<Record<Reason, () => Diagnosis>> = {
  AsExpected: () => ofPath({ path: denied, beside: proven, seen: "no reply; target proven by Observed" }),
  UnexpectedAnswer: () =>
    ofPath({
      path: { ...allowed, samples: "aaa", check: { tool: "http" }, result: { httpStatus: 503 } },
      seen: "answered HTTP 503, not a status below 400",
      next: "Check the target itself",
    }),
  Blocked: () => ofPath({ path: allowed, beside: proven, seen: "no reply", next: POLICIES }),
  TargetDown: () =>
    ofPath({
      path: allowed,
      beside: [liveSource],
      witness: witnessesOf({ paths: [{ samples: "RRRRRRRR" }] }),
      seen: "a witness on far could not reach it either",
      next: "Check that it listens on that port",
    }),
  NotReachable: () =>
    ofPath({
      path: { ...allowed, samples: "RRRRR" },
      beside: [liveSource],
      seen: "refused",
      next: "Check that it listens on that port. Check the source's egress policies",
    }),
  NameNotResolved: () => ({
    ...ofPath({
      path: {
        ...allowed,
        samples: "xxxxx",
        kind: "Host",
        to: "db.example.com",
        check: { address: undefined, host: "db.example.com" },
        backends: [],
      },
      beside: [liveSource],
      seen: "the resolver answered that there is no such record for db.example.com",
      next: "Check the name, and the source's egress policies for the cluster's DNS",
    }),
    path: { ...endpoint, target: "db.example.com", port: "db.example.com:3306" },
  }),
  Open: () =>
    ofPath({
      path: { ...denied, samples: "CCC", result: { latencyMs: 0.8 } },
      seen: "connected in 0.8 ms",
      next: POLICIES,
    }),
  OpenSometimes: () =>
    ofPath({
      path: { ...denied, samples: "..C..C..C..C..C" },
      seen: "was open in 5 of 15 rounds",
      next: "Check that every endpoint and node enforces the same policies",
    }),
  TargetChanged: () =>
    ofPath({
      path: denied,
      beside: proven,
      sketch: { changes: [{ path: 0, change: "Gone", name: "mysql-7d9f-x2x", more: 2 }] },
      seen: "no reply, but mysql-7d9f-x2x existed when the run was planned and is gone now (2 more changed)",
      next: "Run the test again when the rollout has finished",
    }),
  TargetNotProven: () =>
    ofPath({
      path: denied,
      beside: [liveSource],
      seen: "no reply, but nothing proves that it was up",
      next: "Add an expectation that allows another workload to reach it",
    }),
  SourceNotProven: () =>
    ofPath({
      path: { ...denied, samples: ".........." },
      beside: [targetAlive],
      seen: "no reply, but nothing proves that the probe pod's own network was up",
      next: "Add an expectation that allows this source to reach a pod",
    }),
  ClockSkew: () =>
    ofPath({
      path: denied,
      beside: [liveSource],
      witness: witnessesOf({
        paths: [{}],
        pods: {
          "witness-far": { node: "far", clock: { observer: "operator", minOffset: 2_000, maxOffset: 9_000 } },
        },
      }),
      seen: "no reply, but the clock of far is between 2.0 and 9.0 s ahead of that of near",
      next: "Synchronize both clocks, then run the test again",
    }),
  LinkNotProven: () =>
    ofPath({
      path: denied,
      beside: [{ ...liveSource, backends: [{ name: "c", uid: "c", node: "fourth" }] }, targetAlive],
      seen: "no reply, but nothing proves that the two nodes reach each other",
      next: "Add an expectation that allows a path between them",
    }),
  Unsettled: () =>
    ofPath({
      path: { ...allowed, samples: "CC.CC.CC.CC.CC." },
      seen: "was open in 10 of 15 rounds",
      next: "Check whether an endpoint or a policy changes repeatedly",
    }),
  ProbeNotRun: () =>
    ofPath({
      path: denied,
      sketch: { pods: { "probe-orders": { phase: "NotRun", message: "exceeded quota: compute" } } },
      seen: "exceeded quota: compute",
      next: "Check the events of the test's namespace",
    }),
  Intercepted: () =>
    ofPath({
      path: { ...denied, samples: "CCC" },
      sketch: { pods: { ...apart, "probe-orders": { injected: ["istio-proxy"] } } },
      seen: "connected, but the injected istio-proxy in the probe pod may have answered for the target",
      next: "or disable injection for probe pods",
    }),
  NotGranted: () => ({
    ...ofFinding({
      ask: { from: { namespace: "vault", podSelector: { matchLabels: { app: "ui" } } } },
      cluster: { services: [service("web", { ports: [{ port: 8443 }] })] },
      seen: "no ProbeGrant lets namespace shop use pods of namespace vault as sources",
      next: "Ask an administrator of that namespace for a ProbeGrant",
    }),
    path: { source: "pods app=ui of namespace vault", target: "Service/web", port: "tcp 8443" },
  }),
  SourceNotFound: () =>
    ofFinding({
      cluster: { services: [service("web")] },
      seen: "no running pod matches the source's podSelector",
      next: "Check kubectl get pods -n shop -l 'app=ui'",
    }),
  TargetNotFound: () =>
    ofFinding({
      cluster: { pods: [ui], services: [service("web")] },
      seen: "Service/web has no port 8443",
      next: "Check kubectl get services,endpointslices -n shop",
    }),
  TargetNotSupported: () =>
    ofFinding({
      cluster: { pods: [ui], services: [service("web", { type: "ExternalName" })] },
      seen: "Service/web is an ExternalName",
      next: "Test the pods behind it",
    }),
  SourceNotReproducible: () =>
    ofFinding({
      cluster: {
        pods: [pod("ui", { labels: { app: "ui" }, spec: { hostNetwork: true } })],
        services: [service("web", { ports: [{ port: 8443 }] })],
      },
      seen: "runs on the host network",
      next: "Select another source in from.podSelector",
    }),
  ...TEST_DIAGNOSES,
};
