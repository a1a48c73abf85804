import { describe, expect, it } from "vitest";
import { keyOf, metadataOf, type Metadata } from "../../crds/metadata.ts";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { createObserver } from "../cluster/observe.ts";
import { createSourceObserver } from "../cluster/observeSources.ts";
import { networkPoliciesAlone } from "../cluster/policies/discovery.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, connectivityTest, expectation, later, pod, probeRun, service } from "../testing/objects.ts";
import { judge } from "../verdict/judge.ts";
import { createSourceRecheck } from "./recheckSources.ts";
import { createRunWriter } from "./runWriter.ts";

const INDEX = "apps.kubernetes.io/pod-index";
const PODS = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;
const POLICIES = "/apis/networking.k8s.io/v1/networkpolicies";
const SERVICES = "/api/v1/services";
const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const SLICES = "/apis/discovery.k8s.io/v1/endpointslices";

const ui = pod("ui-0", { labels: { app: "ui", [INDEX]: "0" }, ips: ["10.1.0.7"], owner: "StatefulSet/ui" });
const db = pod("db-0", { namespace: "data", labels: { app: "db" }, ips: ["10.1.0.9"] });
const guard = (from: object) => ({
  metadata: { name: "guard", namespace: "data", uid: "guard" },
  spec: {
    podSelector: { matchLabels: { app: "db" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [from] }],
  },
});
const byLabel = guard({ namespaceSelector: {}, podSelector: { matchLabels: { [INDEX]: "0" } } });
const onlyUi = guard({ ipBlock: { cidr: "10.1.0.7/32" } });
const everybody = guard({ ipBlock: { cidr: "10.1.0.0/16", except: ["10.1.1.0/24"] } });

const asked = expectation({ name: "db", to: { ip: "10.1.0.9" }, tcp: { port: 80 }, expect: "Denied" });
const test = connectivityTest({ spec: { expectations: [asked] } });

interface Sketch {
  readonly sourceComparison?: string | undefined;
  readonly addresses?: string[];
  readonly host?: string;
}

/** A run that has ended, and whose one path was denied. */
function ended({ sourceComparison = "", addresses = ["10.1.0.8"], host }: Sketch = {}): ProbeRun {
  const to = host === undefined ? { address: "10.1.0.9" } : { host };
  return probeRun({
    spec: {
      expectations: [{ name: "db", expect: "Denied" }],
      pods: [
        {
          name: "probe",
          source: "StatefulSet/ui",
          twin: { labels: { app: "ui" }, serviceAccountName: "default" },
        },
      ],
      paths: [
        {
          id: 0,
          expectation: "db",
          expect: "Denied",
          from: "StatefulSet/ui",
          to: host ?? "10.1.0.9",
          kind: host === undefined ? "Address" : "Host",
          pod: "probe",
          check: { path: 0, tool: "tcp", family: "IPv4", port: 80, ...to },
          ...(sourceComparison !== "no" && { sourceComparison }),
        },
      ],
    },
    status: {
      phase: "Finished",
      finishedAt: BEGAN,
      pods: [{ name: "probe", phase: "Finished", roundsStartedAt: BEGAN, addresses }],
      results: [{ path: 0, samples: "..........", ...(host !== undefined && { address: "10.96.0.9" }) }],
    },
  });
}

const policyKinds = networkPoliciesAlone;

