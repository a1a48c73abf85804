import { describe, expect, it } from "vitest";
import { apart, liveSource, mysql, runOf, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const messageFor = (paths: readonly PathSketch[]) => judge(runOf({ pods: apart, paths }))[0]?.message ?? "";
const messageOf = (paths: readonly PathSketch[]) => messageFor([...paths, liveSource, targetAlive]);

const toPod = (to: string, uid: string, backendCount: number): PathSketch => ({
  kind: "Pod",
  to,
  backendCount,
  backends: [{ ...mysql, uid }],
  samples: "CCC",
});

it("the pods of every workload behind a selector are counted together, each workload once", () => {
  const paths = [
    toPod("StatefulSet/many", "a", 12),
    toPod("StatefulSet/many", "b", 12),
    toPod("Pod/alone", "c", 1),
  ];
  expect(messageOf(paths)).toContain("3 of 13 pods were probed");
});

describe("pods of other namespaces", () => {
  const inNamespace = (namespace: string): PathSketch => ({
    ...toPod(`Deployment/db.${namespace}`, namespace, 1),
    grants: ["sources/of-the-client", `${namespace}/shop`],
  });

  it("are those of the namespaces that grant them, and the message names these", () => {
    expect(messageOf([inNamespace("front"), inNamespace("back")])).toContain(
      "Of other namespaces, only those with a grant were tested: back, front",
    );
  });

  it("are counted where the namespaces are many", () => {
    const message = messageOf(["a", "b", "c", "d", "e"].map(inNamespace));
    expect(message).toContain("only those with a grant were tested: a, b, c and 2 more");
  });

  it("need no such words where no grant was needed", () => {
    expect(messageOf([toPod("Deployment/db.front", "a", 1)])).not.toContain("grant");
  });
});

it("a probe pod that the operator has assigned to its node is mentioned with the node", () => {
  const message = (assigned: object) =>
    judge(
      runOf({
        paths: [{ expect: "Allowed", samples: "CCC" }],
        pods: { "probe-orders": { node: "near", ...assigned } },
      }),
    )[0]?.message;
  expect(message({ assignedNode: "near" })).toContain(
    "The scheduler rejected the probe pod because of other pods, so the operator assigned it to the source's node near",
  );
  expect(message({})).not.toContain("scheduler");
});

const v4: PathSketch = { check: { family: "IPv4", address: "10.1.0.2" } };
const v6: PathSketch = { check: { family: "IPv6", address: "fd00::2" } };
const open = { samples: "CCC", result: { latencyMs: 0.8 } } as const;
const closed = { samples: "....." } as const;

describe("what affects one family alone", () => {
  it.each<readonly [what: string, paths: readonly PathSketch[], opening: string]>([
    [
      "one path",
      [
        { ...v4, ...closed },
        { ...v6, ...open },
      ],
      "1 of 2 paths is open, the one over IPv6: ",
    ],
    [
      "several paths",
      [
        { ...v4, ...open },
        { ...v4, ...open, to: "Service/other" },
        { ...v6, ...closed },
      ],
      "2 of 3 paths are open, all those over IPv4: ",
    ],
    [
      "not every path of the family",
      [
        { ...v6, ...open },
        { ...v6, ...closed },
        { ...v4, ...closed },
      ],
      "1 of 3 paths is open: ",
    ],
    [
      "both families",
      [
        { ...v4, ...open },
        { ...v6, ...open },
      ],
      "2 of 2 paths are open: ",
    ],
    [
      "no other family",
      [
        { ...v4, ...open },
        { ...v4, ...closed },
      ],
      "1 of 2 paths is open: ",
    ],
  ])("is reported: %s", (_, paths, opening) => {
    expect(messageOf(paths)).toMatch(new RegExp(`^${opening}Deployment/orders`));
  });

  it("is not reported for lookups, whose family is that of the record", () => {
    const lookup = (path: PathSketch): PathSketch => ({
      kind: "Resolver",
      backends: [],
      expect: "Denied",
      ...path,
      check: { ...path.check, tool: "dns", host: "web.example", address: undefined },
    });
    expect(messageFor([lookup({ ...v4, samples: "....." }), lookup({ ...v6, samples: "NNN" })])).toMatch(
      /^1 of 2 paths is open: /,
    );
  });
});

describe("a Service's address that policies do not see", () => {
  const noPod = (address: string) => ({ name: address, uid: "", node: "" });
  const first = noPod("192.0.2.1");
  const second = noPod("192.0.2.2");
  const service = (backends: PathSketch["backends"] = [first]): PathSketch => ({
    kind: "ClusterAddress",
    to: "Service/kubernetes.default",
    backends,
    check: { address: "10.96.0.1", port: 443 },
  });
  const endpoint = (backend = first): PathSketch => ({
    ...service([backend]),
    kind: "Endpoint",
    check: { address: backend.name, port: 6443 },
  });
  const allowed = { expect: "Allowed", ...closed } as const;
  const alive: PathSketch = { ...targetAlive, ...service(), expect: "Allowed", samples: "CCCCC" };
  const SEEN = "use this address in policies: 192.0.2.1:6443";

  it.each<readonly [what: string, paths: readonly PathSketch[]]>([
    ["where it is blocked", [{ ...service(), ...allowed }, { ...endpoint(), ...allowed }, alive, liveSource]],
    ["where it is not reachable", [{ ...service(), ...allowed }, { ...endpoint(), ...allowed }, liveSource]],
    [
      "where it is open",
      [
        { ...service(), ...open },
        { ...endpoint(), ...open },
      ],
    ],
  ])("is reported with the address behind it: %s", (_, paths) => {
    expect(messageFor(paths)).toContain(
      `Most CNIs translate a Service's address before they apply policies; ${SEEN}`,
    );
  });

  it("counts the other addresses behind it", () => {
    const both = [service([first, second]), endpoint(first), endpoint(second)];
    expect(messageFor(both.map((path) => ({ ...path, ...open })))).toContain(`${SEEN} (and 1 more)`);
  });

  it.each<readonly [what: string, paths: readonly PathSketch[]]>([
    ["where pods are behind it, which policies select", [{ ...open, kind: "ClusterAddress" }, open]],
    [
      "where the way by the Service is not what is told of",
      [
        { ...service(), ...closed },
        { ...endpoint(), ...open },
      ],
    ],
  ])("is not reported %s", (_, paths) => {
    expect(messageOf(paths)).not.toContain("translate");
  });
});
