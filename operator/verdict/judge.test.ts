import { describe, expect, it } from "vitest";
import { expectationStatusSchema } from "../../crds/connectivitytest.ts";
import {
  apart,
  liveSource,
  mysql,
  runOf,
  targetAlive,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge, type ExpectationVerdict } from "./judge.ts";

function judged(sketch: RunSketch): ExpectationVerdict | undefined {
  return judge(runOf({ pods: apart, ...sketch }))[0];
}

const proven = [liveSource, targetAlive];
const denied: PathSketch = { samples: "....." };
const open: PathSketch = { samples: "CCC", result: { latencyMs: 0.83 } };

describe("an expectation", () => {
  it("is decided by its worst path, which stands first and alone has the command", () => {
    const verdict = judged({ paths: [denied, open, { samples: "CCCCCCCCCCC...." }, ...proven] });
    expect(verdict).toMatchObject({
      name: "orders-mysql",
      expected: "Denied",
      verdict: "Failed",
      reason: "Open",
      actual: "Allowed",
    });
    expect(verdict?.paths.map(({ reason, command }) => [reason, command !== undefined])).toEqual([
      ["Open", true],
      ["OpenSometimes", false],
      ["AsExpected", false],
    ]);
    expect(verdict?.paths[0]?.command).toBe("curl -sS --connect-timeout 2 telnet://10.1.0.2:3306");
  });

  it("counts all of its paths, and returns all of them to the caller, who shortens the list", () => {
    const verdict = judged({ paths: Array.from({ length: 12 }, () => open) });
    expect(verdict).toMatchObject({ pathCount: 12 });
    expect(verdict?.paths).toHaveLength(12);
  });

  it("is in the order of the test, not of the paths", () => {
    const expectations = [
      { name: "catalog-mysql", expect: "Allowed" },
      { name: "orders-mysql", expect: "Denied" },
    ] as const;
    expect(judge(runOf({ expectations, paths: [denied, ...proven] })).map(({ name }) => name)).toEqual([
      "catalog-mysql",
      "orders-mysql",
    ]);
  });

  it("is Inconclusive by a finding even where every path passed", () => {
    const finding = {
      expectation: "orders-mysql",
      reason: "TargetNotFound",
      message: "Service/mysql has no IPv6 address",
    } as const;
    expect(judged({ paths: [denied, ...proven], findings: [finding] })).toMatchObject({
      verdict: "Inconclusive",
      reason: "TargetNotFound",
      message: "Service/mysql has no IPv6 address",
      actual: "Unknown",
      pathCount: 1,
    });
  });

  it("is Failed by a path, independent of findings", () => {
    const finding = { expectation: "orders-mysql", reason: "TargetNotFound", message: "no IPv6" } as const;
    expect(judged({ paths: [open], findings: [finding] })).toMatchObject({
      verdict: "Failed",
      reason: "Open",
    });
  });
});

describe("a path", () => {
  it("reports what was tried, from where and with which result", () => {
    const verdict = judged({ paths: [{ ...open, samples: "..CCC" }] });
    expect(verdict?.paths[0]).toMatchObject({
      from: "Deployment/orders",
      to: "Service/mysql",
      address: "10.1.0.2:3306",
      outcome: "Connected",
      samples: "..CCC",
      settledAfter: "2s",
      latency: "0.8ms",
      node: "near",
    });
  });

  it("has no time of settling if its rounds always agreed", () => {
    expect(judged({ paths: [open] })?.paths[0]).not.toHaveProperty("settledAfter");
  });

  const addresses: readonly [PathSketch["check"], string][] = [
    [{ address: "fd00::2", port: 80 }, "[fd00::2]:80"],
    [{ tool: "icmp", address: "fd00::2", port: undefined }, "fd00::2"],
    [{ tool: "dns", address: undefined, port: undefined, host: "kubernetes.default" }, "kubernetes.default"],
    [{ address: undefined, host: "db.example.com" }, "db.example.com:3306"],
  ];
  it.for(addresses)("is identified by its address: %j is %s", ([check, address]) => {
    expect(judged({ paths: [{ ...open, check: { ...check } }] })?.paths[0]?.address).toBe(address);
  });

  it("is identified by the address that its host resolved to", () => {
    const host: PathSketch = { ...open, kind: "Host", check: { address: undefined, host: "db" } };
    expect(judged({ paths: [{ ...host, result: { address: "192.0.2.7" } }] })?.paths[0]?.address).toBe(
      "192.0.2.7:3306",
    );
  });
});