/** The path of an object of a collection, which may be that of all namespaces. */
const pathOf = (collection: string, { namespace, name }: Metadata) =>
  collection.includes("/namespaces/")
    ? `${collection}/${name}`
    : `${collection.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`)}/${name}`;

/** What the comparison records of a run in a cluster with these policies, and what it asks the API server. */
async function compare(
  run: ProbeRun,
  policies: readonly object[],
  lists: Record<string, readonly object[]> = {},
) {
  const all: Record<string, readonly object[]> = {
    [PODS("shop")]: [ui],
    [PODS("data")]: [db],
    [POLICIES]: policies,
    [SERVICES]: [service("db", { namespace: "data", clusterIPs: ["10.96.0.9"], selector: { app: "db" } })],
    ...lists,
  };
  const memory = createMemoryApi();
  const { api, requests } = memory;
  for (const [collection, objects] of Object.entries(all))
    for (const object of objects) memory.put(pathOf(collection, metadataOf(object)), object);
  const stored = probeRunSchema.parse(memory.put(`${RUNS}/${run.metadata.name}`, run));
  const cache = new Map([[keyOf(stored.metadata), stored]]);
  const runs = createRunWriter({ api, cache, now: () => later(0) });
  const reads = readsOf(api, cache);
  const observe = createObserver(reads, { grants: { values: () => [] } });
  const observeSources = createSourceObserver(reads, { observe, policyKinds });
  const compared = await createSourceRecheck({ runs, observeSources })(test, { run: stored }, later(20_000));
  const asks = requests.filter(({ verb }) => verb === "list").map(({ path }) => path);
  return { run: compared.run, differences: compared.run.status.sources?.differences, asks };
}

const message = (why: string) => [{ path: 0, message: `StatefulSet/ui cannot have a twin: ${why}` }];

describe("the comparison of a source with its twin", () => {
  it.each([
    ["named by its address", ended()],
    ["named by a name that leads to its Service", ended({ host: "db.data" })],
  ])("finds a policy of a namespace that the test does not use, for a target %s", async (_, run) => {
    const { differences } = await compare(run, [byLabel]);
    expect(differences).toEqual(
      message(
        `a NetworkPolicy of another namespace selects by ${INDEX}, which probe pods do not have. Use a different label in that policy`,
      ),
    );
  });

  it("finds a policy by the address of the source", async () => {
    const { differences } = await compare(ended(), [onlyUi]);
    expect(differences).toEqual(
      message(
        "a NetworkPolicy of another namespace selects by IPv4 address, and only one of the source's pods and the probe pod has such an address. Use labels in that policy",
      ),
    );
  });

  it.each<[string, readonly object[], Sketch]>([
    ["no policy", [], {}],
    ["addresses that both have", [everybody], {}],
    ["addresses that neither has", [onlyUi], { addresses: ["10.1.0.7"] }],
    [
      "another pod of the namespace",
      [{ ...onlyUi, spec: { ...onlyUi.spec, podSelector: { matchLabels: { app: "x" } } } }],
      {},
    ],
  ])("finds nothing where there is %s", async (_, policies, sketch) => {
    const { differences } = await compare(ended(sketch), policies);
    expect(differences).toEqual([]);
  });

  it.each<{
    when: string;
    says: string;
    policies?: readonly object[];
    sketch?: Sketch;
    lists?: Record<string, readonly object[]>;
  }>([
    {
      when: "no pod of the source runs any more",
      lists: { [PODS("shop")]: [] },
      says: "none of its pods was running",
    },
    {
      when: "the address of the probe pod is not known",
      policies: [onlyUi],
      sketch: { addresses: [] },
      says: "that of the probe pod is not known",
    },
    {
      when: "the policies by addresses have changed",
      sketch: { sourceComparison: "abc" },
      says: "changed during the run",
    },
  ])(
    "cannot be made where $when, and another attempt may make it",
    async ({ says, policies = [], sketch, lists }) => {
      const { differences } = await compare(ended(sketch), policies, lists);
      expect(differences?.[0]?.message).toContain(says);
      expect(differences?.[0]?.transient).toBe(true);
    },
  );

  it("asks for Services and for pods elsewhere only where a policy treats the two differently", async () => {
    const elsewhere = [SERVICES, SLICES, PODS("data")];
    const { asks } = await compare(ended(), [everybody]);
    expect(asks.filter((path) => elsewhere.includes(path))).toEqual([]);
    const { asks: inDoubt } = await compare(ended(), [onlyUi]);
    expect(inDoubt.filter((path) => elsewhere.includes(path))).toEqual(elsewhere);
  });

  it("costs nothing where the plan has compared them, and is made once", async () => {
    expect((await compare(ended({ sourceComparison: "no" }), [onlyUi])).asks).toEqual([]);
    const { run } = await compare(ended(), [onlyUi]);
    expect((await compare(run, [onlyUi])).asks).toEqual([]);
  });
});

describe("a path whose source and twin are treated differently", () => {
  it.each(["..........", "CCC"])("is Inconclusive independent of the twin's results: %s", async (samples) => {
    const run = ended();
    const seen = { ...run, status: { ...run.status, results: [{ path: 0, samples }] } };
    const { run: compared } = await compare(seen, [onlyUi]);
    expect(judge(compared)[0]).toMatchObject({
      verdict: "Inconclusive",
      reason: "SourceNotReproducible",
      actual: samples === "CCC" ? "Allowed" : "Denied",
    });
  });

  it("is Inconclusive as long as the two were not compared", () => {
    expect(judge(ended())[0]).toMatchObject({ verdict: "Inconclusive", reason: "SourceNotReproducible" });
  });
});
