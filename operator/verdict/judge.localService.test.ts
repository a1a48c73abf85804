import { describe, expect, it } from "vitest";
import { expandTarget } from "../endpoints/targets.ts";
import { endpointOf, expectation, pod, service, slice, snapshot } from "../testing/objects.ts";
import { liveSource, runOf, witnessesOf, type PathSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

describe("a Service of internalTrafficPolicy: Local", () => {
  const nodes = Array.from({ length: 10 }, (_, at) =>
    pod(`p${at}`, { ips: [`10.1.0.${at}`], node: `node-${at}` }),
  );
  const expand = (internalTrafficPolicy: "Local" | "Cluster", near: readonly string[] = []) =>
    expandTarget({
      expectation: expectation({ to: { service: { name: "web" } }, tcp: { port: 80 } }),
      namespace: "shop",
      families: undefined,
      near,
      snapshot: snapshot({
        pods: nodes,
        services: [service("web", { internalTrafficPolicy })],
        slices: [
          slice(
            "web",
            nodes.map((one) => endpointOf(one)),
          ),
        ],
      }),
    }).addresses;

  it("is known for one by its cluster address alone", () => {
    expect(
      expand("Local")
        .map(({ local }) => local)
        .slice(0, 2),
    ).toEqual([true, undefined]);
    expect(expand("Cluster").some(({ local }) => local === true)).toBe(false);
  });

  it("is probed by the endpoints on the nodes of the sources first, so that what answers there is known", () => {
    const names = (near: readonly string[]) => expand("Local", near)[0]?.backends.map(({ name }) => name);
    expect(names([])).not.toContain("p9");
    expect(names(["node-9"])?.[0]).toBe("p9");
  });
});

describe("the cluster address of such a Service", () => {
  const on = (node: string) => ({ name: `mysql-${node}`, uid: `uid-${node}`, node });
  const address: PathSketch = {
    kind: "ClusterAddress",
    local: true,
    check: { address: "10.96.0.2" },
    backends: [on("near"), on("far")],
    backendCount: 2,
    samples: ".....",
  };
  const endpoint = (node: string, at: string): PathSketch => ({
    backends: [on(node)],
    check: { address: at },
    samples: ".....",
  });
  const endpoints = [endpoint("near", "10.1.0.4"), endpoint("far", "10.1.0.5")];
  const selected = witnessesOf({ paths: [{ check: { address: "10.1.0.4" } }] });
  const first = (paths: readonly PathSketch[], expected: "Allowed" | "Denied" = "Denied") =>
    judge(runOf({ paths: paths.map((path) => ({ expect: expected, ...path })) }), selected)[0];
  const front = (...args: Parameters<typeof first>) =>
    first(...args)?.paths.find(({ address: dialled }) => dialled.startsWith("10.96."));

  it("is proven by the endpoints on the probe's own node alone, to which there is no link", () => {
    expect(front([address, ...endpoints, liveSource])?.proof).toEqual({
      target: "Witness",
      source: "Observed",
      link: "SameNode",
    });
  });

  it("is not proven by a source that reached it from another node", () => {
    const guest = {
      ...address,
      expect: "Allowed",
      expectation: "guest",
      from: "Deployment/guest",
      pod: "probe-guest",
    } as const;
    const away = runOf({
      paths: [address, liveSource, { ...guest, samples: "CCCCC" }],
      pods: { "probe-guest": { node: "far" } },
    });
    const beside = runOf({ paths: [address, liveSource, { ...guest, samples: "CCCCC" }] });
    expect(judge(away)[0]?.paths[0]?.proof.target).toBe("None");
    expect(judge(beside)[0]?.paths[0]?.proof.target).toBe("Observed");
  });

  it.each([
    ["Denied", "TargetNotProven"],
    ["Allowed", "TargetDown"],
  ] as const)("that has no endpoint there is no policy's doing where %s is expected", (expected, reason) => {
    const judged = first(
      [
        { ...address, backends: [on("far")], backendCount: 1 },
        { ...liveSource, expect: "Allowed" },
      ],
      expected,
    );
    expect(judged?.reason).toBe(reason);
    expect(judged?.message).toContain(
      "the Service has no ready endpoint on near, and its internalTrafficPolicy: Local sends nothing to other nodes",
    );
  });
});
