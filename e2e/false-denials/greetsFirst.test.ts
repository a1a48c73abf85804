import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { timedReport } from "../process/report.ts";
import { deploy } from "../kube/deploy.ts";
import { buildShopImages } from "../shop/images.ts";
import { itReportsOfSharedRun, pods, type Case } from "../harness/sharedRun.ts";
import { kubectl, load } from "../harness/scenario.ts";
import { deployment } from "../harness/workload.ts";

const MANIFEST = join(import.meta.dirname, "../shop/app/catalog-mysql.yaml");

const probe = { from: pods("client"), to: { service: { name: "catalog-mysql" } } };
const http = { ...probe, http: { port: 3306 } };
const open: Case = {
  when: "the server is a database, which sends data first (MySQL)",
  expect: "Denied",
  verdict: "Failed",
  reason: "Open",
  says: "connected",
  probe: { ...probe, tcp: { port: 3306 } },
};
const asked = "the server is a database, which sends data first (MySQL), and the request is HTTP";

itReportsOfSharedRun("greets", {
  cases: {
    tcp: open,
    http: { ...open, when: asked, probe: http },
    "wants-http": {
      ...open,
      when: asked,
      expect: "Allowed",
      reason: "UnexpectedAnswer",
      says: "no HTTP answer",
      probe: http,
    },
  },
  async prepare(namespace) {
    const client = JSON.stringify(deployment({ namespace, name: "client" }));
    await deploy(kubectl, [await database(namespace), client].join("\n---\n"));
  },
});

/** The shop's database, in a namespace of this test. */
async function database(namespace: string): Promise<string> {
  const { "shop-mysql": image = "" } = await buildShopImages(timedReport(), load);
  const password = `--from-literal=password=${randomBytes(16).toString("hex")}`;
  await kubectl(["create", "secret", "generic", "catalog-mysql", password, `--namespace=${namespace}`]);
  const manifest = await readFile(MANIFEST, "utf8");
  return manifest
    .replaceAll("namespace: catalog", `namespace: ${namespace}`)
    .replace("image: shop-mysql", `image: ${image}`);
}
