import { expect, it } from "vitest";

import { withPlaceholders } from "./placeholders.ts";

const namespaces = { shop: "shop-1a2b", web: "web-1a2b" };
const images = { "web-server": "localhost/web-server:5e6f" };
const values = { "192.0.2.1/32": "198.18.7.11/32" };

it.each<readonly [what: string, before: unknown, after: unknown]>([
  [
    "the name of a Namespace",
    { kind: "Namespace", metadata: { name: "shop", labels: { team: "shop" } } },
    { kind: "Namespace", metadata: { name: "shop-1a2b", labels: { team: "shop" } } },
  ],
  [
    "where an object lies, and not what it is called",
    { kind: "Service", metadata: { name: "web", namespace: "web" } },
    { kind: "Service", metadata: { name: "web", namespace: "web-1a2b" } },
  ],
  [
    "the namespace of a Service that a test names",
    { to: { service: { name: "shop", namespace: "shop" } } },
    { to: { service: { name: "shop", namespace: "shop-1a2b" } } },
  ],
  [
    "a label of a namespaceSelector",
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "web", app: "web" } } },
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "web-1a2b", app: "web" } } },
  ],
  [
    "the values of an expression about it, and of no other",
    { matchExpressions: [expression("kubernetes.io/metadata.name", "web"), expression("app", "web")] },
    { matchExpressions: [expression("kubernetes.io/metadata.name", "web-1a2b"), expression("app", "web")] },
  ],
  [
    "names in DNS",
    {
      env: [{ name: "URL", value: "http://web.shop.svc/shop" }],
      dns: { name: "web.web.svc.cluster.local." },
    },
    {
      env: [{ name: "URL", value: "http://web.shop-1a2b.svc/shop" }],
      dns: { name: "web.web-1a2b.svc.cluster.local." },
    },
  ],
  ["an image", { image: "web-server" }, { image: "localhost/web-server:5e6f" }],
  [
    "a value that stands alone",
    { ipBlock: { cidr: "192.0.2.1/32", except: ["192.0.2.1/32"] } },
    { ipBlock: { cidr: "198.18.7.11/32", except: ["198.18.7.11/32"] } },
  ],
  [
    "nothing else",
    {
      metadata: { name: "shop", namespace: "kube-system" },
      host: "kubernetes.default.svc",
      n: [1, null, true],
    },
    {
      metadata: { name: "shop", namespace: "kube-system" },
      host: "kubernetes.default.svc",
      n: [1, null, true],
    },
  ],
])("replaces %s", (_, before, after) => {
  expect(withPlaceholders(before, { namespaces, images, values })).toEqual(after);
});

it("replaces no image or value where there is none to replace it", () => {
  const pod = { image: "web-server", value: "192.0.2.1/32" };
  expect(withPlaceholders(pod, { namespaces })).toEqual(pod);
});

function expression(key: string, ...named: readonly string[]) {
  return { key, operator: "In", values: named };
}
