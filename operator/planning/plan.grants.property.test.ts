import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import { probeGrantSchema } from "../../crds/probegrant.ts";
import { selects } from "../../crds/selector.ts";
import { snapshotOf } from "../cluster/snapshot.ts";
import { targetChanges } from "../endpoints/targetChanges.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  networkPolicy,
  pod,
  service,
  slice,
  snapshot,
} from "../testing/objects.ts";
import { planRun } from "./plan.ts";

/** So many that their mean is steady. */
const RUNS = 500;
/** Whatever nobody has granted has this in its name. */
const SECRET = "treasure";
const word = fc.constantFrom("x", "y");
const labels = fc.record(
  { app: word, tier: word, "pod-template-hash": fc.constant("x") },
  { requiredKeys: [] },
);
const matchLabels = fc.record({ app: word, tier: word }, { requiredKeys: [] });
const podSelector = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.record({ matchLabels }));
const somewhere = fc.constantFrom("vault", "store");
const insides = fc.array(fc.tuple(somewhere, labels), { minLength: 1, maxLength: 6 });
const grants = fc.array(
  fc.record(
    {
      namespace: somewhere,
      to: fc.constantFrom("shop", "shop", "other"),
      sources: podSelector.map((selector) => ({ podSelector: selector })),
      targets: podSelector.map((selector) => ({ podSelector: selector })),
    },
    { requiredKeys: ["namespace", "to"] },
  ),
  { maxLength: 3 },
);
const from = fc.oneof(
  fc.record({ podSelector, namespace: fc.oneof(somewhere, fc.constant("missing")) }),
  fc.record({ podSelector }),
);
const to = fc.oneof(
  fc.record({ podSelector, namespaceSelector: podSelector }),
  fc.record({ namespaceSelector: podSelector }),
  fc.record({ service: fc.record({ name: fc.constant("web"), namespace: somewhere }) }),
  fc.record({ ip: fc.constantFrom("10.2.0.1", "10.2.0.2") }),
);
const asked = fc.record({ from, to, expect: fc.constantFrom("Allowed" as const, "Denied" as const) });

type Value<Values> = Values extends fc.Arbitrary<infer One> ? One : never;

type Case = [[string, Value<typeof labels>][], Value<typeof grants>, Value<typeof asked>];

/** All that there is in the cluster, even what an operator that keeps to its rules would not have looked at. */
function worldOf([inside, granted, request]: Case) {
  const given = granted.map(({ namespace, to: other, ...spec }, index) =>
    probeGrantSchema.parse({
      metadata: { name: `grant-${index}`, namespace, uid: `uid-${index}` },
      spec: { to: [{ namespace: other }], ...spec },
    }),
  );
  const isGranted = (namespace: string, own: Value<typeof labels>) =>
    given.some(
      ({ metadata, spec }) =>
        metadata.namespace === namespace &&
        spec.to.some((one) => one.namespace === "shop") &&
        [spec.sources, spec.targets].some((part) => part && selects(part.podSelector, own)),
    );
  const inOtherNamespaces = inside.map(([namespace, own], index) => {
    const name = isGranted(namespace, own) ? `granted-${index}` : `${SECRET}-${index}`;
    return pod(name, { namespace, labels: own, ips: [`10.2.0.${index + 1}`] });
  });
  const own = pod("own", { labels: { app: "x" } });
  const each = ["vault", "store"] as const;
  return {
    test: connectivityTest({ spec: { expectations: [asExpectation(request)] } }),
    snapshot: snapshot({
      pods: [own, ...inOtherNamespaces],
      grants: given.filter(({ spec }) => spec.to.some(({ namespace }) => namespace === "shop")),
      namespaces: new Map([...each, "shop"].map((name) => [name, { app: "x" }])),
      services: each.flatMap((namespace) => [
        service("web", { namespace }),
        service(`${SECRET}-service`, { namespace, selector: { app: "x" }, publishNotReadyAddresses: true }),
      ]),
      slices: each.map((namespace) =>
        slice(
          "web",
          inOtherNamespaces
            .filter(({ metadata }) => metadata.namespace === namespace)
            .map((one) => endpointOf(one)),
          { namespace },
        ),
      ),
      policies: each.map((namespace) =>
        networkPolicy(
          `${SECRET}-policy`,
          { podSelector: { matchLabels: { "pod-template-hash": "x" } }, policyTypes: ["Egress"] },
          namespace,
        ),
      ),
    }),
  };
}

const asExpectation = ({ from: source, ...rest }: Value<typeof asked>): Expectation => ({
  ...expectation({ ...rest, tcp: { port: 80 } }),
  from: source,
});

it("no plan, message or recheck names what was not granted", () => {
  let planned = 0;
  fc.assert(
    fc.property(insides, grants, asked, (...parts) => {
      const { test, snapshot: seen } = worldOf(parts);
      const made = planRun({
        test,
        run: { id: "abc", trigger: "Generation" },
        snapshot: seen,
        witness: { enabled: true, allow: [] },
      });
      const spec = "spec" in made ? made.spec : undefined;
      planned += spec?.paths.length ?? 0;
      const later = snapshotOf({ ...seen, pods: new Map([["shop", seen.pods.get("shop") ?? []]]) });
      const changes = spec && targetChanges({ spec, test, snapshot: later });
      // The API server makes UIDs of random numbers; here they have the name.
      expect(JSON.stringify([made, changes]).replaceAll(`"uid-${SECRET}`, "")).not.toContain(SECRET);
    }),
    { numRuns: RUNS },
  );
  // More than one path in two cases, as a rule: it must not hold because there is nothing to say.
  expect(planned).toBeGreaterThan(RUNS / 4);
});
