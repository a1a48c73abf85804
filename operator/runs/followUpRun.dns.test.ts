import { describe, expect, it } from "vitest";
import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import {
  firstRun,
  followUpOf,
  judgedWithFollowUp,
  OUTSIDE,
  sameAsBefore,
  witnessContext,
} from "../testing/followUps.ts";
import { endpointOf, pod, service, slice } from "../testing/objects.ts";
import { liveSource, type PathSketch } from "../testing/probeRuns.ts";

describe("a denied resolver", () => {
  const DNS = "10.96.0.10";
  const dns: PathSketch = {
    kind: "Resolver",
    to: "the pod's resolver",
    check: { tool: "dns", address: undefined, port: undefined, host: "db.example.com" },
    backends: [],
    backendCount: 0,
    samples: ".....",
    result: { address: DNS },
  };
  const inSystem = (name: string, ip: string) =>
    pod(name, { namespace: "kube-system", node: "far", ips: [ip] });
  const [one, two] = [inSystem("coredns-1", "10.1.9.1"), inSystem("coredns-2", "10.1.9.2")];
  const kubeDns = service("kube-dns", {
    namespace: "kube-system",
    clusterIPs: [DNS],
    ports: [
      { name: "dns-tcp", port: 53, protocol: "TCP" },
      { name: "dns", port: 53, protocol: "UDP" },
    ],
  });
  const behind = (pods: readonly (typeof one)[]) =>
    slice(
      "kube-dns",
      pods.map((each) => endpointOf(each)),
      { namespace: "kube-system", ports: [{ name: "dns", port: 5353, protocol: "UDP" }] },
    );
  const on = witnessContext({ services: [kubeDns], slices: [behind([one, two])], pods: [one, two] });

  it("passes if each server behind it answers a witness on its own node, with any answer", () => {
    for (const letters of ["NNNNNNNN", "XXXXXXXX", "FFFFFFFF"]) {
      const seen = judgedWithFollowUp({
        paths: [dns, liveSource],
        on,
        telling: { witnesses: () => letters },
      });
      expect(seen).toMatchObject({
        verdict: "Passed",
        target: "Witness",
        source: "Observed",
        link: "Observed",
      });
    }
  });

  it("asks each server one fixed question at its own port, never the author's", () => {
    const followUp = followUpOf(firstRun([dns, liveSource]), on, sameAsBefore);
    const { paths = [] } = followUp?.witness?.spec ?? {};
    const request = { tool: "dns", family: "IPv4", host: "kubernetes.default.svc.cluster.local." };
    expect(paths.map(({ from, check }) => ({ from, ...check }))).toEqual([
      { path: 0, from: "Node/far", ...request, address: "10.1.9.1", port: 5353, provesSource: false },
      { path: 1, from: "Node/far", ...request, address: "10.1.9.2", port: 5353, provesSource: false },
      { path: 2, from: "Node/near", ...request, address: DNS, provesSource: false },
    ]);
    expect(followUp?.run.spec.paths.find(({ kind }) => kind === "Resolver")?.check.address).toBe(DNS);
  });

  it.each([
    ["is silent", ({ check }: PlannedPath) => (check.address === "10.1.9.2" ? "........" : "NNNNNNNN")],
    ["has no witness that ran", ({ check }: PlannedPath) => (check.address === "10.1.9.2" ? "" : "NNNNNNNN")],
    ["and every other is silent", () => "........"],
  ] as const)("proves nothing if one server %s", (_, witnesses) => {
    const seen = judgedWithFollowUp({ paths: [dns, liveSource], on, telling: { witnesses } });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
  });

  it("proves nothing if the cluster address is silent on the probe's node: its cache there may be dead", () => {
    const witnesses = ({ check }: PlannedPath) => (check.address === DNS ? "RRRRRRRR" : "NNNNNNNN");
    const seen = judgedWithFollowUp({ paths: [dns, liveSource], on, telling: { witnesses } });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven", target: "None" });
    expect(seen.message).toContain("a witness on near could not reach it either");
  });

  it("proves nothing if an endpoint is no pod's: no witness goes there", () => {
    const claimed = witnessContext({ services: [kubeDns], slices: [behind([one, two])], pods: [one] });
    const seen = judgedWithFollowUp({ paths: [dns, liveSource], on: claimed });
    expect(seen).toMatchObject({ verdict: "Inconclusive", reason: "TargetNotProven" });
  });

  it("is not looked at again where it has several servers, or one that no witness may ask", () => {
    expect(judgedWithFollowUp({ paths: [{ ...dns, result: {} }, liveSource], on }).looks).toBe(1);
    expect(
      judgedWithFollowUp({ paths: [{ ...dns, result: { address: "169.254.20.10" } }, liveSource], on }).looks,
    ).toBe(1);
  });

  it("outside of the cluster is asked from the probe's node, where a witness may go there", () => {
    const outside = { ...dns, result: { address: OUTSIDE } };
    const seen = judgedWithFollowUp({
      paths: [outside, liveSource],
      telling: { witnesses: () => "XXXXXXXX" },
    });
    expect(seen).toMatchObject({ verdict: "Passed", target: "Witness", link: "Observed" });
    expect(seen.message).toContain("Witness on near");
  });

  it("that is expected to be open is blocked if all its servers answer, and down if one does not", () => {
    const paths = [{ ...dns, expect: "Allowed" } as const, liveSource];
    expect(judgedWithFollowUp({ paths, on, telling: { witnesses: () => "NNNNNNNN" } }).reason).toBe(
      "Blocked",
    );
    expect(judgedWithFollowUp({ paths, on, telling: { witnesses: () => "........" } }).reason).toBe(
      "TargetDown",
    );
  });
});
