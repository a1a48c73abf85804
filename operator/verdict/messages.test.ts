import { describe, expect, it } from "vitest";
import type { AnsweredIn, UnfinishedBody } from "../../crds/proberun/proberun.ts";
import { apart, runOf, type PathSketch, type RunSketch } from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

const homeless = {
  phase: "NotRun",
  node: undefined,
  message: "not started within 1m: Unschedulable: 0/1 nodes are available",
} as const;
const messageOf = (sketch: RunSketch) =>
  judge(runOf({ ...sketch, pods: { "probe-orders": homeless } }))[0]?.message;

it("a probe pod that finds no other node gets a message that it needs one", () => {
  const backends = [{ name: "agent", uid: "uid-agent", node: "far", hostNetwork: true }];
  const planned = { "probe-orders": { awayFrom: ["far"] } };
  const [judged] = judge(
    runOf({ paths: [{ kind: "Pod", backends }], planned, pods: { "probe-orders": homeless } }),
  );
  expect(judged).toMatchObject({ verdict: "Inconclusive", reason: "ProbeNotRun" });
  expect(judged?.message).toContain(
    "0/1 nodes are available. The probe pod must not run on far, because no policy blocks a pod's own node. Check that another node accepts pods with the source's tolerations",
  );
});

it("a probe pod is said to keep away from a node only where the plan says so", () => {
  const backends = [{ name: "agent", uid: "uid-agent", node: "far", hostNetwork: true }];
  const words = "The probe pod must not run on";
  expect(messageOf({ paths: [{ kind: "Endpoint", local: true, backends }] })).not.toContain(words);
  const beside = { paths: [{}], planned: { "probe-orders": { awayFrom: ["far", "third"] } } };
  expect(messageOf(beside)).toContain(`${words} far or third, because no policy blocks a pod's own node`);
});

describe("the message about an HTTP answer that had not ended", () => {
  const MTU = "Check the MTU on the way from the target, probing.timeout, and the target itself";
  const answered = (samples: string, unfinished: UnfinishedBody, more: PathSketch = {}) => {
    const result = { httpStatus: 200, latencyMs: 2_000, unfinished };
    const path = { expect: "Allowed", samples, check: { tool: "http", port: 80 }, result, ...more } as const;
    return judge(runOf({ paths: [path], pods: apart }))[0]?.message;
  };

  it("has the bytes that came and those that were promised, and names the MTU", () => {
    expect(answered("aaa", { received: 600, promised: 100_000 })).toContain(
      `answered HTTP 200 in 2 s, but only 600 of 100000 bytes came. ${MTU}`,
    );
  });

  it("has the bytes that came if none were promised", () => {
    expect(answered("aaa", { received: 9 })).toContain(
      `answered HTTP 200 in 2 s, but the answer broke off after 9 bytes. ${MTU}`,
    );
  });

  it("says of a stream that it had not ended", () => {
    expect(answered("AAA", { received: 600 })).toContain(
      "answered HTTP 200 in 2 s, a stream without an end (600 bytes)",
    );
  });

  it("has the status alone if that is another than requested", () => {
    const result = { httpStatus: 503, latencyMs: 3, unfinished: { received: 9, promised: 10 } };
    const message = answered("aaa", { received: 9 }, { result });
    expect(message).toContain("answered HTTP 503 in 3 ms, not a status below 400. Check the target itself");
  });

  it("has what makes the path Open if Denied is expected", () => {
    expect(answered("aaa", { received: 0, promised: 100 }, { expect: "Denied" })).toContain(
      "answered HTTP 200 in 2 s, but only 0 of 100 bytes came; no policy blocks it",
    );
  });
});

describe("the message about a relative name that was resolved", () => {
  const resolved = (answeredIn: AnsweredIn) => {
    const check = { tool: "dns", address: undefined, port: undefined, host: "web" } as const;
    const path = {
      expect: "Allowed",
      kind: "Resolver",
      to: "the pod's resolver",
      samples: "NNN",
      check,
    } as const;
    return judge(runOf({ paths: [{ ...path, result: { latencyMs: 3, answeredIn } }], pods: apart }))[0]
      ?.message;
  };

  it.each([
    [{ domain: "second.test" }, "for web resolved in 3 ms in the search domain second.test"],
    [{ domain: "." }, "for web resolved in 3 ms as it is"],
    [
      { domain: "second.test", muslEnds: "SERVFAIL in first.test" },
      "in the search domain second.test, which musl's resolver does not ask (SERVFAIL in first.test)",
    ],
  ])("has the domain, and whether musl's resolver asks there: %j", (answeredIn, words) => {
    expect(resolved(answeredIn)).toContain(words);
  });
});
