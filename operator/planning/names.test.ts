import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROBE_POD_NAME } from "../../crds/group.ts";
import { podName, probeRunName, runId, runNameSuffix, unownedRunName } from "./names.ts";

const cause = { uid: "a-1", generation: 2, key: "generation", after: undefined };

describe("the id of a run", () => {
  it("is always the same for the same cause", () => {
    expect(runId(cause)).toBe("pnswqvsc");
    expect(runId({ ...cause })).toBe(runId(cause));
  });

  it.each([
    ["test", { ...cause, uid: "a-2" }],
    ["generation", { ...cause, generation: 3 }],
    ["time or request", { ...cause, key: "request:now" }],
    ["run before it, as when a token is given again after another", { ...cause, after: "hh5wm742" }],
  ])("is another for another %s", (_, other) => {
    expect(runId(other)).not.toBe(runId(cause));
  });
});

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const letters = (alphabet: string) => fc.constantFrom(...alphabet.split(""));
const objectName = fc
  .string({ unit: letters("ab9-."), minLength: 1, maxLength: 253 })
  .filter((name) => DNS_SUBDOMAIN.test(name));
const id = fc.nat().map((key) => runId({ ...cause, key: String(key) }));

describe("the name of a ProbeRun", () => {
  it("contains the test and the run", () => {
    expect(probeRunName("shop", "k3f9qbcd")).toBe("shop-k3f9qbcd");
  });

  it("is a name and ends with the id, however long the test's name is", () => {
    fc.assert(
      fc.property(objectName, id, (test, run) => {
        const name = probeRunName(test, run);
        expect(name).toMatch(DNS_SUBDOMAIN);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name.endsWith(`-${run}`)).toBe(true);
      }),
    );
  });
});

describe("the name of a probe pod", () => {
  it.each([
    ["Deployment/orders", "probe-orders-k3f9qbcd-0"],
    ["Pod/db.primary_1", "probe-db-primary-1-k3f9qbcd-0"],
  ])("of %s is %s", (workload, name) => {
    expect(podName({ role: "probe", id: "k3f9qbcd", of: workload, index: 0 })).toBe(name);
  });

  it.each(["probe", "witness"] as const)("(a %s) fits a host name, and ends with run and number", (role) => {
    fc.assert(
      fc.property(objectName, id, fc.nat(255), (name, run, index) => {
        const made = podName({ role, id: run, of: `StatefulSet/${name}`, index });
        expect(made).toMatch(DNS_LABEL);
        expect(made.endsWith(`-${run}-${index}`)).toBe(true);
      }),
    );
  });

  it.each(["probe", "witness"] as const)(
    "(a %s) is one of the reserved names, also in a follow-up run",
    (role) => {
      fc.assert(
        fc.property(objectName, fc.record({ id, followUp: fc.boolean() }), fc.nat(255), (of, run, index) => {
          const made = podName({ role, id: runNameSuffix(run), of: `Node/${of}`, index });
          expect(made).toMatch(PROBE_POD_NAME);
        }),
      );
    },
  );

  it.each([
    "probe-api-7d9f8b6c5-x2x4z",
    "probe-5c6d7f8g9-24567",
    "probe-api-7d9f8b6c5-24567",
    "witness-0",
    "probe-api-0",
    "probes-ui-k4f9qbcd-0",
    "my-probe-ui-k4f9qbcd-0",
  ])("does not include %s, a pod of a user", (name) => {
    expect(name).not.toMatch(PROBE_POD_NAME);
  });
});

it("a run in another namespace than its test has the test's namespace in its name, if there is one", () => {
  expect(unownedRunName({ namespace: "shop", name: "net" }, "k3f9q")).toBe("shop.net-k3f9q");
  expect(unownedRunName({ name: "net" }, "k3f9q")).toBe("net-k3f9q");
});

it("a follow-up run is named after its run, unlike the first", () => {
  expect([runNameSuffix({ id: "k3f9q" }), runNameSuffix({ id: "k3f9q", followUp: true })]).toEqual([
    "k3f9q",
    "k3f9q-again",
  ]);
  expect(probeRunName("shop", runNameSuffix({ id: "k3f9q", followUp: true }))).toBe("shop-k3f9q-again");
});
