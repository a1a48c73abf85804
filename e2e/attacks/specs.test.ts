import { expect, it } from "vitest";

import { API_VERSION } from "../../crds/group.ts";
import { expectationToward } from "../harness/expectationToward.ts";
import { itStops } from "./attack.ts";
import { answerTo } from "./kubectlAnswer.ts";
import { SPEC_ATTACKS } from "./specAttacks.ts";

const good = expectationToward("web", "Allowed");
const to = (target: object) => ({ expectations: [{ ...good, to: target }] });
const request = (fields: object) => ({
  expectations: [{ ...good, tcp: undefined, http: { port: 80, ...fields } }],
});
const header = (name: string, value = "blue") => request({ headers: [{ name, value }] });

const SPECS: Readonly<Record<keyof typeof SPEC_ATTACKS.rows, object>> = {
  multicast: to({ ip: "224.0.0.1" }),
  broadcast: to({ ip: "255.255.255.255" }),
  unspecified: to({ ip: "0:0:0:0:0:0:0:0" }),
  mapped: to({ ip: "::ffff:127.0.0.1" }),
  number: to({ host: "2130706433" }),
  octal: to({ host: "0177.0.0.01" }),
  network: to({ ip: "10.0.0.0/8" }),
  method: request({ method: "DELETE" }),
  override: header("X-HTTP-Method-Override", "DELETE"),
  underscores: header("x_http_method_override", "DELETE"),
  metadata: header("Metadata-Flavor", "Google"),
  vault: header("X-Vault-Token"),
  cookie: header("cookie"),
  smuggledName: header("X-A: b\r\nX-C"),
  smuggledValue: header("X-Tenant", "blue\r\nX-Admin: yes"),
  framing: header("Transfer-Encoding", "chunked"),
  selector: { expectations: [{ ...good, from: { podSelector: { matchLabels: { app: "ui,tier!=db" } } } }] },
  often: { expectations: [good], schedule: { every: "1s" } },
};

/** What the API server answers to a test that it would not store. */
async function create(spec: object): Promise<string> {
  const metadata = { name: "tried", namespace: "default" };
  const input = JSON.stringify({ apiVersion: API_VERSION, kind: "ConnectivityTest", metadata, spec });
  return answerTo(["create", "--dry-run=server", "--filename=-"], input);
}

itStops(SPEC_ATTACKS, (key) => create(SPECS[key]));

it.each([to({ ip: "10.0.0.1" }), header("X-Tenant")])("a usual test is permitted", async (spec) => {
  expect(await create(spec)).toContain("permitted: ");
});
