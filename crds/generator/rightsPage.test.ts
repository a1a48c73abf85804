import { expect, it } from "vitest";
import { rightsPage } from "./rightsPage.ts";

const role = (rules: string) => `kind: Role
metadata: { name: leader }
rules:
${rules}`;

it("has a row for each rule, with its comment as the reason", () => {
  const page = rightsPage({
    always: role(`  # One Lease names
  # the leader.
  - { apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create] }
  # Pods are read.
  - { apiGroups: [""], resources: [pods], resourceNames: [one], verbs: [get, list] }
`),
    readinessGate: role("  # Statuses.\n  - { apiGroups: [''], resources: [pods/status], verbs: [patch] }\n"),
  });
  expect(page).toContain("## Role leader");
  expect(page).toContain("| `coordination.k8s.io` | `leases` | create | One Lease names the leader. |");
  expect(page).toContain("| core | `pods` named one | get, list | Pods are read. |");
  expect(page.split("# Rights for the readiness gate of pods")[1]).toContain(
    "| core | `pods/status` | patch | Statuses. |",
  );
});

it("fails on a right without a reason", () => {
  const rules = `  # Pods are read.
  - { apiGroups: [""], resources: [pods], verbs: [get] }
  - { apiGroups: [""], resources: [nodes], verbs: [list] }
`;
  expect(() => rightsPage({ always: role(rules), readinessGate: "" })).toThrow(
    "nodes of Role leader: no reason. Add a comment",
  );
});