describe("a host in several families", () => {
  const host = (family: "IPv4" | "IPv6", samples: string, more: PathSketch = {}): PathSketch => ({
    ...more,
    samples,
    expect: "Allowed",
    kind: "Host",
    to: "db.example.com",
    backends: [],
    check: { family, address: undefined, host: "db.example.com" },
  });

  it("counts only in those that it has", () => {
    const verdict = judged({ paths: [host("IPv4", "CCC"), host("IPv6", "xxxxxxxxxx")] });
    expect(verdict).toMatchObject({ verdict: "Passed", pathCount: 1 });
  });

  it("counts in a family that the author asked for", () => {
    const verdict = judged({
      paths: [host("IPv4", "CCC"), host("IPv6", "xxxxxxxxxx", { familyAsked: true })],
    });
    expect(verdict).toMatchObject({ verdict: "Inconclusive", pathCount: 2 });
  });

  it("counts in all if it resolved in none", () => {
    const verdict = judged({ paths: [host("IPv4", "xxxxx"), host("IPv6", "xxxxx"), liveSource] });
    expect(verdict).toMatchObject({ verdict: "Failed", reason: "NameNotResolved", pathCount: 2 });
  });

  it("counts where the resolver failed, which is not to say that there is no such name", () => {
    const verdict = judged({ paths: [host("IPv4", "fffff"), host("IPv6", "CCC"), liveSource] });
    expect(verdict).toMatchObject({ verdict: "Failed", reason: "NameNotResolved", pathCount: 2 });
  });

  it("is not excused by what another source resolved", () => {
    const other = host("IPv4", "CCC", { from: "Deployment/other", pod: "probe-other" });
    expect(judged({ paths: [other, host("IPv6", "xxxxxxxxxx")] })).toMatchObject({ verdict: "Inconclusive" });
  });
});

