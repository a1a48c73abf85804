import { parseAllDocuments } from "yaml";
import { z } from "zod";

const variableSchema = z.looseObject({ name: z.string() });
const containerSchema = z.looseObject({ env: z.array(variableSchema).default([]) });
const deploymentSchema = z.looseObject({
  kind: z.literal("Deployment"),
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(containerSchema) }) }),
  }),
});

/** The manifest with these variables in every container of its Deployments, instead of those of the same names. */
export function withEnvironment(manifest: string, environment: Readonly<Record<string, string>>): string {
  return parseAllDocuments(manifest)
    .map((document) => JSON.stringify(changed(document.toJS(), environment)))
    .join("\n---\n");
}

function changed(object: unknown, environment: Readonly<Record<string, string>>): unknown {
  const deployment = deploymentSchema.safeParse(object);
  if (!deployment.success) return object;
  const given = Object.entries(environment).map(([name, value]) => ({ name, value }));
  for (const container of deployment.data.spec.template.spec.containers)
    container.env = [...container.env.filter(({ name }) => !(name in environment)), ...given];
  return deployment.data;
}
