import { describe, expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import type { Family } from "../../crds/vocabulary.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { expectation, pod, snapshot, type PodOptions } from "../testing/objects.ts";
import { expandTarget } from "./targets.ts";

const db = { app: "db" };
const to = { podSelector: { matchLabels: db } };
const toDb = expectation({ to, tcp: { port: 5432 } });

interface Question {
  readonly ask?: Expectation;
  readonly families?: readonly Family[];
}

const expand = (pods: readonly WorkloadPod[], { ask = toDb, families }: Question = {}) =>
  expandTarget({ expectation: ask, namespace: "shop", families, snapshot: snapshot({ pods }) });

const dbPod = (name: string, options: PodOptions = {}) => pod(name, { labels: db, ...options });

describe("pods chosen by labels", () => {
  it("are targets each by its own address", () => {
    const pods = [
      dbPod("db-0", { owner: "StatefulSet/db", ips: ["10.1.0.1"] }),
      dbPod("db-1", { owner: "StatefulSet/db", ips: ["10.1.0.2"], node: "node-2" }),
      pod("ui"),
    ];
    const { addresses, findings } = expand(pods);
    expect(findings).toEqual([]);
    expect(addresses).toEqual([
      {
        to: "StatefulSet/db",
        kind: "Pod",
        family: "IPv4",
        address: "10.1.0.1",
        port: 5432,
        backendCount: 2,
        provesSource: true,
        backends: [
          { name: "db-0", uid: "uid-db-0", node: "node-1", hostNetwork: false, readinessOnPort: false },
        ],
      },
      expect.objectContaining({ address: "10.1.0.2", to: "StatefulSet/db" }),
    ]);
  });

  it.each([
    ["has other labels", pod("db-0", { labels: { app: "cache" } })],
    ["is in another namespace", dbPod("db-0", { namespace: "other" })],
    ["does not run", dbPod("db-0", { status: { phase: "Pending" } })],
    [
      "is on its way out",
      dbPod("db-0", { metadata: { name: "db-0", labels: db, deletionTimestamp: "2026-11-21T12:00:00Z" } }),
    ],
  ])("are none, and that is said, where the pod %s", (_, one) => {
    expect(expand([one])).toEqual({
      addresses: [],
      findings: [
        {
          reason: "TargetNotFound",
          message: "no running pod matches the target's podSelector",
          transient: true,
        },
      ],
    });
  });

  const replicas = (owner: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      dbPod(`${owner}-${index}`, {
        owner: `StatefulSet/${owner}`,
        ips: [`10.1.0.${index}`],
        node: index === count - 1 ? "node-2" : "node-1",
      }),
    );

  it("are at most 8 of a workload, spread over nodes, with the count of all", () => {
    const { addresses } = expand(replicas("db", 12));
    expect(addresses).toHaveLength(8);
    expect(addresses.map(({ backends: [backend] }) => backend?.node)).toContain("node-2");
    expect(addresses[0]?.backendCount).toBe(12);
  });

  it("are of every workload, however many pods another one has", () => {
    const { addresses } = expand([...replicas("many", 12), ...replicas("pair", 2), dbPod("alone")]);
    const counts = Map.groupBy(addresses, ({ to: workload, backendCount }) => `${workload}: ${backendCount}`);
    expect([...counts].map(([workload, { length }]) => [workload, length])).toEqual([
      ["Pod/alone: 1", 1],
      ["StatefulSet/many: 12", 8],
      ["StatefulSet/pair: 2", 2],
    ]);
  });

  it("are no proof of the source on the host network", () => {
    expect(expand([dbPod("db-0", { spec: { hostNetwork: true } })]).addresses).toMatchObject([
      { provesSource: false, backends: [{ hostNetwork: true }] },
    ]);
  });

  it("have no port with icmp", () => {
    const [address] = expand([dbPod("db-0")], { ask: expectation({ to, icmp: {} }) }).addresses;
    expect(address).not.toHaveProperty("port");
    expect(address).toMatchObject({ address: "10.1.0.1", provesSource: true });
  });
});

describe("a named port", () => {
  const ask = expectation({ to, http: { port: "pg" } });
  const listening = (name: string, containerPort: number, readiness = false) =>
    dbPod(name, {
      owner: "StatefulSet/db",
      spec: {
        containers: [
          {
            ports: [{ name: "pg", containerPort }],
            ...(readiness && { readinessProbe: { tcpSocket: { port: "pg" } } }),
          },
        ],
      },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });

  it("is each pod's own", () => {
    const { addresses } = expand([listening("db-0", 5432), listening("db-1", 5433, true)], { ask });
    expect(addresses.map(({ port, backends: [backend] }) => [port, backend?.readinessOnPort])).toEqual([
      [5432, false],
      [5433, true],
    ]);
  });

  it("is every port of that name, each an address of its own, so that none is left out of a denial", () => {
    const metrics = (containerPort: number) => ({ ports: [{ name: "pg", containerPort }] });
    const spec = {
      containers: [metrics(9100), metrics(9200), metrics(9100)],
      initContainers: [{ ...metrics(15_090), restartPolicy: "Always" }, metrics(1)],
    };
    const { addresses, findings } = expand([dbPod("db-0", { spec })], { ask });
    expect(findings).toEqual([]);
    expect(addresses.map(({ address, port, backendCount }) => [address, port, backendCount])).toEqual([
      ["10.1.0.1", 9100, 1],
      ["10.1.0.1", 9200, 1],
      ["10.1.0.1", 15_090, 1],
    ]);
  });

  it("is said to be missing of the pods that have none, and the others are tried", () => {
    const { addresses, findings } = expand([listening("db-0", 5432), dbPod("odd")], { ask });
    expect(addresses).toHaveLength(1);
    expect(findings).toEqual([
      { reason: "TargetNotFound", message: "Pod/odd has no container port named pg" },
    ]);
  });
});

describe("the families of pods", () => {
  const dual = dbPod("db-0", { ips: ["10.1.0.1", "fd00::1"] });
  const addressesOf = (expanded: ReturnType<typeof expand>) =>
    expanded.addresses.map(({ address }) => address);

  it("are all of theirs where none is asked for", () => {
    expect(addressesOf(expand([dual]))).toEqual(["10.1.0.1", "fd00::1"]);
  });

  it("are those asked for", () => {
    expect(addressesOf(expand([dual], { families: ["IPv6"] }))).toEqual(["fd00::1"]);
  });

  it("are said to be missing where they were asked for", () => {
    const { addresses, findings } = expand([dbPod("db-0")], { families: ["IPv6"] });
    expect(addresses).toEqual([]);
    expect(findings).toEqual([{ reason: "TargetNotFound", message: "Pod/db-0 has no IPv6 address" }]);
  });
});
