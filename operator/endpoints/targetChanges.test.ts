import { describe, expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import { planRun } from "../planning/plan.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  snapshot,
  type Cluster,
  type PodOptions,
} from "../testing/objects.ts";
import { targetChanges } from "./targetChanges.ts";

const ui = pod("ui", { labels: { app: "ui" }, ips: ["10.1.0.9"] });
const web = (name: string, ip: string, options: PodOptions = {}) =>
  pod(name, { labels: { app: "web" }, ips: [ip], ...options });
const a = web("a", "10.1.0.1");
const b = web("b", "10.1.0.2");
const c = web("c", "10.1.0.3");
const terminating = web("a", "10.1.0.1", {
  metadata: { deletionTimestamp: "2026-11-21T12:00:09.000Z" },
});

type Pods = readonly ReturnType<typeof pod>[];

/** The Service web with these endpoints, beside which other pods may run. */
const behindWeb = (endpoints: Pods, others: Pods = [], more: Cluster = {}): Cluster => ({
  pods: [ui, ...endpoints, ...others],
  services: [service("web")],
  slices: [
    slice(
      "web",
      endpoints.map((one) => endpointOf(one)),
    ),
  ],
  ...more,
});

const toService = expectation({ to: { service: { name: "web" } }, tcp: { port: 80 }, expect: "Denied" });
const toPods = expectation({
  to: { podSelector: { matchLabels: { app: "web" } } },
  tcp: { port: 80 },
  expect: "Denied",
});

interface Story {
  readonly ask?: Expectation;
  readonly before: Cluster;
  readonly after: Cluster;
}

/** What changed, as `address change name +more`; `-` stands for what no path went to. */
function changes({ ask = toService, before, after }: Story): string[] {
  const test: ConnectivityTest = connectivityTest({ spec: { expectations: [ask] } });
  const planned = planRun({
    test,
    run: { id: "abc", trigger: "Generation" },
    snapshot: snapshot(before),
    witness: { enabled: false, allow: [] },
  });
  if ("problem" in planned) throw new Error(planned.problem.message);
  const { spec } = planned;
  return targetChanges({ spec, test, snapshot: snapshot(after) }).map(
    ({ path, change, name, more }) =>
      `${spec.paths.find(({ id }) => id === path)?.check.address ?? "-"} ${change} ${name} +${more}`,
  );
}

const both = behindWeb([a, b]);

describe("behind a Service", () => {
  it("nothing has changed where the same pods are its ready endpoints, independent of other changes", () => {
    expect(changes({ before: both, after: behindWeb([b, a], [c]) })).toEqual([]);
  });

  it.each<readonly [string, Cluster]>([
    ["is gone", behindWeb([b])],
    ["is gone though its EndpointSlice still names it", { ...both, pods: [ui, b] }],
    ["is on its way out", { ...both, pods: [ui, b, terminating] }],
    ["has ended", { ...both, pods: [ui, b, web("a", "10.1.0.1", { status: { phase: "Failed" } })] }],
  ])("a pod that %s takes its own path and that to the cluster address with it", (_, after) => {
    expect(changes({ before: both, after })).toEqual(["10.96.0.1 Gone a +0", "10.1.0.1 Gone a +0"]);
  });

  it("a pod that has another one's name and address is another pod", () => {
    const again = web("a", "10.1.0.1", { metadata: { uid: "uid-again" } });
    expect(changes({ before: both, after: behindWeb([again, b]) })).toEqual([
      "10.96.0.1 Gone a +1",
      "10.1.0.1 Gone a +0",
      "- Appeared a +0",
    ]);
  });

  it("a pod that runs and is no longer ready has left", () => {
    expect(changes({ before: both, after: behindWeb([b], [a]) })).toEqual([
      "10.96.0.1 Left a +0",
      "10.1.0.1 Left a +0",
    ]);
  });

  it("a new endpoint was never tried", () => {
    expect(changes({ before: both, after: behindWeb([a, b, c]) })).toEqual([
      "10.96.0.1 Appeared c +0",
      "- Appeared c +0",
    ]);
  });

  it("so was the first one of a Service that had none", () => {
    expect(changes({ before: behindWeb([]), after: behindWeb([a]) })).toEqual([
      "10.96.0.1 Appeared a +0",
      "- Appeared a +0",
    ]);
  });

  it("a change that shows a rollout is reported before a pod that is only gone", () => {
    expect(changes({ before: both, after: behindWeb([c], [a]) })[0]).toBe("10.96.0.1 Gone b +2");
    expect(changes({ before: behindWeb([a]), after: behindWeb([c], [a]) })[0]).toBe(
      "10.96.0.1 Appeared c +1",
    );
  });

  it("a target port that is another one has moved every endpoint", () => {
    const moved = slice("web", [endpointOf(a)], { ports: [{ name: "", port: 9090 }] });
    const after = behindWeb([a], [], { slices: [moved] });
    expect(changes({ before: behindWeb([a]), after })).toEqual([
      "10.96.0.1 Moved a +1",
      "10.1.0.1 Moved a +0",
      "- Appeared a +0",
    ]);
  });

  it("a Service of another cluster address has moved, and its pods have not", () => {
    const after = { ...both, services: [service("web", { clusterIPs: ["10.96.0.2"] })] };
    expect(changes({ before: both, after })).toEqual(["10.96.0.1 Moved Service/web +0"]);
  });

  it("a Service that is gone leaves no endpoint", () => {
    expect(changes({ before: behindWeb([a]), after: { pods: [ui, a] } })).toEqual([
      "10.96.0.1 Moved Service/web +1",
      "10.1.0.1 Left a +0",
    ]);
  });

  it("an endpoint without a pod is known by its address", () => {
    const outside = (address: string) => ({ addresses: [address] });
    const at = (address: string) => behindWeb([], [], { slices: [slice("web", [outside(address)])] });
    expect(changes({ before: at("192.0.2.1"), after: at("192.0.2.1") })).toEqual([]);
    expect(changes({ before: at("192.0.2.1"), after: at("192.0.2.2") })).toEqual([
      "10.96.0.1 Appeared 192.0.2.2 +1",
      "192.0.2.1 Left 192.0.2.1 +0",
      "- Appeared 192.0.2.2 +0",
    ]);
  });
});

