import { describe, expect, it } from "vitest";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { withSelectors } from "../testing/observedCluster.ts";
import type { Observe } from "./observe.ts";
import { createFollowUpObserver } from "./observeFollowUp.ts";
import { endpointSliceSchema, type Service } from "./service.ts";

const own = pod("own", { ips: ["10.1.0.9"] });
const coredns = pod("coredns", { namespace: "kube-system", ips: ["10.1.9.1"] });
const other = pod("other", { namespace: "kube-system", ips: ["10.1.9.2"] });
const kubeDns = service("kube-dns", { namespace: "kube-system", clusterIPs: ["10.96.0.10"] });
const kubeDnsSlice = slice("kube-dns", [endpointOf(coredns)], { namespace: "kube-system" });

const kubernetes = service("kubernetes", { namespace: "default", clusterIPs: ["10.96.0.1"] });
const kubernetesSlice = slice("kubernetes", [], { namespace: "default" });

const IN_KUBE_SYSTEM = "/namespaces/kube-system";
const SLICES = "/apis/discovery.k8s.io/v1";
const KUBE_DNS_SLICE = `${SLICES}${IN_KUBE_SYSTEM}/endpointslices/kube-dns-x`;

/** The API server selects Services by the first of their cluster addresses. */
const withClusterIp = ({ spec, ...more }: Service) => ({
  ...more,
  spec: { ...spec, clusterIP: spec.clusterIPs[0] },
});

function observer(known = snapshot({ pods: [own] })) {
  const memory = createMemoryApi();
  memory.put(`/api/v1${IN_KUBE_SYSTEM}/services/kube-dns`, withClusterIp(kubeDns));
  memory.put(KUBE_DNS_SLICE, kubeDnsSlice);
  for (const one of [coredns, other]) memory.put(`/api/v1${IN_KUBE_SYSTEM}/pods/${one.metadata.name}`, one);
  memory.put("/api/v1/namespaces/default/services/kubernetes", withClusterIp(kubernetes));
  memory.put(`${SLICES}/namespaces/default/endpointslices/kubernetes`, kubernetesSlice);
  const asked: string[] = [];
  memory.before = (request) => void asked.push(withSelectors(request));
  const observe: Observe = () => Promise.resolve(known);
  return { observe: createFollowUpObserver(readsOf(memory.api), observe), asked, memory };
}

const namesIn = (pods: readonly { metadata: { name: string } }[] = []) =>
  pods.map(({ metadata }) => metadata.name);

describe("observing for a follow-up run", () => {
  it("asks for nothing more where nothing was learned", async () => {
    const { observe, asked } = observer();
    const seen = await observe(connectivityTest(), { hosts: [], nameServers: [] });
    expect([namesIn(seen.pods.get("shop")), asked]).toEqual([["own"], []]);
  });

  it("looks into no other namespace, and at no node, for what a host leads to", async () => {
    const { observe, asked } = observer();
    await observe(connectivityTest(), { hosts: ["10.1.5.5", "8.8.8.8"], nameServers: [] });
    expect(asked.filter((request) => /\/(pods|nodes)/.test(request))).toEqual([]);
  });

  it("finds the Service of a name server, its endpoints and their pods, and no other pods", async () => {
    const { observe, asked, memory } = observer();
    const nameServers = ["10.96.0.10", "10.96.0.10"];
    const seen = await observe(connectivityTest(), { hosts: [], nameServers });
    expect([...seen.services.keys()]).toEqual(["kube-system/kube-dns"]);
    expect(seen.slices.get("kube-system/kube-dns")).toEqual(
      memory.at(KUBE_DNS_SLICE).map((stored) => endpointSliceSchema.parse(stored)),
    );
    expect(namesIn(seen.pods.get("kube-system"))).toEqual(["coredns"]);
    expect(asked.filter((request) => request.includes("clusterIP"))).toHaveLength(1);
  });

  const towards = (to: object) =>
    connectivityTest({ spec: { expectations: [expectation({ to, tcp: { port: 443 } })] } });
  const nothing = { hosts: [], nameServers: [] };

  it.each([
    ["an Allowed address", towards({ ip: "10.0.0.1" }), nothing],
    ["its Service", towards({ service: { name: "kubernetes", namespace: "default" } }), nothing],
    ["what a host leads to", connectivityTest(), { hosts: ["10.1.5.5"], nameServers: [] }],
  ])("finds the API server, which may be %s, unless it is known", async (_, test, resolved) => {
    const { observe, asked } = observer();
    expect((await observe(test, resolved)).apiServer).toEqual(new Set(["10.96.0.1 80"]));
    expect(asked).toHaveLength(2);
    const known = observer({ ...snapshot(), apiServer: new Set(["10.0.0.1 443"]) });
    expect((await known.observe(test, resolved)).apiServer).toEqual(new Set(["10.0.0.1 443"]));
    expect(known.asked).toEqual([]);
  });
});
