import { API_VERSION, PROBE_RUN } from "../../crds/group.ts";
import { type Check, type ProbeRun, probeRunSchema } from "../../crds/proberun/proberun.ts";
import { probePod } from "../../probes/pod/pod.ts";
import { apply } from "../kube/deploy.ts";
import { cluster, kubectl } from "../harness/scenario.ts";
import { type Case, CASES, SOURCES, type Source } from "./cases.ts";
import type { Addresses } from "./network.ts";

/**
 * As many rounds as there can be: where all settle early they cost nothing, and on a busy machine some say nothing. Denials
 * take ten seconds, so that the kubelet has found each container ready before its pod ends.
 */
const PROBING = { deniedRounds: 10, maxRounds: 60 };

/**
 * Writes the cases down as a ProbeRun, one pod for each source, and reads it back as the API server has it. No test
 * controls it, so the operator leaves it alone.
 */
export async function createRun(namespace: string, addresses: Addresses): Promise<ProbeRun> {
  const { kind } = PROBE_RUN;
  const metadata = { name: "outcomes", namespace };
  const body = { apiVersion: API_VERSION, kind, metadata, spec: specOf(addresses) };
  const args = ["create", "--filename=-", "--output=json"];
  const created: unknown = JSON.parse(await kubectl(args, { input: JSON.stringify(body) }));
  return probeRunSchema.parse(created);
}

function specOf(addresses: Addresses) {
  return {
    test: { kind: "Test", name: "outcomes", uid: "" },
    run: { id: "outcomes", trigger: "Request", generation: 1 },
    probing: PROBING,
    expectations: [],
    pods: SOURCES.map((source) => plannedPod(source, addresses)),
    paths: CASES.map((each) => ({
      id: each.path,
      expectation: "outcomes",
      expect: "Allowed",
      from: `Pod/${each.from}`,
      to: each.name,
      kind: "Address",
      pod: each.from,
      check: checkOf(each, addresses),
    })),
  };
}

/** What a source's pods have instead of the cluster's DNS; their name server is the open server. */
const DNS_CONFIGS: Partial<Readonly<Record<Source, object>>> = {
  foreign: {},
  searching: {
    searches: ["servfail.search", "nodata.search", "target.search"],
    options: [{ name: "ndots", value: "2" }],
  },
  refusing: { searches: ["refused.search", "target.search"] },
};

function plannedPod(source: Source, { open: [nameServer] }: Addresses) {
  const dns = DNS_CONFIGS[source];
  const twin = {
    labels: { app: source },
    serviceAccountName: "default",
    ...(dns && { dnsPolicy: "None", dnsConfig: { nameservers: [nameServer], ...dns } }),
  };
  return { name: source, source: `Pod/${source}`, sourcePod: { name: source, uid: "" }, twin };
}

function checkOf({ from, path, question: { at, ...question } }: Case, addresses: Addresses) {
  const [ipv4, ipv6] = at === undefined ? [] : addresses[at];
  const [family, address] = from === "six" ? ["IPv6", ipv6] : ["IPv4", ipv4];
  return { path, family, address, provesSource: at === "open", ...question };
}

/** The checks of one probe pod. */
export function checksOf({ spec }: ProbeRun, pod: string): Check[] {
  return spec.paths.filter((path) => path.pod === pod).map(({ check }) => check);
}

/** Makes the run's probe pods as the operator makes them. */
export async function createPods(run: ProbeRun): Promise<void> {
  const pods = run.spec.pods.map((planned) =>
    probePod({
      run,
      planned,
      checks: checksOf(run, planned.name),
      image: cluster.image,
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 120,
    }),
  );
  await apply(kubectl, pods.map((pod) => JSON.stringify(pod)).join("\n---\n"));
}