describe("of a target of many pods, of which a run probes 8", () => {
  const many = Array.from({ length: 10 }, (_, index) => web(`p${index}`, `10.1.1.${index}`));

  it("a new one changes nothing, as little as those that were left out", () => {
    const after = behindWeb([...many.slice(0, 8), c]);
    expect(changes({ before: behindWeb(many), after })).toEqual([]);
  });

  it("one that was probed and is gone changes what it did before", () => {
    const [first, ...rest] = changes({ before: behindWeb(many), after: behindWeb(many.slice(1)) });
    expect(first).toBe("10.96.0.1 Gone p0 +0");
    expect(rest).toEqual(["10.1.1.0 Gone p0 +0"]);
  });
});

describe("behind a podSelector", () => {
  const before = { pods: [ui, a] };

  it("a pod that was replaced is gone, and the new one was never tried", () => {
    expect(changes({ ask: toPods, before, after: { pods: [ui, c] } })).toEqual([
      "10.1.0.1 Gone a +0",
      "- Appeared c +0",
    ]);
  });

  it("a new pod changes nothing where its workload has more than are probed, and all where it has not", () => {
    const many = Array.from({ length: 10 }, (_, index) =>
      web(`p${index}`, `10.1.1.${index}`, { owner: "StatefulSet/many" }),
    );
    const sampled = { pods: [ui, a, ...many.slice(0, 9)] };
    expect(changes({ ask: toPods, before: sampled, after: { pods: [ui, a, ...many] } })).toEqual([]);
    expect(changes({ ask: toPods, before: sampled, after: { pods: [...sampled.pods, c] } })).toEqual([
      "- Appeared c +0",
    ]);
  });

  it("a pod that the selector no longer matches has left", () => {
    const relabelled = pod("a", { labels: { app: "other" }, ips: ["10.1.0.1"] });
    expect(changes({ ask: toPods, before, after: { pods: [ui, relabelled] } })).toEqual([
      "10.1.0.1 Left a +0",
    ]);
  });
});

it.each([
  ["an address", expectation({ to: { ip: "10.1.0.1" }, tcp: { port: 80 }, expect: "Denied" })],
  ["a host", expectation({ to: { host: "web.shop" }, tcp: { port: 80 }, expect: "Denied" })],
])("%s has no pods behind it that could change", (_, ask) => {
  expect(changes({ ask, before: both, after: { pods: [ui] } })).toEqual([]);
});

it("a family that no source speaks was never meant to be tried", () => {
  const dual = web("a", "10.1.0.1", { status: { podIPs: [{ ip: "10.1.0.1" }, { ip: "fd00::1" }] } });
  const before = { pods: [ui, dual] };
  expect(changes({ ask: toPods, before, after: before })).toEqual([]);
});
