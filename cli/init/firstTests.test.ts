import { describe, expect, it } from "vitest";
import { policy, service, shop, workload } from "../testing/namespaceScene.ts";
import { firstTests, type FirstTests } from "./firstTests.ts";
import { namespaceServiceSchema } from "./namespaceObjects.ts";

const lines = ({ tests }: FirstTests) =>
  tests.flatMap(({ name, expectations }) =>
    expectations.map((one) => `${name} ${one.name}: ${one.expect}, ${one.reason}`),
  );
const closedDb = policy("db", {
  podSelector: { matchLabels: { app: "db" } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: "api" } } }] }],
});

describe("the first tests of a namespace", () => {
  it("have an expectation for each workload and each Service of another one, as the policies say", () => {
    expect(lines(firstTests(shop({ policies: [closedDb] })))).toEqual([
      "web reaches-api-80: Allowed, no NetworkPolicy limits it",
      "web never-reaches-db-80: Denied, no rule permits it: ingress, NetworkPolicy db",
      "api reaches-web-80: Allowed, no NetworkPolicy limits it",
      "api reaches-db-80: Allowed, permitted by NetworkPolicy db",
      "db reaches-web-80: Allowed, no NetworkPolicy limits it",
      "db reaches-api-80: Allowed, no NetworkPolicy limits it",
    ]);
  });

  it("select the source as the workload selects its pods", () => {
    const [first] = firstTests(shop()).tests;
    expect(first).toMatchObject({ name: "web", namespace: "shop", source: { matchLabels: { app: "web" } } });
  });

  it("judge a Service by the port of its pods, and not by its own", () => {
    const sqlOnly = policy("db", {
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: 5432 }] }],
    });
    const services = [service("db", "sql")];
    expect(lines(firstTests(shop({ services, policies: [sqlOnly] })))).toEqual([
      "web reaches-db-80: Allowed, permitted by NetworkPolicy db",
      "api reaches-db-80: Allowed, permitted by NetworkPolicy db",
    ]);
  });

  it.each([
    [
      "a Service without a selector",
      { services: [{ ...service("web"), spec: { selector: {}, ports: [] } }] },
      "Service web: no workload of the namespace is behind it.",
    ],
    [
      "a Service before pods on the network of a node",
      { workloads: [workload("web", { hostNetwork: true })] },
      "Service web: pods behind it use the network of their node.",
    ],
    [
      "a source on the network of a node",
      { workloads: [workload("agent", { hostNetwork: true })] },
      "Deployment/agent: its pods use the network of their node, so it is no source.",
    ],
    [
      "a port name that the pods lack",
      { services: [service("web", "grpc")] },
      "Service web, port 80: no workload behind it has a port of that name.",
    ],
    [
      "a workload without pods",
      { workloads: [{ ...workload("web"), spec: { ...workload("web").spec, replicas: 0 } }] },
      "Deployment/web: it has no pods, so it is no source.",
    ],
    [
      "a selector that a test cannot have",
      {
        workloads: [
          { ...workload("web"), spec: { ...workload("web").spec, selector: { matchLabels: { "-": "x" } } } },
        ],
      },
      "Deployment/web: a test cannot have its selector, so it is no source.",
    ],
    [
      "a rule about addresses",
      {
        policies: [
          policy("db", {
            podSelector: {},
            policyTypes: ["Ingress"],
            ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }],
          }),
        ],
      },
      "Deployment/web to Service api, port 80: a rule about addresses decides (NetworkPolicy db).",
    ],
  ])("leave out %s, and say so", (_, objects, note) => {
    expect(firstTests(shop(objects)).notes).toContain(note);
  });

  it("leave out a Service of two workloads that the policies treat differently", () => {
    const both = namespaceServiceSchema.parse({
      metadata: { name: "both" },
      spec: { selector: { tier: "back" }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const behind = (name: string) => {
      const { spec, ...others } = workload(name);
      const labels = { app: name, tier: "back" };
      return { ...others, spec: { ...spec, template: { ...spec.template, metadata: { labels } } } };
    };
    const workloads = [workload("web"), behind("api"), behind("db")];
    const { tests, notes } = firstTests(shop({ workloads, services: [both], policies: [closedDb] }));
    expect(tests).toEqual([]);
    expect(notes).toEqual([
      "Deployment/web to Service both, port 80: the policies treat the workloads behind it differently.",
    ]);
  });

  it("have at most 128 expectations each, and say how many are left out", () => {
    const names = Array.from({ length: 131 }, (_, index) => `s${index}`);
    const { tests, notes } = firstTests(
      shop({
        workloads: [workload("web"), ...names.map((name) => workload(name))],
        services: names.map((name) => service(name)),
      }),
    );
    expect(tests[0]?.expectations).toHaveLength(128);
    expect(notes[0]).toBe(
      "Deployment/web: 3 more Services are left out, because a test has at most 128 expectations.",
    );
  });

  it("have names of their own, also of workloads of two kinds with one name, and of long names", () => {
    const named = (name: string, kind: string, app: string) => ({
      ...workload(app),
      metadata: { name },
      kind,
    });
    const long = "a".repeat(70);
    const workloads = [
      named("web", "Deployment", "one"),
      named("web", "StatefulSet", "two"),
      named(`${long}b`, "Deployment", "three"),
      named(`${long}c`, "Deployment", "four"),
    ];
    const services = ["b", "c"].map((end) => ({
      ...service("api"),
      metadata: { name: "s".repeat(62) + end },
    }));
    const { tests } = firstTests(shop({ workloads: [...workloads, workload("api")], services }));
    expect(tests.map(({ name }) => name)).toEqual(["web", "web-2", "a".repeat(63), `${"a".repeat(61)}-2`]);
    const cut = `reaches-${"s".repeat(55)}`;
    expect(tests[0]?.expectations.map(({ name }) => name)).toEqual([cut, `${cut.slice(0, 61)}-2`]);
  });
});
