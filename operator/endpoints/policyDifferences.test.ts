import { array, assert, constantFrom, dictionary, property, record, uniqueArray } from "fast-check";
import { expect, it } from "vitest";
import { selects } from "../../crds/selector.ts";
import { twinOf } from "../../probes/pod/twin.ts";
import { networkPolicy, pod, snapshot } from "../testing/objects.ts";
import { egressDifferences, policiesToCompare } from "./policyDifferences.ts";
import { senderPairs } from "./senderPairs.ts";

const key = constantFrom("app", "tier", "pod-template-hash", "statefulset.kubernetes.io/pod-name");
const value = constantFrom("a", "b");
const labels = dictionary(key, value);
const expression = record({
  key,
  operator: constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
  values: uniqueArray(value, { minLength: 1 }),
});
const selector = record({ matchLabels: labels, matchExpressions: array(expression, { maxLength: 2 }) });

it("a policy is a difference if and only if its selector selects a pod and not its twin, or the other way round", () => {
  assert(
    property(labels, selector, (carried, podSelector) => {
      const source = pod("ui", { labels: carried });
      const policies = [networkPolicy("policy", { podSelector, policyTypes: ["Egress"] })];
      const pairs = senderPairs([source], { labels: twinOf(source).labels, addresses: [] });
      const [difference] = egressDifferences(pairs, policiesToCompare(pairs, snapshot({ policies })));
      const isUnlike = selects(podSelector, carried) !== selects(podSelector, twinOf(source).labels);
      expect(difference !== undefined).toBe(isUnlike);
    }),
    { numRuns: 300 },
  );
});
