import { expect, it } from "vitest";
import { connectivityTest, expectation } from "../testing/objects.ts";
import { namedServices } from "./snapshot.ts";

it("the Services that a test names are named once each, with the test's namespace where none is given", () => {
  const to = (name: string, namespace?: string) =>
    expectation({
      name: `${name}-${namespace}`,
      to: { service: { name, ...(namespace !== undefined && { namespace }) } },
      tcp: { port: 80 },
    });
  const expectations = [
    to("web"),
    to("web", "shop"),
    to("web", "catalog"),
    expectation({ name: "out", to: { ip: "192.0.2.1" }, icmp: {} }),
  ];
  expect(namedServices(connectivityTest({ spec: { expectations } }))).toEqual([
    { namespace: "shop", name: "web" },
    { namespace: "catalog", name: "web" },
  ]);
});
