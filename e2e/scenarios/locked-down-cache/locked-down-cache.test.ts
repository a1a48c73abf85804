import { expect, it } from "vitest";

import { kubectl } from "../../harness/scenario.ts";
import { stage } from "../../harness/stage.ts";

const cache = stage(import.meta.dirname, {
  values: async () => ({ "192.0.2.1/32": `${await apiServerAddress()}/32` }),
});

const passed = "Passed AsExpected";
const asMeant = {
  communication: passed,
  discovery: passed,
  "thin-clients": passed,
  memcached: passed,
  names: passed,
  "api-server": passed,
  "no-other-port-of-a-peer": passed,
  "no-neighbour": passed,
  "nothing-outside": passed,
};

it("a policy that has the ports but not the peers: the tests name the two needs that are not met", async () => {
  await cache.apply("policy-broken.yaml");
  const reported = await cache.judge();
  const blocked = "Failed Blocked";
  expect(reported.verdicts).toEqual({ ...asMeant, names: blocked, "api-server": blocked });
  expect(reported.expectation("names").message).toMatch(
    /StatefulSet\/cache → the pod's resolver for kubernetes\.default\.svc\.cluster\.local: no reply/,
  );
  const { message } = reported.expectation("api-server");
  expect(message).toMatch(/^2 of 2 paths are blocked: StatefulSet\/cache → kubernetes\.default /);
  expect(message).toContain(
    `Most CNIs translate a Service's address before they apply policies; use this address in policies: ${await apiServerAddress()}:6443`,
  );
});

it("the smallest policy that meets every need passes, and leaves all else closed", async () => {
  await cache.apply("policy-minimal.yaml");
  expect((await cache.judge()).verdicts).toEqual(asMeant);
});

async function apiServerAddress(): Promise<string> {
  const address = "-o=jsonpath={.endpoints[0].addresses[0]}";
  return kubectl(["get", "endpointslices", "kubernetes", "--namespace=default", address]);
}
