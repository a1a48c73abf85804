import { afterAll, beforeAll } from "vitest";

import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { startFlux } from "./fluxGate.ts";
import { itGates } from "./gateRows.ts";
import { deployDatabase, webExpectations } from "./gatedWeb.ts";
import { blocksUnder } from "./helmShell.ts";

/** The health check of Flux's kustomize-controller, configured as docs/gates.md recommends. */

const [folder = ""] = blocksUnder("Flux: a health check", { page: "docs/gates.md", language: "yaml" });

/** The test of the source, which has the first half minute to find the pods of the first version. */
const test = (namespace: string) => ({
  apiVersion: API_VERSION,
  kind: CONNECTIVITY_TEST.kind,
  metadata: { name: "web", namespace },
  spec: {
    maxAttempts: 1,
    progressDeadline: "30s",
    rerunOn: ["PolicyChange", "WorkloadChange"],
    expectations: webExpectations(),
  },
});

let flux: Awaited<ReturnType<typeof startFlux>>;

beforeAll(async () => {
  flux = await startFlux({
    gate: "staging",
    kustomizations: (staging, production) => [staging, production],
    files: (namespace) => ({
      "staging/kustomization.yaml": folder,
      "staging/test.yaml": JSON.stringify(test(namespace)),
    }),
  });
  await deployDatabase(flux.atWork.namespace);
}, 1_800_000);
afterAll(async () => flux.stop());

itGates(() => flux.atWork);
