import { describe, expect, it } from "vitest";
import { POLICY_KINDS } from "./kinds.ts";
import { labelsThatDiffer, maySelect, type Policy } from "./policy.ts";

const source = { namespace: "shop", labels: { app: "ui", "pod-template-hash": "abc" } };
const twin = { namespace: "shop", labels: { app: "ui" } };
const HASH = "pod-template-hash";

function parse(plural: string, group: string, raw: object): readonly Policy[] {
  const kind = POLICY_KINDS.find((one) => one.plural === plural && one.groups.includes(group));
  return kind?.parse(raw) ?? [];
}
const named = (spec: object, namespace?: string) => ({
  metadata: { name: "guard", uid: "u", generation: 3, ...(namespace !== undefined && { namespace }) },
  spec,
});

/** By which labels the subject, and the senders of ingress rules, can select only one of source and twin. */
function differences(policies: readonly Policy[]) {
  return policies.map(({ subject, ingress }) => ({
    subject: labelsThatDiffer(subject, source, twin),
    senders: (ingress?.pods ?? []).flatMap((match) => labelsThatDiffer(match, source, twin)),
    blocks: ingress?.blocks ?? [],
  }));
}

describe("a policy of each kind", () => {
  const byHash = { matchLabels: { [HASH]: "abc" } };
  it.each(["clusternetworkpolicies", "adminnetworkpolicies", "baselineadminnetworkpolicies"])(
    "selects pods of any namespace as subjects and senders: %s",
    (plural) => {
      const [policy] = parse(
        plural,
        "policy.networking.k8s.io",
        named({
          priority: 10,
          subject: { pods: { namespaceSelector: {}, podSelector: byHash } },
          ingress: [
            {
              action: "Allow",
              from: [{ namespaces: {} }, { pods: { namespaceSelector: {}, podSelector: byHash } }],
            },
          ],
          egress: [{ action: "Deny", to: [{ networks: ["10.0.0.0/8"] }] }],
        }),
      );
      expect(policy?.metadata).toEqual({ namespace: "", name: "guard", uid: "u", generation: 3 });
      expect(policy?.egress).toEqual({ pods: [], blocks: [] });
      expect(differences(policy ? [policy] : [])).toEqual([{ subject: [HASH], senders: [HASH], blocks: [] }]);
    },
  );

  it("holds for the whole namespaces of its subject", () => {
    const [policy] = parse(
      "clusternetworkpolicies",
      "policy.networking.k8s.io",
      named({ subject: { namespaces: { matchLabels: { a: "b" } } } }),
    );
    expect(policy?.subject).toEqual({ labels: { selector: {} } });
    expect([policy?.ingress, policy?.egress]).toEqual([undefined, undefined]);
  });

  it.each(["networkpolicies", "globalnetworkpolicies"])(
    "compares labels and addresses of senders in both directions: Calico's %s",
    (plural) => {
      const rule = {
        action: "Allow",
        source: {
          selector: `has(${HASH}) && app == 'ui'`,
          notSelector: "tier in { 'a' }",
          namespaceSelector: "kubernetes.io/metadata.name == 'shop' && team == 'unknown here'",
          nets: ["10.1.0.0/24"],
          notNets: ["fd00::1"],
        },
      };
      const [policy] = parse(
        plural,
        "crd.projectcalico.org",
        named({
          selector: `${HASH} == "abc"`,
          types: ["Ingress", "Egress"],
          ingress: [rule],
          egress: [rule],
        }),
      );
      expect(policy?.kind).toContain("Calico ");
      expect(policy?.egress).toEqual(policy?.ingress);
      expect(differences(policy ? [policy] : [])).toEqual([
        {
          subject: [HASH],
          senders: [HASH],
          blocks: [
            { cidr: "10.1.0.0/24", except: [] },
            { cidr: "fd00::1/128", except: [] },
          ],
        },
      ]);
    },
  );

  it.each([
    [{}, [true, true]],
    [{ ingress: [], types: [] }, [true, true]],
    [{ egress: [], types: ["Ingress"] }, [true, false]],
    [{ ingress: [], types: ["Egress"] }, [false, true]],
  ])("of Calico limits the directions of its types, and without types both: %j", (spec, directions) => {
    const [policy] = parse("globalnetworkpolicies", "projectcalico.org", named(spec));
    expect([policy?.ingress !== undefined, policy?.egress !== undefined]).toEqual(directions);
  });

  it.each([
    ["its selector selects neither of them", { selector: `has(${HASH}) && app == 'x'` }, []],
    ["its selector selects both", { selector: `has(${HASH}) || app == 'ui'` }, []],
    // A network set can match the selector as well, so the two selectors are not evaluated together.
    ["it excludes both", { selector: `has(${HASH})`, notSelector: "has(app)" }, [HASH]],
    [
      "it excludes one that only a network set selects",
      { selector: "has(net)", notSelector: `has(${HASH})` },
      [HASH],
    ],
    ["it excludes one", { selector: "all()", notSelector: `has(${HASH})` }, [HASH]],
    [
      "it is for another namespace",
      { selector: `has(${HASH})`, namespaceSelector: "projectcalico.org/name == 'x'" },
      [],
    ],
    ["it is for no namespace", { selector: `has(${HASH})`, namespaceSelector: "global()" }, []],
    ["it cannot be parsed", { selector: `has(${HASH}) and app == "x"` }, [HASH]],
  ])("of Calico compares source and twin by a rule as a whole: %s", (_, selectors, wanted) => {
    const rule = { action: "Allow", source: selectors };
    const policies = parse("networkpolicies", "projectcalico.org", named({ ingress: [rule] }, "shop"));
    expect(differences(policies)).toEqual([{ subject: [], senders: wanted, blocks: [] }]);
    const elsewhere = parse("networkpolicies", "projectcalico.org", named({ ingress: [rule] }, "data"));
    const isForAll = "namespaceSelector" in selectors;
    expect(differences(elsewhere)[0]?.senders).toEqual(isForAll ? wanted : []);
  });

  it("of Calico that holds for other namespaces or other pods is not for the target", () => {
    const guarded = { namespace: "shop", labels: { app: "web" } };
    const isFor = (spec: object) =>
      parse("globalnetworkpolicies", "projectcalico.org", named(spec)).map(({ subject }) =>
        maySelect(subject, guarded),
      );
    expect(isFor({ selector: "app == 'mail'" })).toEqual([false]);
    expect(
      isFor({ selector: "app == 'web'", namespaceSelector: "projectcalico.org/name != 'shop'" }),
    ).toEqual([false]);
    expect(isFor({ selector: "app == 'web'", namespaceSelector: "team == 'a'" })).toEqual([true]);
    expect(isFor({})).toEqual([true]);
  });

  it("of Calico selects a pod by a label of its own that hides the one of its service account", () => {
    const hiding = { namespace: "shop", labels: { "pcsa.team": "b" } };
    const team = "team == 'a'";
    const [policy] = parse(
      "networkpolicies",
      "projectcalico.org",
      named(
        {
          serviceAccountSelector: team,
          ingress: [{ action: "Allow", source: { serviceAccounts: { names: ["x"], selector: team } } }],
        },
        "shop",
      ),
    );
    const matches = policy ? [policy.subject, ...(policy.ingress?.pods ?? [])] : [];
    expect(matches.map((match) => labelsThatDiffer(match, hiding, twin))).toEqual([
      ["pcsa.team"],
      ["pcsa.team"],
    ]);
    expect(matches.map((match) => labelsThatDiffer(match, source, twin))).toEqual([[], []]);
  });

  it("of Calico that allows the endpoints of a Service compares addresses that are not known", () => {
    const [policy] = parse(
      "networkpolicies",
      "projectcalico.org",
      named({ ingress: [{ action: "Allow", source: { services: { name: "db" } } }] }, "shop"),
    );
    expect(policy?.ingress?.blocks).toEqual([{ except: [] }]);
  });

  it("is also a set of addresses that Calico's policies may name", () => {
    const [set] = parse("globalnetworksets", "projectcalico.org", named({ nets: ["10.1.0.7", "not a net"] }));
    expect(set?.ingress?.blocks).toEqual([{ cidr: "10.1.0.7/32", except: [] }, { except: [] }]);
  });

  it("is each rule of Cilium's, by labels with or without their source", () => {
    const policies = parse("ciliumnetworkpolicies", "cilium.io", {
      ...named(
        {
          endpointSelector: {
            matchLabels: { "k8s:io.kubernetes.pod.namespace": "x", [`k8s:${HASH}`]: "abc" },
          },
          ingress: [
            {
              fromEndpoints: [{ matchExpressions: [{ key: `any:${HASH}`, operator: "Exists" }] }],
              fromCIDR: ["10.1.0.7/32"],
            },
          ],
          ingressDeny: [
            { fromCIDRSet: [{ cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }, { cidrGroupRef: "g" }] },
          ],
        },
        "shop",
      ),
      specs: [{ endpointSelector: {} }, { nodeSelector: {} }],
    });
    expect(differences(policies)).toEqual([
      {
        subject: [HASH],
        senders: [HASH],
        blocks: [
          { cidr: "10.1.0.7/32", except: [] },
          { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] },
        ],
      },
      { subject: [], senders: [], blocks: [] },
    ]);
    expect(policies[0]?.subject.namespace).toBe("shop");
  });

  it("of Cilium selects by a key that looks as if it had a source: only a colon ends the source", () => {
    const key = "k8s.example.com/role";
    const [policy] = parse(
      "ciliumnetworkpolicies",
      "cilium.io",
      named({ endpointSelector: { matchLabels: { [key]: "primary" } } }, "shop"),
    );
    const primary = { namespace: "shop", labels: { [key]: "primary" } };
    expect(policy && labelsThatDiffer(policy.subject, primary, twin)).toEqual([key]);
  });

  it("that the operator cannot read is an error: a policy that may decide is never skipped", () => {
    expect(() =>
      parse(
        "ciliumnetworkpolicies",
        "cilium.io",
        named({ endpointSelector: { matchExpressions: [{ key: "a" }] } }),
      ),
    ).toThrow("operator");
  });
});
