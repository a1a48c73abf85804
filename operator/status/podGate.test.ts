import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import type { ConnectivityTest, HandledRequest } from "../../crds/connectivitytest.ts";
import { connectivityTest, expectation, later, type TestOptions } from "../testing/objects.ts";
import { decidePodGate, type GatedPod, gateRequests, namesAsSource } from "./podGate.ts";

const NOW = later(60_000);

const gatedPod = (name: string, options: Partial<GatedPod> = {}): GatedPod => ({
  metadata: {
    namespace: "shop",
    name,
    uid: `uid-${name}`,
    labels: { app: "ui" },
    creationTimestamp: "2026-11-21T12:00:00Z",
  },
  revision: "v2",
  isRunning: true,
  condition: undefined,
  ...options,
});
const created = (name: string, creationTimestamp: string, options: Partial<GatedPod> = {}) => {
  const pod = gatedPod(name, options);
  return { ...pod, metadata: { ...pod.metadata, creationTimestamp } };
};
const PASSED = { status: "True", reason: "Passed", message: "" };

const handled = (pod: string, run = "r2"): HandledRequest => ({
  token: `netverdict.dev/passed:uid-${pod}`,
  verdict: "Passed",
  reason: "AsExpected",
  message: "",
  run,
  generation: 1,
  finishedAt: later(0).toISOString(),
});
const RUN = {
  id: "r2",
  trigger: "Request",
  startedAt: later(-10_000).toISOString(),
  finishedAt: later(0).toISOString(),
  generation: 1,
};
/** A test from `app: ui` whose run r2 has passed. */
const passed = (tried: readonly string[], { status, ...options }: TestOptions = {}): ConnectivityTest =>
  connectivityTest({
    status: {
      observedGeneration: 1,
      verdict: "Passed",
      run: RUN,
      handledRequests: tried.map((pod) => ({
        ...handled(pod),
        verdict:
          status?.verdict === "Failed" || status?.verdict === "Inconclusive" ? status.verdict : "Passed",
      })),
      ...status,
    },
    ...options,
  });
const from = (source: object): TestOptions => ({
  spec: {
    expectations: [
      expectation({
        from: { podSelector: {}, ...source },
        to: { service: { name: "web" } },
        tcp: { port: 80 },
      }),
    ],
  },
});

describe("a test names a pod as a source", () => {
  test.for([
    ["by its labels", {}, true],
    ["with an empty selector", from({}), true],
    ["with its own namespace, named", from({ namespace: "shop" }), true],
    ["not with other labels", from({ podSelector: { matchLabels: { app: "web" } } }), false],
    ["not with another namespace", from({ namespace: "bank" }), false],
    ["not from another namespace", { metadata: { namespace: "bank" } }, false],
    ["not while it is being deleted", { metadata: { deletionTimestamp: "2026-11-21T12:00:00Z" } }, false],
  ] as const)("%s", ([, options, expected]) => {
    expect(namesAsSource(connectivityTest(options), gatedPod("ui"))).toBe(expected);
  });
});

