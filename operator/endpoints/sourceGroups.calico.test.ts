import { describe, expect, it } from "vitest";
import { calicoPolicy } from "../cluster/policies/calico.ts";
import { replicas, sourcesOf, type GroupCase } from "../testing/sourceGroups.ts";

/** Whose traffic a policy of Calico admits. */
const calicoAdmits = (selector: string) =>
  calicoPolicy("NetworkPolicy").parse({
    metadata: { name: "vault", namespace: "shop" },
    spec: { types: ["Ingress"], ingress: [{ action: "Allow", source: { selector } }] },
  });

describe("the pods of one workload", () => {
  it.each<[string, GroupCase]>([
    [
      "an expression of Calico that is not understood may select by the label",
      [replicas, [calicoAdmits('role = "primary"')], { "StatefulSet/db": ["db-0", "db-1", "db-2"] }],
    ],
    [
      "an expression of Calico selects all of them",
      [
        replicas,
        [calicoAdmits('role == "primary" || app == "db"')],
        { "StatefulSet/db": ["db-0", "db-1", "db-2"] },
      ],
    ],
  ])("are one source if %s", (_, [pods, policies, expected]) => {
    expect(sourcesOf(pods, policies).sources).toEqual(expected);
  });

  it.each<[string, GroupCase]>([
    [
      "an expression of Calico",
      [
        replicas,
        [calicoAdmits('app == "db" && role starts with "prim"')],
        {
          "StatefulSet/db (role=primary)": ["db-0"],
          "StatefulSet/db (role!=primary)": ["db-1", "db-2"],
        },
      ],
    ],
    [
      "parts of an expression of Calico",
      [
        replicas,
        [calicoAdmits('role contains "lic" || !has(role)')],
        {
          "StatefulSet/db (role,role!=replica)": ["db-0"],
          "StatefulSet/db (role=replica)": ["db-1"],
          "StatefulSet/db (!role)": ["db-2"],
        },
      ],
    ],
    [
      "an expression of Calico for which each of them has another value",
      [
        [{ version: "7.1" }, { version: "7.2" }, { version: "8.0" }, {}],
        [calicoAdmits('version starts with "7" && version != "none"')],
        {
          "StatefulSet/db (version in (7.1,7.2))": ["db-0", "db-1"],
          "StatefulSet/db (version notin (7.1,7.2))": ["db-2", "db-3"],
        },
      ],
    ],
    [
      "a label of their own with which Calico also knows their namespace",
      [
        [{ "pcns.team": "a" }, {}],
        [calicoAdmits('pcns.team != "b"')],
        {
          "StatefulSet/db (pcns.team)": ["db-0"],
          "StatefulSet/db (!pcns.team)": ["db-1"],
        },
      ],
    ],
  ])("are separate sources if distinguished by %s", (_, [pods, policies, expected]) => {
    expect(sourcesOf(pods, policies).sources).toEqual(expected);
  });
});
