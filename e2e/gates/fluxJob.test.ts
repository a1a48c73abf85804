import { afterAll, beforeAll } from "vitest";

import { cluster, kubectl } from "../harness/scenario.ts";
import { inNamespaces, startFlux } from "./fluxGate.ts";
import { itGates } from "./gateRows.ts";
import { deployTest } from "./gatedWeb.ts";
import { blocksUnder } from "./helmShell.ts";

/** Flux's kustomize-controller with a Job that runs the command-line program, configured as docs/gates.md recommends. */

const [, , job = ""] = blocksUnder("Flux: a Job", { page: "docs/gates.md", language: "yaml" });

let flux: Awaited<ReturnType<typeof startFlux>>;

beforeAll(async () => {
  flux = await startFlux((namespace, version) => ({
    "gate/job.yaml": inNamespaces(job, namespace, "")
      .replace("REGISTRY/netverdict:TAG", cluster.image)
      .replace('"1.0.0"', JSON.stringify(version.number))
      .replace("--timeout, 4m", "--timeout, 40s"),
  }));
  await deployTest(flux.atWork.namespace);
}, 1_800_000);
afterAll(async () => flux.stop());

/** As the page says: the Job of the first attempt must be gone. */
async function jobIsDeleted(): Promise<void> {
  const flags = [`--namespace=${flux.atWork.namespace}`, "--timeout=100s"];
  await kubectl(["wait", "--for=delete", "job/connectivity", ...flags], { seconds: 105 });
}

itGates(() => {
  const { atWork } = flux;
  return {
    ...atWork,
    retry: async (version) => {
      await jobIsDeleted();
      return atWork.retry(version);
    },
  };
});