describe("the condition of a pod", () => {
  const decided = (pod: GatedPod, tests: readonly ConnectivityTest[], others: readonly GatedPod[] = []) =>
    decidePodGate(pod, { tests, pods: [pod, ...others], now: NOW });
  const ui = gatedPod("ui");

  it("is True when its test has passed in a run that was requested for it", () => {
    expect(decided(ui, [passed(["ui"])])).toEqual({
      status: "True",
      reason: "Passed",
      message: "passed by run r2 of ConnectivityTest/net",
    });
  });

  it("is True when a run was requested for another pod of its revision that still runs", () => {
    expect(decided(ui, [passed(["other"])], [gatedPod("other", { condition: PASSED })])?.status).toBe("True");
  });

  it("is True when its own paths have passed in the run that it requested, although those of other pods failed", () => {
    const tested = passed([], { status: { verdict: "Failed", handledRequests: [handled("ui")] } });
    expect(decided(ui, [tested])).toMatchObject({ status: "True" });
    const expired = passed([], {
      status: { verdict: "Failed", handledRequests: [handled("ui")], validUntil: later(1_000).toISOString() },
    });
    expect(decided(ui, [expired])).toMatchObject({ status: "False", reason: "Inconclusive" });
  });

  const refusing: readonly (readonly [string, readonly ConnectivityTest[], readonly GatedPod[], string])[] = [
    ["no test names it", [passed(["ui"], from({ namespace: "bank" }))], [], "NoTest"],
    ["no run was requested for it", [passed([])], [], "InProgress"],
    [
      "a run was requested for another revision",
      [passed(["old"])],
      [gatedPod("old", { revision: "v1" })],
      "InProgress",
    ],
    ["the pod of its revision that was tried is gone", [passed(["gone"])], [], "InProgress"],
    [
      "the pod of its revision that was tried runs no more",
      [passed(["other"])],
      [gatedPod("other", { isRunning: false })],
      "InProgress",
    ],
    [
      "no run could start for it",
      [passed([], { status: { handledRequests: [{ ...handled("ui"), run: undefined }] } })],
      [],
      "InProgress",
    ],
    [
      "its own paths have passed in a run before the last one, which failed",
      [passed([], { status: { verdict: "Failed", handledRequests: [handled("ui", "r1")] } })],
      [],
      "Failed",
    ],
    ["the spec has changed since", [passed(["ui"], { metadata: { generation: 2 } })], [], "InProgress"],
    ["no run has ended", [connectivityTest()], [], "InProgress"],
    ["the test failed", [passed(["ui"], { status: { verdict: "Failed" } })], [], "Failed"],
    [
      "the test is inconclusive",
      [passed(["ui"], { status: { verdict: "Inconclusive" } })],
      [],
      "Inconclusive",
    ],
    [
      "the verdict has expired",
      [passed(["ui"], { status: { validUntil: later(1_000).toISOString() } })],
      [],
      "Inconclusive",
    ],
    [
      "the time of the verdict cannot be read",
      [passed(["ui"], { status: { validUntil: "soon" } })],
      [],
      "Inconclusive",
    ],
    [
      "the test is suspended and has not tried it",
      [passed([], { spec: { suspend: true } })],
      [],
      "Suspended",
    ],
    [
      "one of two tests has not passed",
      [passed(["ui"]), passed(["ui"], { metadata: { name: "db" }, status: { verdict: "Failed" } })],
      [],
      "Failed",
    ],
  ];
  it.each(refusing)("is False if %s", (...[, tests, others, reason]) => {
    const decision = decided(ui, tests, others);
    expect(decision).toMatchObject({ status: "False", reason });
    expect(decision?.message).toMatch(
      reason === "NoTest" ? /^no ConnectivityTest of/ : /^ConnectivityTest\/(net|db): ./,
    );
  });

  it("is that of the worst test", () => {
    const suspended = passed([], { metadata: { name: "a" }, spec: { suspend: true } });
    const failed = passed(["ui"], {
      metadata: { name: "b" },
      status: { verdict: "Failed", message: "blocked" },
    });
    expect(decided(ui, [suspended, failed])).toMatchObject({ message: "ConnectivityTest/b: blocked" });
  });

  it("is not written before the pod runs, and never again after it was True", () => {
    expect(decided(gatedPod("ui", { isRunning: false }), [passed(["ui"])])).toBeUndefined();
    const failed = passed(["ui"], { status: { verdict: "Failed" } });
    expect(decided(gatedPod("ui", { condition: PASSED }), [failed])).toBeUndefined();
  });

  it("is False if a test of its namespace cannot be read, which may name it", () => {
    const { error } = connectivitySpecError();
    const unreadable = { ...passed(["ui"]), unreadable: { spec: {}, error } };
    expect(decided(ui, [unreadable])).toMatchObject({ status: "False", reason: "Inconclusive" });
  });
});

describe("the requests of a test for pods", () => {
  const requested = (tested: ConnectivityTest, pods: readonly GatedPod[], now = NOW) =>
    gateRequests(tested, pods, now);
  const token = (pod: string) => `netverdict.dev/passed:uid-${pod}`;

  it("are one for each revision, by its newest pod that waits", () => {
    const pods = [
      created("b", "2026-11-21T12:00:02Z"),
      created("a", "2026-11-21T12:00:01Z"),
      created("old", "2026-11-21T11:00:00Z", { condition: PASSED }),
      gatedPod("v1", { revision: "v1" }),
    ];
    expect(requested(passed([]), pods)).toEqual({ tokens: [token("b"), token("v1")] });
  });

  it.each([
    ["of a pod that has passed", [gatedPod("ui", { condition: PASSED })], passed([])],
    ["of a pod that does not run yet", [gatedPod("ui", { isRunning: false })], passed([])],
    ["of a pod that the test does not name", [gatedPod("ui")], passed([], from({ namespace: "bank" }))],
    ["for a revision that was tried, while the test passes", [gatedPod("ui")], passed(["ui"])],
    [
      "for a revision whose request waits",
      [gatedPod("ui"), gatedPod("a")],
      passed([], { status: { observedGeneration: 1, pendingRequests: [token("ui")] } }),
    ],
    ["while the test is suspended", [gatedPod("ui")], passed([], { spec: { suspend: true } })],
  ])("are none %s", (_, pods, tested) => {
    expect(requested(tested, pods)).toEqual({ tokens: [] });
  });

  it("are another one five minutes after a run that has not passed", () => {
    const failed = passed(["ui"], {
      status: { observedGeneration: 1, verdict: "Failed", run: RUN },
    });
    expect(requested(failed, [gatedPod("ui")])).toEqual({ tokens: [], retryAt: later(300_000) });
    expect(requested(failed, [gatedPod("ui")], later(300_000))).toEqual({ tokens: [`${token("ui")}~r2`] });
  });

  it("leave half of the room to gates, and are for eight revisions at most", () => {
    const many = Array.from({ length: 20 }, (_, number) =>
      gatedPod(`ui-${number}`, { revision: `v${number}` }),
    );
    expect(requested(passed([]), many).tokens).toHaveLength(8);
    const pendingRequests = ["a", "b", "c", "d", "e"];
    const busy = passed([], { status: { observedGeneration: 1, pendingRequests } });
    expect(requested(busy, many).tokens).toHaveLength(3);
  });
});

function connectivitySpecError() {
  const { error } = z.string().safeParse(1);
  if (error === undefined) throw new Error("a number is no text");
  return { error };
}
