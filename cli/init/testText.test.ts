import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { lintManifest } from "../manifests/lint.ts";
import { shop } from "../testing/namespaceScene.ts";
import { firstTests } from "./firstTests.ts";
import {
  namespacePolicySchema,
  namespaceServiceSchema,
  runningWorkloadSchema,
  type NamespaceObjects,
} from "./namespaceObjects.ts";
import { testText } from "./testText.ts";

/** Names and label values that an API server accepts, with those that YAML could read as something else. */
const name = fc.oneof(
  fc.constantFrom("web", "api", "1", "0x1", "on", "null", "1e3", "y"),
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?$/),
);
const value = fc
  .oneof(
    fc.constantFrom("", "yes", "1.0", "0o7", "~", "web", "1_000", "2026-11-30"),
    fc.stringMatching(/^[A-Za-z0-9]([-\w.]{0,20}[A-Za-z0-9])?$/),
  )
  .filter((text) => !text.startsWith("~"));
const key = fc.constantFrom("app", "app.kubernetes.io/name", "tier", "y");
const labels = fc.dictionary(key, value, { minKeys: 1, maxKeys: 3 });
const selector = fc.oneof(
  labels.map((matchLabels) => ({ matchLabels })),
  fc
    .record({ key, operator: fc.constantFrom("In", "NotIn") })
    .chain((head) =>
      fc
        .array(value, { minLength: 1, maxLength: 3 })
        .map((values) => ({ matchExpressions: [{ ...head, values }] })),
    ),
  fc.constant({}),
);
const port = fc.integer({ min: 1, max: 65_535 });

const workloads = fc
  .record({
    name,
    labels,
    selector,
    hostNetwork: fc.boolean(),
    port,
    kind: fc.constantFrom("Deployment", "StatefulSet"),
  })
  .map(({ name: workloadName, kind, hostNetwork, ...others }) => ({
    ...runningWorkloadSchema.parse({
      metadata: { name: workloadName },
      spec: {
        selector: others.selector,
        template: {
          metadata: { labels: others.labels },
          spec: { hostNetwork, containers: [{ ports: [{ name: "http", containerPort: others.port }] }] },
        },
      },
    }),
    kind,
  }));
const services = fc
  .record({
    name,
    selector: labels,
    port,
    targetPort: fc.option(fc.oneof(port, fc.constant("http")), { nil: undefined }),
  })
  .map(({ name: serviceName, ...others }) =>
    namespaceServiceSchema.parse({
      metadata: { name: serviceName },
      spec: { selector: others.selector, ports: [{ port: others.port, targetPort: others.targetPort }] },
    }),
  );
const peers = fc.array(
  fc.oneof(
    fc.record({ podSelector: selector }),
    fc.record({ namespaceSelector: selector }),
    fc.constant({ ipBlock: { cidr: "10.0.0.0/8" } }),
  ),
  { maxLength: 2 },
);
const policies = fc
  .record({
    name,
    podSelector: selector,
    policyTypes: fc.subarray(["Ingress", "Egress"]),
    from: peers,
    to: peers,
  })
  .map(({ name: policyName, from, to, ...spec }) =>
    namespacePolicySchema.parse({
      metadata: { name: policyName },
      spec: { ...spec, ingress: [{ from }], egress: [{ to }] },
    }),
  );
const objects: fc.Arbitrary<NamespaceObjects> = fc
  .record({
    workloads: fc.array(workloads, { maxLength: 6 }),
    services: fc.array(services, { maxLength: 6 }),
    policies: fc.array(policies, { maxLength: 4 }),
  })
  .map((some) => shop(some));

it("what init writes has no problem for lint, and says what was decided", () => {
  let withTests = 0;
  fc.assert(
    fc.property(objects, (some) => {
      const first = firstTests(some);
      fc.pre(first.tests.length > 0);
      withTests += 1;
      const text = testText(first, some.namespace);
      expect(lintManifest(text)).toEqual({ problems: [], checked: first.tests.length, skipped: 0 });
      const read = parseAllDocuments(text, { version: "1.1" }).map((document) =>
        connectivityTestSchema.parse(document.toJS()),
      );
      expect(
        read.map(({ metadata, spec }) => [
          metadata.name,
          spec.expectations.map((one) => [
            one.name,
            one.expect,
            one.from.podSelector,
            one.to?.service?.name,
            one.tcp?.port,
          ]),
        ]),
      ).toEqual(
        first.tests.map((test) => [
          test.name,
          test.expectations.map((one) => [one.name, one.expect, test.source, one.service, one.port]),
        ]),
      );
    }),
  );
  expect(withTests).toBeGreaterThan(0);
});

it("an expectation has its reason as a comment, and the head has what is left out", () => {
  const text = testText(
    { ...firstTests(shop()), notes: ["Service x: no workload of the namespace is behind it."] },
    "shop",
  );
  expect(text).toContain("    # no NetworkPolicy limits it\n    - name: reaches-api-80\n");
  expect(text).toContain("# Left out:\n# - Service x: no workload of the namespace is behind it.\n");
});
