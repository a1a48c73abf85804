import { join } from "node:path";

import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { kustomize } from "../kube/kustomize.ts";
import { kubectl } from "../harness/scenario.ts";

const MANIFESTS = join(import.meta.dirname, "../../manifests");
const REFERENCE = `registry.example.com/netverdict@sha256:${"4f5d".repeat(16)}`;

const deploymentSchema = z.object({
  kind: z.literal("Deployment"),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            image: z.string(),
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
          }),
        ]),
      }),
    }),
  }),
});
const policySchema = z.object({
  kind: z.literal("ValidatingAdmissionPolicy"),
  metadata: z.object({ name: z.literal("netverdict-operator") }),
  spec: z.object({ variables: z.array(z.object({ name: z.string(), expression: z.string() })) }),
});

it("an image that is pinned by its digest is that of the operator, of the probe pods, and of what the admission policy admits", async () => {
  const manifest = await kustomize(kubectl, MANIFESTS, { netverdict: REFERENCE });
  const objects: unknown[] = parseAllDocuments(manifest).map((document) =>
    z.unknown().parse(document.toJS()),
  );
  const [deployment] = objects.flatMap((one) => deploymentSchema.safeParse(one).data ?? []);
  const [policy] = objects.flatMap((one) => policySchema.safeParse(one).data ?? []);
  const [container] = deployment?.spec.template.spec.containers ?? [];
  const nameOfProbes = container?.env.find(({ name }) => name === "NETVERDICT_PROBE_IMAGE")?.value;
  const expression = policy?.spec.variables.find(({ name }) => name === "image")?.expression;
  expect([container?.image, nameOfProbes, expression]).toEqual([REFERENCE, REFERENCE, `'${REFERENCE}'`]);
  await kubectl(["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"], {
    input: manifest,
  });
});