describe("the message", () => {
  it("names source, target, port, what was seen and where to look", () => {
    expect(judged({ paths: [open, denied, ...proven] })?.message).toBe(
      "1 of 2 paths is open: Deployment/orders → mysql 10.1.0.2:3306 connected in 0.8 ms; no policy blocks it. Check the source's egress policies and the target's ingress policies",
    );
  });

  it("reports what proves a denial, and that readiness is weaker", () => {
    const ready = { ...denied, backends: [{ ...mysql, readinessOnPort: true }] };
    expect(judged({ paths: [ready, ready, liveSource] })?.message).toBe(
      "2 paths are denied, such as Deployment/orders → mysql 10.1.0.2:3306: no reply; target proven by Readiness (weaker: as old as the last readiness probes), source by Observed, link by Observed",
    );
  });

  it("reports the start-up race, and what was not tried", () => {
    const paths = [
      { samples: "CC.....", backendCount: 31 },
      { ...liveSource, samples: "AAAAAAA" },
      { ...targetAlive, samples: "CCCCCCC" },
    ];
    const message = judged({ paths, sourceNodes: 3, probing: { interval: "900ms" } })?.message;
    expect(message).toContain("open for the first 1.8 s of the pod's life");
    expect(message).toContain("1 of 31 endpoints was probed");
    expect(message).toContain("from 1 of 3 nodes");
  });

  const lookup = (check: PathSketch["check"]) =>
    ({ tool: "dns", address: undefined, port: undefined, ...check }) as const;
  const service = { host: "_http._tcp.web", recordType: "SRV", protocol: "TCP" } as const;
  const seen: readonly [PathSketch, string][] = [
    [
      { samples: "aaa", check: { tool: "http", status: ["200"] }, result: { httpStatus: 503 } },
      "answered HTTP 503, not 200",
    ],
    [
      { samples: "aaa", check: { tool: "http" }, result: { httpStatus: 404 } },
      "answered HTTP 404, not a status below 400",
    ],
    [{ samples: "ccc", check: { tool: "http" } }, "connected, but there was no HTTP answer"],
    [
      { samples: "ccc", check: { tool: "http" }, result: { hint: "the TLS handshake failed" } },
      "connected, but there was no HTTP answer (the TLS handshake failed)",
    ],
    [
      { samples: "XXX", kind: "Resolver", to: "the pod's resolver", check: lookup({ host: "a.example." }) },
      "→ the pod's resolver for a.example.: the resolver answered that there is no such record",
    ],
    [
      {
        samples: "FFF",
        kind: "Address",
        check: lookup({ ...service, address: "10.96.0.10" }),
        result: { hint: "SERVFAIL" },
      },
      "→ _http._tcp.web (SRV, TCP) at 10.96.0.10: the resolver answered with a failure (SERVFAIL)",
    ],
    [{ samples: "CC.CC.CC.CC.CC." }, "was open in 10 of 15 rounds"],
    [
      { samples: "EEEEEEEEEEEEEEE", result: { hint: "no memory" } },
      "too few attempts had a result (no memory)",
    ],
    [{}, "its probe pod reported no result for it"],
  ];
  it.for(seen)("of %j: %s", ([path, words]) => {
    expect(judged({ paths: [{ expect: "Allowed", ...path }] })?.message).toContain(words);
  });

  it("of a missing name reports why that is open, and what to look at where it was to be found", () => {
    const missing: PathSketch = {
      samples: "XXX",
      kind: "Resolver",
      to: "the pod's resolver",
      check: lookup({ host: "a.example." }),
    };
    const reported = judged({ paths: [{ ...missing, expect: "Denied" }] });
    expect(reported).toMatchObject({ verdict: "Failed", reason: "Open" });
    expect(reported?.message).toContain(
      "no such record, and any answer proves that the server was reached; no policy blocks it.",
    );
    const wanted = judged({ paths: [{ ...missing, expect: "Allowed" }] });
    expect(wanted).toMatchObject({ verdict: "Failed", reason: "UnexpectedAnswer" });
    expect(wanted?.message).toContain("Check the name of the lookup");
  });

  it("does not send people looking for what comes and goes where nothing ever came", () => {
    const late = { ...liveSource, samples: "............AAA" };
    const message = judged({ paths: [{ samples: "..............." }, late] })?.message;
    expect(message).toContain("was open in 0 of 15 rounds. Too few rounds followed the first proof");
  });

  it("points to the Service if it has no endpoints", () => {
    const nobody: PathSketch = { ...denied, kind: "ClusterAddress", backends: [], backendCount: 0 };
    expect(judged({ paths: [nobody, liveSource] })?.message).toBe(
      "the path is denied without proof of the target: Deployment/orders → mysql 10.1.0.2:3306: no reply, but the Service has no ready endpoint. Check its pods and its selector",
    );
  });

  it("names the endpoint rather than the Service's address, which leads to one of them by chance", () => {
    const before: PathSketch = { samples: "..C..CCC", kind: "ClusterAddress", backendCount: 3 };
    const verdict = judged({
      paths: [{ ...before, check: { address: "10.96.0.7", port: 80 } }, open],
    });
    expect(verdict?.paths.map(({ address, reason }) => `${address} ${reason}`)).toEqual([
      "10.1.0.2:3306 Open",
      "10.96.0.7:80 Open",
    ]);
    expect(verdict?.message).toMatch(/^2 of 2 paths are open: .* mysql 10\.1\.0\.2:3306 connected/);
    expect(verdict?.message).not.toContain("of the pod's life");
  });

  it("names the family in which nothing shows that the source's network is up", () => {
    const six: PathSketch = { samples: "..........", check: { family: "IPv6", address: "fd00::2" } };
    expect(judged({ paths: [six, liveSource] })?.message).toContain(
      "nothing proves that the probe pod's own network was up over IPv6. Add an expectation that allows this source to reach a pod over it",
    );
  });

  it("repeats the cluster's own words, without what a terminal would act on", () => {
    const pods = {
      "probe-orders": { phase: "NotRun", message: "exceeded quota\u001B[31m\nfor pods" },
    } as const;
    expect(judged({ paths: [denied], pods })?.message).toBe(
      "the path is not probed: Deployment/orders → mysql 10.1.0.2:3306: exceeded quota [31m for pods. Check the events of the test's namespace, and status.pods of its ProbeRun",
    );
  });

  it("fits, with the longest names there are", () => {
    const long: PathSketch = {
      from: `Deployment/${"d".repeat(300)}`,
      to: `Service/${"s".repeat(300)}`,
      backendCount: 1000,
    };
    const pods = { "probe-orders": { phase: "NotRun", message: "w".repeat(512) } } as const;
    for (const verdict of [
      judged({ paths: [{ ...long, ...open }], sourceNodes: 900 }),
      judged({ paths: [{ ...long, expect: "Allowed", samples: "....." }, liveSource], sourceNodes: 900 }),
      judged({ paths: [{ ...long, ...denied }], pods }),
    ]) {
      const status = { ...verdict, lastTransitionTime: "2026-11-21T12:00:00Z" };
      expect(expectationStatusSchema.safeParse(status).error).toBeUndefined();
    }
  });
});
