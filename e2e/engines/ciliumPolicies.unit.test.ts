import { expect, it } from "vitest";

import { labelsThatDiffer, maySelect, type Policy } from "../../operator/cluster/policies/policy.ts";
import { ciliumPolicy } from "../../operator/cluster/policies/cilium.ts";
import { ciliumPolicies, QUEUE } from "./ciliumPolicies.ts";

const policies = new Map(
  ciliumPolicies({ namespace: "here", ranges: ["10.1.0.7/32"] }).flatMap((raw) =>
    ciliumPolicy(raw.kind)
      .parse({ ...raw, metadata: { uid: "u", ...raw.metadata } })
      .map((policy): [string, Policy] => [policy.metadata.name, policy]),
  ),
);
const source = (app: string) => ({ namespace: "here", labels: { app, [QUEUE]: "nightly" } });
const twin = (app: string) => ({ namespace: "here", labels: { app } });

/** The labels by which a policy treats a source and its twin differently. */
function differences(name: string, app: string) {
  const { subject, ingress, egress } = policies.get(name) ?? {};
  const senders = ingress?.pods ?? [];
  return {
    sends: egress && subject ? labelsThatDiffer(subject, source(app), twin(app)) : [],
    isReceived: senders.flatMap((match) => labelsThatDiffer(match, source(app), twin(app))),
  };
}

it.each([
  ["vault", "batch", { sends: [], isReceived: [QUEUE] }],
  ["here-mail", "batch", { sends: [], isReceived: [QUEUE] }],
  ["outbound", "outbound", { sends: [QUEUE], isReceived: [] }],
  ["vault", "monitor", { sends: [], isReceived: [] }],
  ["web", "batch", { sends: [], isReceived: [] }],
])("%s treats %s and its twin as the scenario expects", (name, app, expected) => {
  expect(differences(name, app)).toEqual(expected);
});

it("ldap compares addresses, and each policy holds for its own pods", () => {
  expect(policies.get("ldap")?.ingress?.blocks).toEqual([{ cidr: "10.1.0.7/32", except: [] }]);
  for (const app of ["vault", "ldap", "web"]) {
    const subject = policies.get(app)?.subject;
    expect(subject && maySelect(subject, twin(app))).toBe(true);
    expect(subject && maySelect(subject, twin("other"))).toBe(false);
  }
});
