import { expect, it } from "vitest";

import { planWitnesses } from "../../operator/planning/witnessPlan.ts";
import { planOfDenial, type WitnessScene } from "../../operator/testing/witnessScene.ts";
import { itStops } from "./attack.ts";
import { WITNESS_ATTACKS } from "./witnessAttacks.ts";

type Fields = Parameters<typeof planOfDenial>[0];

const tcp = (port: number) => ({ tcp: { port } });
const inVault = { namespaceSelector: { matchLabels: { name: "vault" } } };
const denials: Readonly<Record<keyof typeof WITNESS_ATTACKS.rows, readonly [Fields, WitnessScene?]>> = {
  address: [{ to: { ip: "10.2.0.1" }, ...tcp(8080) }],
  ping: [{ to: { ip: "10.2.0.2" }, icmp: {} }],
  granted: [{ to: { ip: "10.2.0.2" }, icmp: {} }, { isGranted: true }],
  server: [{ dns: { name: "a.example.", server: "10.4.0.1" } }],
  byHand: [{ to: { service: { name: "by-hand" } }, ...tcp(80) }],
  labels: [{ to: inVault, ...tcp(9) }],
  metadata: [{ to: { ip: "169.254.169.254" }, ...tcp(80) }],
  internet: [{ to: { ip: "8.8.8.8" }, ...tcp(443) }],
  apiServer: [{ to: { ip: "10.96.0.1" }, ...tcp(6443) }],
};

/** What the witnesses of a run try, in words. */
function triedAt(fields: Fields, scene?: WitnessScene): string {
  const spec = planOfDenial(fields, scene);
  const { paths = [] } = planWitnesses({ metadata: { namespace: "shop" }, spec }) ?? {};
  const tried = paths.filter(({ kind }) => kind === "Address").map(({ check }) => JSON.stringify(check));
  return tried.length === 0 ? "no witness tries it" : `a witness tries ${tried.join(", ")}`;
}

itStops(WITNESS_ATTACKS, (key) => triedAt(...denials[key]));

it("a witness tries a pod of the test's own namespace", () => {
  expect(triedAt({ to: { ip: "10.1.0.2" }, ...tcp(9) })).toContain("a witness tries ");
});
