import { describe, expect, it } from "vitest";
import { policy, shop, workload } from "../testing/namespaceScene.ts";
import { policyDecision } from "./policyDecision.ts";

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const ingressOf = (app: string, ...ingress: object[]) =>
  policy(`into-${app}`, { ...pods(app), policyTypes: ["Ingress"], ingress });
const egressOf = (app: string, ...egress: object[]) =>
  policy(`out-of-${app}`, { ...pods(app), policyTypes: ["Egress"], egress });

/** What the policies decide about the connection from web to port 8080 of api. */
function decided(...policies: readonly ReturnType<typeof policy>[]): string {
  const connection = { source: workload("web"), target: workload("api"), port: 8080 };
  const { outcome, direction = "", policies: names } = policyDecision(connection, shop({ policies }));
  return [outcome, direction, ...names].filter((word) => word !== "").join(" ");
}

describe("the decision of NetworkPolicies about web to port 8080 of api", () => {
  it.each([
    ["no policy", [], "Allowed"],
    ["a policy for another workload", [ingressOf("db")], "Allowed"],
    ["a policy of the other direction", [egressOf("api")], "Allowed"],
    ["ingress without a rule", [ingressOf("api")], "Denied ingress into-api"],
    ["egress without a rule", [egressOf("web")], "Denied egress out-of-web"],
    ["a rule for all", [ingressOf("api", {})], "Allowed into-api"],
    ["a rule for these pods", [ingressOf("api", { from: [pods("web")] })], "Allowed into-api"],
    ["a rule for other pods", [ingressOf("api", { from: [pods("db")] })], "Denied ingress into-api"],
    ["the second of two peers", [ingressOf("api", { from: [pods("db"), pods("web")] })], "Allowed into-api"],
    [
      "a rule for all pods of namespaces with this label",
      [ingressOf("api", { from: [{ namespaceSelector: { matchLabels: { team: "shop" } } }] })],
      "Allowed into-api",
    ],
    [
      "both selectors in one peer, of which one does not match",
      [
        ingressOf("api", {
          from: [{ ...pods("web"), namespaceSelector: { matchLabels: { team: "other" } } }],
        }),
      ],
      "Denied ingress into-api",
    ],
    ["a rule for this port", [ingressOf("api", { ports: [{ port: 8080 }] })], "Allowed into-api"],
    ["a rule for another port", [ingressOf("api", { ports: [{ port: 80 }] })], "Denied ingress into-api"],
    [
      "a rule for the port of the same number by UDP",
      [ingressOf("api", { ports: [{ port: 8080, protocol: "UDP" }] })],
      "Denied ingress into-api",
    ],
    ["a rule for all TCP ports", [ingressOf("api", { ports: [{ protocol: "TCP" }] })], "Allowed into-api"],
    [
      "a range with this port at its end",
      [ingressOf("api", { ports: [{ port: 8000, endPort: 8080 }] })],
      "Allowed into-api",
    ],
    [
      "a range that ends before",
      [ingressOf("api", { ports: [{ port: 8000, endPort: 8079 }] })],
      "Denied ingress into-api",
    ],
    [
      "a rule by the name of this port",
      [ingressOf("api", { ports: [{ port: "http" }] })],
      "Allowed into-api",
    ],
    [
      "a rule by the name of another port",
      [ingressOf("api", { ports: [{ port: "sql" }] })],
      "Denied ingress into-api",
    ],
    [
      "egress by the name that the target's port has",
      [egressOf("web", { to: [pods("api")], ports: [{ port: "http" }] })],
      "Allowed out-of-web",
    ],
    [
      "a permission of one policy beside the denial of another",
      [ingressOf("api"), policy("second", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] })],
      "Allowed second",
    ],
    ["both directions", [egressOf("web", {}), ingressOf("api", {})], "Allowed out-of-web into-api"],
    [
      "egress is permitted and ingress is not",
      [egressOf("web", {}), ingressOf("api")],
      "Denied ingress into-api",
    ],
    [
      "a rule about addresses",
      [ingressOf("api", { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] })],
      "Unknown ingress into-api",
    ],
    [
      "a rule about addresses at another port",
      [ingressOf("api", { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 1 }] })],
      "Denied ingress into-api",
    ],
    [
      "a rule about addresses beside one for these pods",
      [ingressOf("api", { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }, pods("web")] })],
      "Allowed into-api",
    ],
    [
      "a rule about addresses, where the other end denies",
      [egressOf("web"), ingressOf("api", { from: [{ ipBlock: {} }] })],
      "Denied egress out-of-web",
    ],
  ] as const)("%s", (_, policies, expected) => {
    expect(decided(...policies)).toBe(expected);
  });
});
